// Mallory's agent would be taken for another one: over a connection that was opened in that one's name, or with its SVID.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type House, only, openHouse, order } from '../house.ts';
import { type RawAgent, rawAgent } from '../raw-agent.ts';
import { type Known, startIssuing, svidUpstream } from '../svid-upstream.ts';

const audience = 'https://ledger.acme.example';
let upstream: Awaited<ReturnType<typeof svidUpstream>>;
let house: House;
let workers: readonly { readonly agent: RawAgent; readonly token: string; readonly name: string }[];

before(async () => {
  upstream = await svidUpstream(audience);
  house = await openHouse({
    upstream: upstream.origin,
    env: { AMBIT_TRUST_DOMAIN: 'acme.example', AMBIT_AGENT_CALLS_PER_SECOND: '1000' },
  });
  const [given] = await house.ada.operator.credentials.list();
  await house.ada.operator.credentials.disable(given!.id, 'SVIDs take its place.');
  await startIssuing(house);
  workers = await Promise.all(
    [house.refundBot, house.lookupBot, house.malloryBot].map(async (bot) => {
      const agent = await rawAgent(house, bot);
      const authority = [only('shop:orders.get', 'path.orderId', order)];
      const token = await agent.accept(await house.openTask({ agent: bot.id, authority }));
      return { agent, token, name: `spiffe://acme.example/agent/${bot.id}` };
    }),
  );
});
after(async () => {
  await house.close();
  await upstream.close();
});

const look = ({ agent, token }: (typeof workers)[number], more: object = {}) =>
  agent.call(token, 'GET', `/api/shop/orders/${order}`, more);
const store = (kind: 'x509-svid' | 'jwt-svid', place?: string) =>
  house.ada.operator.credentials.store({
    name: kind,
    kind,
    origins: [upstream.origin],
    api: 'shop',
    ...(place && { place }),
  });

/** Rounds of calls of all of them at once, so that each finds idle connections of the others. */
async function mixed(nameOf: (known: Known) => string | undefined): Promise<void> {
  upstream.seen.length = 0;
  for (let round = 0; round < 5; round++) {
    const answered = await Promise.all([...workers, ...workers].map((one) => look(one)));
    for (const one of answered) assert.equal(one.status, 200, await one.text());
  }
  const names = new Map<number, Set<string | undefined>>();
  for (const one of upstream.seen) names.set(one.connection, (names.get(one.connection) ?? new Set()).add(nameOf(one)));
  for (const of of names.values()) assert.equal(of.size, 1, [...of].join(' and '));
  const asked = upstream.seen.map(nameOf);
  for (const { name } of workers) assert.equal(asked.filter((one) => one === name).length, 10);
  assert.ok(names.size < upstream.seen.length, 'connections are used again');
}

test('no connection that shows the certificate of one serves another', async () => {
  await upstream.trust(house, { certificates: true });
  const { id } = await store('x509-svid');
  await mixed(({ shown }) => shown?.replace('URI:', ''));
  await house.ada.operator.credentials.disable(id, 'Tokens come next.');
});

test('no connection over which the JWT-SVID of one went serves another', async () => {
  await upstream.trust(house, { certificates: false });
  await store('jwt-svid', audience);
  await mixed(({ claims }) => claims?.sub);
});

test('an agent cannot put another’s in its place', async () => {
  const [victim, , mallory] = workers;
  const { bearer } = upstream.seen.find(({ claims }) => claims?.sub === victim?.name)!;
  upstream.seen.length = 0;
  await look(mallory!, {
    headers: { 'x-authorization': `Bearer ${bearer}`, 'proxy-authorization': `Bearer ${bearer}` },
  });
  for (const { claims } of upstream.seen) assert.equal(claims?.sub, mallory?.name);
});

test('one that the API sends back stays here, so that no agent ever holds its own', async () => {
  upstream.mirrors = true;
  const answered = await look(workers[2]!);
  const text = await answered.text().catch(() => 'cut');
  const { bearer } = upstream.seen.at(-1)!;
  assert.ok(bearer !== undefined && !text.includes(bearer.slice(-40)));
});
