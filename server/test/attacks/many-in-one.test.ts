// One permitted operation that is really many: a query language, a batch, a wildcard where an order number belongs.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { type House, openHouse, order, registerBot, wholeShop } from '../house.ts';
import { rawAgent } from '../raw-agent.ts';
import { callsOf, refundsPath, refused } from './witness.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

/** An agent that may do everything the shop offers: what is refused is refused for being many. */
async function trusted() {
  const bot = await registerBot(house.alice, `bot-${crypto.randomUUID().slice(0, 8)}`);
  const agent = await rawAgent(house, bot);
  const task = await house.openTask({ agent: bot.id, authority: wholeShop });
  return { agent, task, token: await agent.accept(task), seen: house.shop.requests().length };
}

test('an operation whose body chooses the operation is denied, whatever the task says', async () => {
  const { agent, task, token, seen } = await trusted();
  for (const query of ['orders', 'mutation { refundAll }', '* FROM payroll']) {
    const response = await agent.call(token, 'POST', '/api/shop/search', { body: { query } });
    const told = await refused(response, 'policy.denied');
    assert.match(told.detail, /raise it with whoever keeps the rules/);
    assert.doesNotMatch(told.detail, /opaque-is-denied/, 'the agent hears the name of the rule');
  }
  const [step] = await callsOf(house, task, 'shop:search.query');
  assert.match(step?.why.join(' ') ?? '', /opaque-is-denied/);
  assert.equal(house.shop.requests().length, seen);
});

test('the import says which operations are many, and which path could be read as another', async () => {
  const description = {
    openapi: '3.1.0',
    info: { title: 'Many', version: '1' },
    paths: {
      '/graphql': {
        post: {
          operationId: 'graphql',
          requestBody: { content: { 'application/json': { schema: { type: 'object' } } } },
          responses: { 200: { description: 'Anything.' } },
        },
      },
      '/$batch': {
        post: {
          operationId: 'batch',
          requestBody: { content: { 'multipart/mixed': { schema: { type: 'string' } } } },
          responses: { 200: { description: 'Anything.' } },
        },
      },
      '/orders/{id}': {
        get: {
          operationId: 'orders.get',
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
          responses: { 200: { description: 'An order.' } },
        },
      },
      '/orders/export': { get: { operationId: 'orders.export', responses: { 200: { description: 'All.' } } } },
    },
  };
  await house.ada.operator.catalog.import({
    name: 'many',
    text: JSON.stringify(description),
    server: 'https://many.example',
    zone: 'default',
    environment: 'test',
  });
  const { review } = await house.ada.operator.catalog.show('many');
  assert.deepEqual(review.opaque.toSorted(), ['many:batch', 'many:graphql']);
  assert.deepEqual(review.wideParameters, [{ action: 'many:orders.get', argument: 'path.id' }]);
});

/** A request line as it is written: no client in between tidies it up. */
function sentAsIs(path: string, headers: Record<string, string>): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(house.plane.agents);
  return new Promise((resolve, reject) => {
    const sending = request({ hostname, port, path, headers }, async (response) => {
      const chunks: Buffer[] = await response.toArray();
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
    });
    sending.on('error', reject).end();
  });
}

for (const [what, segment] of Object.entries({
  'a list': '1,2,3',
  'another list': '1042;1043',
  'a wildcard': '*',
  'a range': '1040..1050',
  'a word': 'export',
  'a word for oneself': 'me',
  'an encoded slash': '1042%2Frefunds',
  'a way up': '..%2F..%2Fpayroll',
  'a dot segment': '../payroll',
  'a double encoding': '1042%252Frefunds',
  'an encoded NUL': '1042%00',
  'a matrix parameter': '1042;expand=all',
  'the digits of another script': '%D9%A1%D9%A0%D9%A4%D9%A2',
  nothing: '',
})) {
  test(`where an order number belongs, ${what} is refused`, async () => {
    const { agent, token, seen } = await trusted();
    const path = `/api/shop/orders/${segment}`;
    const dpop = await agent.proof('GET', `${house.plane.agents}${path}`, { token });
    const { status, text } = await sentAsIs(path, { authorization: `DPoP ${token}`, dpop });
    assert.ok([400, 404].includes(status), `${status} ${text}`);
    assert.match(JSON.parse(text).code, /^catalog\./);
    assert.equal(house.shop.requests().length, seen, text);
  });
}

test('a batch of bodies is no body, and a second query no query', async () => {
  const { agent, token, seen } = await trusted();
  const one = { amount: '1.00', currency: 'USD' };
  for (const body of [[one, one], { items: [one, one] }, { ...one, and: one }]) {
    const response = await agent.call(token, 'POST', refundsPath, { body });
    assert.equal(response.status, 400, await response.text());
  }
  for (const query of [
    'limit=1&limit=100',
    'limit=1&expand=customer',
    'limit[]=1',
    '$expand=payroll',
    'limit=1;limit=9',
  ])
    assert.equal((await agent.call(token, 'GET', `/api/shop/orders?${query}`)).status, 400, query);
  assert.equal(house.shop.requests().length, seen);
});

test('one order is still one order', async () => {
  const { agent, token } = await trusted();
  assert.equal((await agent.call(token, 'GET', `/api/shop/orders/${order}`)).status, 200);
});
