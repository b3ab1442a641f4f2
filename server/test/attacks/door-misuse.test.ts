// The door of nginx sees no body, lends nothing and reserves nothing, and anyone on the network can reach it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Authority } from '@ambit/protocol';
import { type House, only, openHouse, order } from '../house.ts';
import { atWork, type Working } from './questions.ts';
import { refused, stepsOf } from './witness.ts';

const proxied = 'https://orders.acme.example';
let house: House;
let secret: string;
let working: Working;
let credential: Awaited<ReturnType<House['ada']['operator']['credentials']['list']>>[number];

/** Reads with a bound on their number, and refunds. */
const authority: Authority = [
  { ...only('shop:orders.get', 'path.orderId', order), limits: [{ calls: 5 }] },
  only('shop:shipping.get', 'path.orderId', order),
  { ...only('shop:refunds.list', 'path.orderId', order), asks: [{ always: true, reason: 'Look first.' }] },
  { type: 'ambit_grant', actions: ['shop:refunds.create', 'shop:orders.note'] },
];

before(async () => {
  house = await openHouse();
  const point = await house.ada.operator.points.register({ name: 'nginx', kind: 'auth-request' });
  secret = point.secret ?? '';
  working = await atWork(house, { authority });
  credential = (await house.ada.operator.credentials.list())[0]!;
});
after(() => house.close());

type Asked = {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly proof?: string;
  readonly token?: string;
};

async function ask({
  method = 'GET',
  path = `/orders/${order}`,
  headers = {},
  proof,
  token = working.token,
}: Asked = {}) {
  const url = `${proxied}${path}`;
  return fetch(`${house.plane.agents}/auth-request`, {
    headers: {
      'ambit-point': secret,
      'ambit-api': 'shop',
      'x-original-url': url,
      'x-original-method': method,
      authorization: `DPoP ${token}`,
      dpop: proof ?? (await working.agent.proof(method, url, { token })),
      ...headers,
    },
  });
}

test('while a credential would have to be lent, the door sends everyone to the gateway', async () => {
  await refused(await ask(), 'gateway.needs_gateway');
  await house.ada.operator.credentials.disable(credential.id, 'The proxy has its own way in.');
});

test('without body, sum, question and loan the door hands over, and the log calls it that', async () => {
  const response = await ask();
  assert.equal(response.status, 200, await response.text());
  const step = (await stepsOf(house, working.task)).find((one) => one.entry === response.headers.get('ambit-entry'));
  assert.deepEqual([step?.decided, step?.code, step?.outcome], ['permit', 'handed_over', null]);
  assert.match(response.headers.get('ambit-receipt') ?? '', /^index=\d+, leaf=:.{44}:, size=\d+$/);
  assert.equal(house.shop.requests().length, 0, 'the door sent something itself');
});

test('what depends on a body, a sum or a person needs the gateway', async () => {
  for (const [method, path] of [
    ['POST', `/orders/${order}/refunds`],
    ['POST', `/orders/${order}/notes`],
    ['GET', `/orders/${order}/refunds`],
  ] as const) {
    const told = await refused(await ask({ method, path }), 'gateway.needs_gateway');
    assert.match(told.detail, /through the gateway/);
    assert.ok(told.entry, `${method} ${path} left no entry`);
  }
});

test('the door answers its proxy alone', async () => {
  for (const wrong of ['', `${secret}x`, working.token, `Bearer ${secret}`]) {
    assert.equal((await ask({ headers: { 'ambit-point': wrong } })).status, 401, wrong);
  }
  const edge = await house.ada.operator.points.register({ name: 'edge', kind: 'authzen' });
  await refused(await ask({ headers: { 'ambit-point': edge.secret ?? '' } }), 'enforcement_point.unauthenticated');
});

test('the proof is for the very request the proxy saw, and works once', async () => {
  const url = `${proxied}/orders/${order}`;
  const proof = await working.agent.proof('GET', url, { token: working.token });
  assert.equal((await ask({ proof })).status, 200);
  assert.equal((await ask({ proof })).status, 401);
  const wrong = [
    await working.agent.proof('POST', url, { token: working.token }),
    await working.agent.proof('GET', `${proxied}/orders/1043`, { token: working.token }),
    await working.agent.proof('GET', `https://mallory.example/orders/${order}`, { token: working.token }),
    await working.agent.proof('GET', `${house.plane.agents}/api/shop/orders/${order}`, { token: working.token }),
    await working.agent.proof('GET', url),
  ];
  for (const one of wrong) assert.equal((await ask({ proof: one })).status, 401);
});

test('a path that could be read in two ways, or leaves the API, is not handed over', async () => {
  const paths = [
    `/orders/${order}/../1043`,
    `/orders/${order}%2f..%2f1043`,
    `//orders/${order}`,
    `/orders/${order}/`,
    '/payroll',
    `/orders/${order}?x=1`,
  ];
  for (const path of paths) {
    const response = await ask({ path });
    assert.ok([401, 403].includes(response.status), `${path} was answered ${response.status}`);
  }
  await refused(await ask({ path: '/orders/1043' }), 'authority.not_covered');
});

test('a call of the budget that the door hands over is spent, and no sixth is', async () => {
  const statuses = [];
  for (let i = 0; i < 5; i++) statuses.push((await ask()).status);
  assert.deepEqual(statuses, [200, 200, 200, 403, 403]);
});

test('a revoked token opens nothing at the door either', async () => {
  const path = `/orders/${order}/shipping`;
  assert.equal((await ask({ path })).status, 200);
  const { jti } = JSON.parse(Buffer.from(working.token.split('.')[1] ?? '', 'base64url').toString()) as { jti: never };
  await house.ada.operator.tasks.revokeToken(jti, 'It was seen in a log.');
  assert.equal((await ask({ path })).status, 401);
});

test('a key that was revoked opens nothing, whatever tokens it still has', async () => {
  const path = `/orders/${order}/shipping`;
  const token = await working.agent.taskToken(working.task);
  assert.equal((await ask({ path, token })).status, 200);
  const { keys } = await house.alice.operator.agents.show(house.refundBot.id);
  await house.alice.operator.agents.revokeKey(house.refundBot.id, keys[0]!.id);
  assert.equal((await ask({ path, token })).status, 401);
});
