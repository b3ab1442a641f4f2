/** RFC 9457 (Problem Details): every refusal outside OAuth, on both listeners, in one form that a program can read. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isRefusalCode } from '@ambit/protocol';
import { type House, openHouse, order } from '../house.ts';
import { type RawAgent, rawAgent } from '../raw-agent.ts';

let house: House;
let agent: RawAgent;
let token: string;
before(async () => {
  house = await openHouse();
  agent = await rawAgent(house, house.refundBot);
  token = await agent.accept(await house.openTask());
});
after(() => house.close());

type Problem = { type: string; title: string; status: number; detail: string; code: string; entry?: string };

async function problemIn(response: Response): Promise<Problem> {
  const text = await response.text();
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json(;|$)/, text);
  return JSON.parse(text) as Problem;
}

const refund = `/api/shop/orders/${order}/refunds`;
const refusals: readonly (readonly [string, number, string, () => Promise<Response>])[] = [
  ['no token', 401, 'token.missing', () => fetch(`${house.plane.agents}/api/shop/orders/${order}`)],
  ['an order outside the task', 403, 'authority.not_covered', () => agent.call(token, 'GET', '/api/shop/orders/1043')],
  ['an API that is not there', 404, 'gateway.api_unknown', () => agent.call(token, 'GET', '/api/nothing/x')],
  ['a path with two meanings', 400, 'catalog.', () => agent.call(token, 'GET', '/api/shop/orders/..%2fpayroll')],
  ['JSON that is none', 400, '', () => agent.call(token, 'POST', refund, { rawBody: '{' })],
  [
    'a key that comes twice',
    400,
    '',
    () => agent.call(token, 'POST', refund, { rawBody: '{"amount":"1","amount":"2"}' }),
  ],
  [
    'a body type nobody declared',
    415,
    '',
    () => agent.call(token, 'POST', refund, { rawBody: 'x', contentType: 'text/plain' }),
  ],
  ['a route that is not there', 404, 'route.not_found', () => fetch(`${house.plane.agents}/v1/agent/nothing`)],
  ['a person without a session', 401, '', () => fetch(`${house.plane.people}/v1/tasks`)],
  [
    'a task of somebody else',
    404,
    'thing.not_found',
    () => agent.api(token, 'GET', `/v1/agent/approvals/apr_${'0'.repeat(26)}`),
  ],
  [
    'a path of people on the listener of agents',
    404,
    'route.not_found',
    () => fetch(`${house.plane.agents}/v1/persons`),
  ],
  [
    'a body larger than is read',
    413,
    'request.too_large',
    () =>
      agent.call(token, 'POST', refund, { rawBody: JSON.stringify({ amount: '1', reason: 'x'.repeat(1_100_000) }) }),
  ],
];

for (const [what, status, code, ask] of refusals) {
  test(`${what}: ${status}, as problem details`, async () => {
    const response = await ask();
    const problem = await problemIn(response);
    assert.equal(response.status, status, JSON.stringify(problem));
    // §3.1: type is a URI, title and detail are texts, status is that of the answer.
    assert.equal(problem.status, response.status);
    assert.ok(URL.canParse(problem.type), problem.type);
    assert.equal(problem.type, `urn:ambit:refusal:${problem.code}`);
    assert.ok(problem.title.length > 3 && problem.detail.length > 10);
    assert.ok(problem.code.startsWith(code), problem.code);
    assert.ok(isRefusalCode(problem.code), `${problem.code} is in the published table`);
  });
}

test('a title belongs to its type and does not change with the occurrence (§3.1.3)', async () => {
  const first = await problemIn(await agent.call(token, 'GET', '/api/shop/orders/1043'));
  const second = await problemIn(
    await agent.call(token, 'POST', refund, { body: { amount: '180.00', currency: 'USD' } }),
  );
  assert.equal(first.code, second.code);
  assert.equal(first.title, second.title);
  assert.notEqual(first.detail, second.detail);
});

test('a problem names the entry that recorded it, and the entry says the same', async () => {
  const { entry, code } = await problemIn(await agent.call(token, 'GET', '/api/shop/orders/1043'));
  const { header } = await house.carol.operator.log.entry(entry as never);
  assert.deepEqual([header.decision, header.code], ['deny', code]);
});

test('no problem tells what is for the log alone: rules, stores, stacks, secrets', async () => {
  for (const [, , , ask] of refusals) {
    const text = JSON.stringify(await problemIn(await ask()));
    assert.doesNotMatch(text, /\bat \/|node:|sqlite|Error:|\.ts:\d/);
    assert.ok(!text.includes(house.shopKey));
  }
});

test('a refusal is kept by no cache', async () => {
  const response = await agent.call(token, 'GET', '/api/shop/orders/1043');
  assert.match(response.headers.get('cache-control') ?? '', /no-store/);
});
