// An API knows the plane's trust domain: the gateway shows it an SVID of the agent that calls, which the agent never sees.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { NewCredential } from '@ambit/sdk/operator';
import { type House, only, openHouse, order } from '../house.ts';
import { type RawAgent, rawAgent } from '../raw-agent.ts';
import { startIssuing, svidUpstream } from '../svid-upstream.ts';

const audience = 'https://ledger.acme.example';
let upstream: Awaited<ReturnType<typeof svidUpstream>>;
let house: House;
let refunds: Working;
let lookups: Working;
type Working = { readonly agent: RawAgent; readonly task: string; readonly token: string; readonly name: string };

before(async () => {
  upstream = await svidUpstream(audience);
  house = await openHouse({ upstream: upstream.origin, env: { AMBIT_TRUST_DOMAIN: 'acme.example' } });
  const [given] = await house.ada.operator.credentials.list();
  await house.ada.operator.credentials.disable(given!.id, 'SVIDs take its place.');
});
after(async () => {
  await house.close();
  await upstream.close();
});

async function atWork(bot: House['refundBot']): Promise<Working> {
  const agent = await rawAgent(house, bot);
  const task = await house.openTask({ agent: bot.id, authority: [only('shop:orders.get', 'path.orderId', order)] });
  return { agent, task, token: await agent.accept(task), name: `spiffe://acme.example/agent/${bot.id}` };
}

const look = ({ agent, token }: Working) => agent.call(token, 'GET', `/api/shop/orders/${order}`);
const store = (kind: NewCredential['kind'], more: Partial<NewCredential> = {}) =>
  house.ada.operator.credentials.store({
    name: `shop-${kind}`,
    kind,
    origins: [upstream.origin],
    api: 'shop',
    ...more,
  });

test('a plane without keys for SVIDs stores no such credential, and says what would make them', async () => {
  for (const [kind, more] of [
    ['x509-svid', {}],
    ['jwt-svid', { place: audience }],
  ] as const) {
    await assert.rejects(store(kind, more), { code: 'svid.not_issued', message: /ambit keys rotate --svids/ });
  }
  await startIssuing(house);
  await upstream.trust(house, { certificates: true });
  [refunds, lookups] = [await atWork(house.refundBot), await atWork(house.lookupBot)];
});

test('what does not fit an SVID is not stored', async () => {
  const cases: [NewCredential['kind'], Partial<NewCredential>, RegExp][] = [
    ['x509-svid', { secret: 'a-secret-of-somebody' }, /no secret to store/],
    ['x509-svid', { place: audience }, /no place/],
    ['x509-svid', { origins: ['http://127.0.0.1:1'] }, /https origins only/],
    ['jwt-svid', {}, /the audience/],
    ['jwt-svid', { place: house.plane.agents }, /Name another audience/],
    ['bearer', {}, /needs its secret/],
  ];
  for (const [kind, more, says] of cases) await assert.rejects(store(kind, more), { message: says });
});

test('without it the API lets nobody in', async () => {
  assert.ok((await look(refunds)).status >= 500);
  assert.deepEqual(upstream.seen, []);
});

test('each agent is shown by its own name, with one certificate for all its calls', async () => {
  const { id } = await store('x509-svid');
  for (const one of [refunds, lookups, refunds]) {
    const answered = await look(one);
    assert.equal(answered.status, 200, await answered.text());
  }
  const shown = upstream.seen.map((one) => one.shown);
  assert.deepEqual(
    shown,
    [refunds.name, lookups.name, refunds.name].map((name) => `URI:${name}`),
  );
  assert.equal(upstream.seen[0]?.connection, upstream.seen[2]?.connection);
  await assert.rejects(house.ada.operator.credentials.rotate(id, 'a-secret-of-somebody'), { message: /no secret/ });
  await house.ada.operator.credentials.disable(id, 'The ledger takes tokens now.');
});

test('as JWT-SVID it is for one audience, and names the task', async () => {
  await upstream.trust(house, { certificates: false });
  upstream.seen.length = 0;
  await store('jwt-svid', { place: audience });
  assert.equal((await look(refunds)).status, 200);
  const claims = upstream.seen[0]?.claims as { sub: string; aud: string[]; mission: { id: string } };
  assert.deepEqual([claims.sub, claims.aud, claims.mission.id], [refunds.name, [audience], refunds.task]);
});

test('each that was made is an entry of the agent, with no SVID in it', async () => {
  const lines: string[] = [];
  for await (const line of await house.carol.operator.log.export({ details: true })) lines.push(JSON.stringify(line));
  const issued = lines.filter((line) => line.includes('token.svid-issued'));
  assert.equal(issued.length, 3);
  assert.ok(issued.every((line) => line.includes('gateway')));
  assert.equal(lines.join('\n').includes(upstream.seen[0]?.bearer ?? 'none'), false);
});

test('in the name of a suspended agent nothing is shown any more', async () => {
  upstream.seen.length = 0;
  await house.alice.operator.agents.suspend(house.refundBot.id, 'It asks for too much.');
  assert.equal((await look(refunds)).status, 401);
  assert.equal((await look(lookups)).status, 200);
  assert.deepEqual(
    upstream.seen.map(({ claims }) => claims?.sub),
    [lookups.name],
  );
});
