/** AuthZEN Authorization API 1.0: one decision, several, and transport, as an enforcement point sees them. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { newKey } from '@ambit/sdk/operator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { calculateJwkThumbprint, importJWK, SignJWT } from 'jose';
import { type House, openHouse, order, publicHalf } from '../../house.ts';
import { type RawAgent, rawAgent } from '../../raw-agent.ts';

const corpus = join(
  process.env.AMBIT_CORPORA ?? resolve(import.meta.dirname, '../../../../../shared/corpora'),
  'authzen',
);
const corpusFile = (name: string) => JSON.parse(readFileSync(join(corpus, name), 'utf8'));
const skip = existsSync(corpus) ? false : `no AuthZEN corpus at ${corpus}: set AMBIT_CORPORA`;

let house: House;
let agent: RawAgent;
let token: string;
let task: string;
let point: string;
let secret: string;
before(async () => {
  house = await openHouse();
  const { text } = await house.ada.operator.policies.show(1);
  await house.ada.operator.policies.publish(`${text}\n${personsReadOrders}`);
  const registered = await house.ada.operator.points.register({ name: 'shop-guard', kind: 'authzen' });
  [point, secret] = [registered.id, registered.secret ?? ''];
  agent = await rawAgent(house, house.refundBot);
  const id = await house.openTask();
  task = id;
  token = await agent.accept(id);
});
after(() => house.close());

/** With the default rules nobody is permitted anything without a task; this is a rule of the organisation's own. */
const personsReadOrders = `
@id("persons-read-orders")
@reason("Support may look at orders.")
permit (principal is Person, action == Action::"shop:orders.get", resource);
`;

type Answer = { decision: boolean; context: Record<string, unknown> };
type Asked = { readonly headers?: Record<string, string>; readonly path?: string };

function post(body: string, { headers = {}, path = '/access/v1/evaluation' }: Asked = {}): Promise<Response> {
  return fetch(`${house.plane.agents}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}`, ...headers },
    body,
  });
}

async function evaluate(request: object): Promise<Answer> {
  const response = await post(JSON.stringify(request));
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as Answer;
}

async function evaluateAll(request: object): Promise<Answer[]> {
  const response = await post(JSON.stringify(request), { path: '/access/v1/evaluations' });
  assert.equal(response.status, 200, await response.clone().text());
  return ((await response.json()) as { evaluations: Answer[] }).evaluations;
}

const reading = (orderId: string) => ({
  subject: { type: 'person', id: house.alice.id },
  action: { name: 'shop:orders.get', properties: { arguments: { 'path.orderId': orderId } } },
  resource: { type: 'order', id: orderId },
});
const refunding = (amount: string, orderId = order) => ({
  subject: { type: 'agent', id: house.refundBot.id },
  action: {
    name: 'shop:refunds.create',
    properties: { arguments: { 'path.orderId': orderId, 'body.amount': amount, 'body.currency': 'USD' } },
  },
  resource: { type: 'order', id: orderId },
  context: { task },
});

test('without a task the rules alone decide, and the answer is marked so', async () => {
  const yes = await evaluate(reading(order));
  assert.equal(yes.decision, true);
  assert.deepEqual([yes.context.basis, yes.context.kind], ['rules', 'permit']);
  const no = await evaluate({ ...refunding('10.00'), context: {} });
  assert.equal(no.decision, false);
  assert.equal(no.context.basis, 'rules');
});

test('with a task the decision is the one that the gateway gives for the same call', async () => {
  const rows = [
    ['30.00', order],
    ['80.00', order],
    ['180.00', order],
    ['10.00', '1043'],
  ] as const;
  for (const [amount, orderId] of rows) {
    const { decision, context } = await evaluate(refunding(amount, orderId));
    const body = { amount, currency: 'USD' };
    const { status } = await agent.call(token, 'POST', `/api/shop/orders/${orderId}/refunds`, { body });
    const kind = { 201: 'permit', 202: 'ask', 403: 'deny' }[status];
    assert.deepEqual(
      [context.basis, context.kind, decision],
      ['task', kind, kind === 'permit'],
      `${amount} ${orderId}`,
    );
  }
});

test('asking spends nothing: twenty answers later the budget is as it was', async () => {
  const fresh = await house.openTask();
  await agent.accept(fresh);
  const asked = { ...refunding('40.00'), context: { task: fresh } };
  for (let i = 0; i < 20; i++) assert.equal((await evaluate(asked)).decision, true);
});

test('a decision is never a sealed permit: it opens nothing at the gateway', async () => {
  const before = house.shop.ledger().length;
  const { context } = await evaluate(refunding('5.00'));
  assert.deepEqual(Object.keys(context).sort(), ['basis', 'evaluation_id', 'kind', 'reason']);
  assert.equal(house.shop.ledger().length, before);
});

test('every decision is an entry under the name of the point that asked', async () => {
  const { context } = await evaluate(reading(order));
  const { header } = await house.carol.operator.log.entry(context.evaluation_id as never);
  assert.equal(header.kind, 'authzen.evaluated');
  assert.equal(header.who.initiator, point);
});

test('a task of another agent, an ended one and one that never was permit nothing', async () => {
  const ended = await house.openTask();
  await agent.accept(ended);
  await house.alice.operator.tasks.revoke(ended, 'Taken back.');
  for (const one of [ended, `tsk_${'0'.repeat(26)}`, 'x', 7, null]) {
    const answer = await evaluate({ ...refunding('10.00'), context: { task: one } });
    assert.equal(answer.decision, false, String(one));
  }
  const other = { type: 'agent', id: house.lookupBot.id };
  assert.equal((await evaluate({ ...refunding('10.00'), subject: other })).decision, false);
});

test('an unknown action or subject is a plain no, with status 200', async () => {
  const unknown = await evaluate({ ...reading(order), action: { name: 'shop:teleport' } });
  assert.equal(unknown.decision, false);
  const nobody = await evaluate({ ...reading(order), subject: { type: 'agent', id: 'nobody' } });
  assert.equal(nobody.decision, false);
});

test('fields that the standard does not know are ignored', async () => {
  const request = reading(order);
  const more = { ...request, colour: 'green', subject: { ...request.subject, shoe: 42 } };
  assert.equal((await evaluate(more)).decision, true);
});

test('X-Request-ID comes back, with answers and with refusals; what is no id does not', async () => {
  const headers = { 'x-request-id': 'bfe9eb29-ab87-4ca3-be83-a1d5d8305716' };
  for (const body of [JSON.stringify(reading(order)), '{', '{}']) {
    assert.equal((await post(body, { headers })).headers.get('x-request-id'), headers['x-request-id'], body);
  }
  const stranger = await post(JSON.stringify(reading(order)), { headers: { ...headers, authorization: 'Bearer x' } });
  assert.deepEqual([stranger.status, stranger.headers.get('x-request-id')], [401, headers['x-request-id']]);
  const odd = await post(JSON.stringify(reading(order)), { headers: { 'x-request-id': 'a b' } });
  assert.equal(odd.headers.get('x-request-id'), null);
  assert.equal((await post(JSON.stringify(reading(order)))).headers.get('x-request-id'), null);
});

const malformed: readonly (readonly [string, () => unknown])[] = [
  ['no subject', () => ({ ...reading(order), subject: undefined })],
  ['no action', () => ({ ...reading(order), action: undefined })],
  ['no resource', () => ({ ...reading(order), resource: undefined })],
  ['no subject type', () => ({ ...reading(order), subject: { id: 'x' } })],
  ['no subject id', () => ({ ...reading(order), subject: { type: 'agent' } })],
  ['no action name', () => ({ ...reading(order), action: {} })],
  ['no resource type', () => ({ ...reading(order), resource: { id: 'x' } })],
  ['no resource id', () => ({ ...reading(order), resource: { type: 'x' } })],
  ['a subject that is a text', () => ({ ...reading(order), subject: 'alice' })],
  ['a subject id that is a number', () => ({ ...reading(order), subject: { type: 'agent', id: 7 } })],
  ['an action that is a list', () => ({ ...reading(order), action: ['read'] })],
  [
    'properties that are a text',
    () => ({ ...reading(order), subject: { ...reading(order).subject, properties: 'x' } }),
  ],
  ['a context that is a list', () => ({ ...reading(order), context: [] })],
  [
    'arguments that are a text',
    () => ({ ...reading(order), action: { name: 'shop:orders.get', properties: { arguments: 'x' } } }),
  ],
  ['a list', () => [reading(order)]],
  ['null', () => null],
];
for (const [what, request] of malformed) {
  test(`${what}: 400, as problem details that name the place`, async () => {
    const response = await post(JSON.stringify(request()));
    assert.equal(response.status, 400);
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
    assert.ok(((await response.json()) as { detail: string }).detail.length > 10);
  });
}

test('a body that is empty, broken, twice the same key, or no JSON by its type: 400', async () => {
  const good = JSON.stringify(reading(order));
  for (const body of ['', '{', '{"subject":{},"subject":{}}', 'x']) assert.equal((await post(body)).status, 400, body);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', '']) {
    assert.equal((await post(good, { headers: { 'content-type': type } })).status, 400, type);
  }
});

test('a body that is not UTF-8: 400', async () => {
  const bytes = Buffer.from(JSON.stringify(reading(order)).replace('order', 'ord\xe9r'), 'latin1');
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${secret}` };
  const response = await fetch(`${house.plane.agents}/access/v1/evaluation`, { method: 'POST', headers, body: bytes });
  assert.equal(response.status, 400);
});

test('only registered points are answered, and not those of another kind', async () => {
  const nginx = await house.ada.operator.points.register({ name: 'nginx', kind: 'auth-request' });
  const body = JSON.stringify(reading(order));
  for (const authorization of ['', 'Bearer guess', `DPoP ${token}`, `Bearer ${token}`, `Bearer ${nginx.secret}`]) {
    const response = await post(body, { headers: { authorization } });
    assert.equal(response.status, 401, authorization.slice(0, 20));
  }
});

test('a point proves itself by a key as well, once per assertion', async () => {
  const key = await newKey('ES256');
  const { id } = await house.ada.operator.points.register({ name: 'keyed', kind: 'authzen', jwk: publicHalf(key) });
  const iat = Math.floor(Date.now() / 1000);
  const assertion = await new SignJWT({ iss: id, sub: id, aud: house.plane.agents, iat, exp: iat + 50, jti: 'once' })
    .setProtectedHeader({ alg: 'ES256', kid: await calculateJwkThumbprint(publicHalf(key) as never) })
    .sign(await importJWK(key as never, 'ES256'));
  const headers = { authorization: `Bearer ${assertion}` };
  assert.equal((await post(JSON.stringify(reading(order)), { headers })).status, 200);
  assert.equal((await post(JSON.stringify(reading(order)), { headers })).status, 401);
});

test('several evaluations answer in order, each key of an item replacing the default whole', async () => {
  const { subject, action, resource } = reading(order);
  const answers = await evaluateAll({
    subject,
    action,
    evaluations: [{ resource }, { resource, action: { name: 'shop:teleport' } }, { resource }],
  });
  assert.deepEqual(
    answers.map((one) => one.decision),
    [true, false, true],
  );
});

const semantics = [
  ['execute_all', [true, false, true, false]],
  ['deny_on_first_deny', [true, false]],
  ['permit_on_first_permit', [true]],
  [undefined, [true, false, true, false]],
] as const;
for (const [semantic, expected] of semantics) {
  test(`evaluations under ${semantic ?? 'the default'}: ${expected.length} of four are answered`, async () => {
    const good = reading(order);
    const bad = { ...good, action: { name: 'shop:teleport' } };
    const options = semantic === undefined ? {} : { options: { evaluations_semantic: semantic } };
    const answers = await evaluateAll({ ...options, evaluations: [good, bad, good, bad] });
    assert.deepEqual(
      answers.map((one) => one.decision),
      expected,
    );
  });
}

test('permit_on_first_permit goes on past denials', async () => {
  const bad = { ...reading(order), action: { name: 'shop:teleport' } };
  const options = { evaluations_semantic: 'permit_on_first_permit' };
  const answers = await evaluateAll({ options, evaluations: [bad, bad, reading(order), bad] });
  assert.deepEqual(
    answers.map((one) => one.decision),
    [false, false, true],
  );
});

test('a bad item is a denial of that item alone, with the error in its context', async () => {
  const wrongArguments = { name: 'shop:orders.get', properties: { arguments: 1 } };
  const bad = [7, {}, { ...reading(order), subject: 'x' }, { ...reading(order), action: wrongArguments }];
  const answers = await evaluateAll({ evaluations: [...bad, reading(order)] });
  for (const { decision, context } of answers.slice(0, -1)) {
    assert.equal(decision, false);
    assert.equal((context.error as { status: number }).status, 400);
  }
  assert.equal(answers.length, bad.length + 1);
  assert.equal(answers.at(-1)?.decision, true);
});

test('no evaluations in the list is one evaluation of the defaults', async () => {
  for (const evaluations of [[], undefined]) {
    const response = await post(JSON.stringify({ ...reading(order), evaluations }), { path: '/access/v1/evaluations' });
    assert.equal(((await response.json()) as Answer).decision, true);
  }
});

test('a semantic that is not known, evaluations that are no list, or too many: 400', async () => {
  const path = '/access/v1/evaluations';
  const wrong = [
    { ...reading(order), evaluations: [{}], options: { evaluations_semantic: 'majority' } },
    { ...reading(order), evaluations: {} },
    { ...reading(order), evaluations: [{}], options: 'x' },
    { ...reading(order), evaluations: Array.from({ length: 101 }, () => ({})) },
  ];
  for (const one of wrong) assert.equal((await post(JSON.stringify(one), { path })).status, 400);
});

test('requests and answers keep to the published schemas, and the interop’s requests are all understood', {
  skip,
}, async () => {
  const ajv = new Ajv2020({ strict: false });
  const isRequest = ajv.compile(corpusFile('evaluation-request.schema.json'));
  const isResponse = ajv.compile(corpusFile('evaluation-response.schema.json'));
  const ours = [reading(order), refunding('10.00'), refunding('180.00')];
  const theirs = (corpusFile('todo.decisions.json') as { evaluation: { request: object }[] }).evaluation;
  assert.ok(theirs.length >= 40);
  for (const request of [...ours, ...theirs.map((one) => one.request)]) {
    assert.ok(isRequest(request), JSON.stringify(isRequest.errors));
    const answer = await evaluate(request);
    assert.ok(isResponse(answer), JSON.stringify(isResponse.errors));
    if (!ours.includes(request as never)) assert.equal(answer.decision, false, 'no such action is in the catalog');
  }
});
