// Mallory's firm breaks, floods, hangs and overruns whatever it can reach, and hopes that ours is behind the same gate.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Authority } from '@ambit/protocol';
import { type House, only, openHouse, order, type Player, registerBot } from '../house.ts';
import { type RawAgent, rawAgent } from '../raw-agent.ts';
import { openUmbra } from './neighbours.ts';
import { tenantOf, whileDown } from './offline.ts';
import { answer, type Heard, handmadeUpstream, oneOfMany, refundsUpTo, type Upstream, until } from './witness.ts';

type Working = { readonly agent: RawAgent; readonly token: string };

let house: House;
let upstream: Upstream;
let mallory: Player;
let mel: Player;
/** What becomes of a request of each firm: ours comes with a credential, hers without. */
let hers: (heard: Heard) => unknown;
const fine = ({ line, socket }: Heard) => answer(socket, line.startsWith('GET ') ? 200 : 201, { id: order });

before(async () => {
  hers = fine;
  upstream = await handmadeUpstream((heard) => (heard.headers.has('authorization') ? fine : hers)(heard));
  house = await openHouse({
    upstream: upstream.url,
    env: {
      AMBIT_OUTBOUND_PRIVATE_ALLOWED: '127.0.0.0/8',
      AMBIT_APPROVALS_PENDING_MAX: '3',
      AMBIT_UPSTREAM_TIMEOUT_SECONDS: '2',
      AMBIT_AGENT_CALLS_PER_SECOND: '50',
    },
  });
  ({ mallory, mel } = await openUmbra(house, upstream.url));
});
after(async () => {
  await house.close();
  await upstream.close();
});

const authority: Authority = [
  ...refundsUpTo('250.00'),
  only('shop:orders.get', 'path.orderId', order),
  only('shop:shipping.get', 'path.orderId', order),
];

let bots = 0;
async function working(owner: Player, granted = authority): Promise<Working> {
  const bot = await registerBot(owner, `bot-${++bots}`);
  const agent = await rawAgent(house, bot);
  const purpose = { type: 'support', text: 'Look around.' };
  const opened = await owner.operator.tasks.open({ agent: bot.id, purpose, ttlSeconds: 600, authority: granted });
  return { agent, token: await agent.accept(opened.id) };
}

const read = ({ agent, token }: Working, what = '') => agent.call(token, 'GET', `/api/shop/orders/${order}${what}`);

test('her API fails until it rests for her whole firm, and the same action at the same address works for ours', async () => {
  const [ours, one, two] = [await working(house.alice), await working(mel), await working(mel)];
  hers = ({ socket }) => answer(socket, 500, {});
  const heard: number[] = [];
  for (let i = 0; i < 8; i++) heard.push((await read(i % 2 === 0 ? one : two)).status);
  const third = await read(await working(mel));
  assert.equal(third.status, 503, `her own firm was not given a rest: ${heard}`);
  hers = fine;
  assert.equal((await read(ours)).status, 200);
  assert.equal((await read(await working(house.alice))).status, 200);
});

test('her agent calls as fast as it can until it is told to wait, and ours goes at its own pace', async () => {
  const [ours, theirs] = [await working(house.alice), await working(mel)];
  const all = await Promise.all(Array.from({ length: 220 }, () => read(theirs, '/shipping')));
  assert.ok(
    all.some(({ status }) => status === 429),
    'she was never told to wait',
  );
  assert.equal((await read(ours, '/shipping')).status, 200);
});

test('her agent has as many open questions as it may, and ours still asks', async () => {
  const asks = [{ always: true as const, reason: 'A person looks at each.' }];
  const asking: Authority = refundsUpTo('250.00').map((grant) => ({ ...grant, asks }));
  const [ours, theirs] = [await working(house.alice, asking), await working(mel, asking)];
  const all: number[] = [];
  for (let i = 0; i < 5; i++) all.push((await oneOfMany(theirs.agent, theirs.token, '1.00', `${i}`)).status);
  assert.deepEqual(all.slice(0, 3), [202, 202, 202]);
  assert.ok(
    all.slice(3).every((status) => status >= 400),
    `${all}`,
  );
  assert.equal((await oneOfMany(ours.agent, ours.token, '1.00', 'first')).status, 202);
  assert.deepEqual(
    (await house.bob.operator.approvals.list()).map(({ requester }) => requester),
    [house.alice.id],
  );
});

test('her API hangs on every connection she may have, and ours does not stand in that line', async () => {
  const [ours, theirs] = [await working(house.alice), await Promise.all([1, 2, 3, 4].map(() => working(mel)))];
  const from = upstream.heard.length;
  hers = () => undefined;
  const hanging = theirs.flatMap((one) => Array.from({ length: 30 }, () => read(one, '/shipping')));
  const over = Promise.allSettled(hanging);
  await until('that all of her connections hang', () => (upstream.heard.length - from >= 64 ? true : undefined));
  const before = performance.now();
  for (let i = 0; i < 3; i++) assert.equal((await read(ours, '/shipping')).status, 200);
  const took = performance.now() - before;
  let isOver = false;
  over.then(() => {
    isOver = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isOver, false, `ours waited until hers were over (${took} ms)`);
  await over;
  hers = fine;
});

test('what nobody proved in her name is counted in her log, and what nobody proved in ours in ours', async () => {
  const [ours, theirs] = [await working(house.alice), await working(mel)];
  const bearer = (token: string) =>
    fetch(`${house.plane.agents}/api/shop/orders/${order}`, { headers: { authorization: `Bearer ${token}` } });
  for (let i = 0; i < 40; i++) assert.equal((await bearer(theirs.token)).status, 401);
  for (let i = 0; i < 2; i++) assert.equal((await bearer(ours.token)).status, 401);
  const tenants = [await tenantOf(house), (await mallory.operator.me()).tenant];
  const counts = await whileDown(house, ({ database }) =>
    Promise.all(
      tenants.map(async (tenant) => {
        const first = await database.log.entries(tenant, { kind: 'call.refused', limit: 1000 });
        const more = await database.log.entries(tenant, { kind: 'call.refused-more', limit: 1000 });
        const bare = [...first, ...more].filter(({ header }) => header.code === 'token.bearer_refused');
        return bare.reduce((sum, one) => {
          const { more: counted } = (database.log.open(one)?.detail ?? {}) as { more?: number };
          return sum + (one.header.kind === 'call.refused' ? 1 : (counted ?? 0));
        }, 0);
      }),
    ),
  );
  assert.deepEqual(counts, [2, 40]);
});
