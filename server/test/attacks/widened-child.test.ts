// At every depth of a chain the next hand wants more: an action, a bound, time, a name in front of its own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Authority, RefusalCode, TaskId } from '@ambit/protocol';
import fc from 'fast-check';
import { type House, only, openHouse, order } from '../house.ts';
import { exchangeForm, type RawAgent, rawAgent, tokenOf } from '../raw-agent.ts';
import { atWork } from './questions.ts';
import { oneOfMany, refundsUpTo } from './witness.ts';

let house: House;
let bots: readonly RawAgent[];
before(async () => {
  house = await openHouse({ env: { AMBIT_AGENT_CALLS_PER_SECOND: '1000' } });
  bots = await Promise.all([house.lookupBot, house.malloryBot, house.refundBot].map((bot) => rawAgent(house, bot)));
});
after(() => house.close());

type Held = { readonly agent: RawAgent; readonly token: string };
const bot = (n: number): RawAgent => bots[n % bots.length] as RawAgent;

const hand = async (from: Held, to: RawAgent, authority: Authority, more: Record<string, string> = {}) =>
  from.agent.tokenRequest(exchangeForm(from.token, await to.actorToken(), authority, more));
const handOn = async (from: Held, to: RawAgent, authority: Authority): Promise<Held> => ({
  agent: to,
  token: await tokenOf(await hand(from, to, authority)),
});

const claimsOf = <T>(token: string): T =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as T;
const missionOf = ({ token }: Held) => claimsOf<{ mission: { id: TaskId } }>(token).mission.id;

async function refusedWith(response: Response, error: string, code: RefusalCode): Promise<void> {
  const body = (await response.json()) as { error: string; code: string; error_description: string };
  assert.deepEqual([response.status, body.error, body.code], [400, error, code], JSON.stringify(body));
  assert.ok(body.error_description.length > 20);
}

const upTo = (n: number) => refundsUpTo(`${100 - n}.00`);
const wider: readonly (readonly [string, (depth: number) => Authority])[] = [
  ['a larger sum than the hand above has', (depth) => upTo(depth - 2)],
  ['another action beside it', (depth) => [...upTo(depth), only('shop:shipping.get', 'path.orderId', order)]],
  ['another order', (depth) => JSON.parse(JSON.stringify(upTo(depth)).replaceAll(order, '1043')) as Authority],
  ['the action without any bounds', () => [{ type: 'ambit_grant', actions: ['shop:refunds.create'] }]],
];

for (const depth of [1, 2, 3, 4, 5]) {
  test(`at depth ${depth} every widened child is refused, and what is within is not`, async () => {
    let held: Held = await atWork(house, { authority: upTo(0) });
    for (let n = 1; n < depth; n++) held = await handOn(held, bot(n), upTo(n));
    for (const [what, authority] of wider) {
      await refusedWith(
        await hand(held, bot(depth), authority(depth)),
        'invalid_authorization_details',
        'task.widened',
      ).catch((error: unknown) => assert.fail(`${what}: ${error}`));
    }
    const child = await handOn(held, bot(depth), upTo(depth));
    const { task, run } = await house.alice.operator.tasks.show(missionOf(child));
    assert.equal(task.depth, depth);
    for (const one of run) {
      const parent = run.find(({ id }) => id === one.parent);
      assert.ok(parent === undefined || one.expiresAt <= parent.expiresAt, 'none outlives the one above it');
    }
  });
}

test('a child that wants a year ends with the task at the very top, at every depth', async () => {
  let held: Held = await atWork(house, { authority: upTo(0), ttlSeconds: 60 });
  const ends = (await house.alice.operator.tasks.show(missionOf(held))).task.expiresAt;
  for (let depth = 1; depth <= 5; depth++) {
    held = {
      agent: bot(depth),
      token: await tokenOf(await hand(held, bot(depth), upTo(depth), { ambit_ttl_seconds: '31536000' })),
    };
    const { exp } = claimsOf<{ exp: number }>(held.token);
    assert.ok(exp * 1000 <= ends);
    assert.ok((await house.alice.operator.tasks.show(missionOf(held))).task.expiresAt <= ends);
  }
  await refusedWith(await hand(held, bot(6), upTo(6)), 'invalid_request', 'task.too_deep');
});

test('an actor token with a chain of its own brings none of it into the new token', async () => {
  const held = await atWork(house, { authority: upTo(0) });
  const forged = { act: { sub: `spiffe://ambit.internal/agent/${house.malloryBot.id}`, act: { sub: house.alice.id } } };
  const actor = bot(0);
  const more = { sub: undefined, may_act: { sub: house.malloryBot.id }, requester: house.bob.id };
  for (const claims of [forged, { ...forged, ...more, sub: actor.bot.id }]) {
    const form = exchangeForm(held.token, await actor.actorToken(claims), upTo(1));
    const token = await tokenOf(await held.agent.tokenRequest(form));
    const { act, sub, may_act } = claimsOf<{
      act: { sub: string; act: { sub: string; act?: unknown } };
      sub: string;
      may_act?: unknown;
    }>(token);
    assert.match(act.sub, new RegExp(`${actor.bot.id}$`));
    assert.match(act.act.sub, new RegExp(`${house.refundBot.id}$`));
    assert.equal(act.act.act, undefined);
    assert.equal(may_act, undefined);
    assert.equal(sub, house.alice.id);
  }
});

test('a subject token whose chain was rewritten is no subject token, however it is signed', async () => {
  const held = await atWork(house, { authority: upTo(0) });
  const [head = '', body = '', signature = ''] = held.token.split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
  const rewritten = Buffer.from(JSON.stringify({ ...claims, act: { sub: 'spiffe://ambit.internal/agent/other' } }));
  const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url');
  const texts = [
    `${head}.${rewritten.toString('base64url')}.${signature}`,
    `${none}.${rewritten.toString('base64url')}.`,
    await bot(1).assertion(claims),
  ];
  for (const text of texts) {
    const form = exchangeForm(text, await bot(0).actorToken(), upTo(1));
    await refusedWith(await held.agent.tokenRequest(form), 'invalid_request', 'exchange.subject_invalid');
  }
});

test('a rogue actor token makes nobody take over: of another agent, of a stranger, for somebody else, without a key', async () => {
  const held = await atWork(house, { authority: upTo(0) });
  const [lookup, mallory] = [bot(0), bot(1)];
  const rogues: readonly (readonly [string, string])[] = [
    [
      'signed by another agent',
      await mallory.assertion({ iss: lookup.bot.id, sub: lookup.bot.id, cnf: { jkt: mallory.jkt } }),
    ],
    [
      'of an agent that nobody knows',
      await mallory.actorToken({ iss: `agt_${'0'.repeat(26)}`, sub: `agt_${'0'.repeat(26)}` }),
    ],
    ['meant for another plane', await mallory.actorToken({ aud: 'https://elsewhere.example' })],
    ['naming no key', await mallory.assertion()],
    ['that is the access token itself', held.token],
  ];
  for (const [what, actor] of rogues) {
    const response = await held.agent.tokenRequest(exchangeForm(held.token, actor, upTo(1)));
    await refusedWith(response, 'invalid_request', 'exchange.actor_invalid').catch((error: unknown) =>
      assert.fail(`${what}: ${error}`),
    );
  }
  assert.equal((await house.alice.operator.tasks.show(missionOf(held))).run.length, 1, 'no task was made');
});

// ---- one budget

/** A tree: each node hangs on an earlier one, with a budget of its own that is never more than its parent's. */
type Tree = {
  readonly parents: readonly number[];
  readonly cuts: readonly number[];
  readonly calls: readonly (readonly [number, number])[];
};
const trees: fc.Arbitrary<Tree> = fc.record({
  parents: fc.array(fc.nat(100), { minLength: 1, maxLength: 6 }),
  cuts: fc.array(fc.nat(40), { minLength: 6, maxLength: 6 }),
  calls: fc.array(fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 40 })), { minLength: 6, maxLength: 14 }),
});

test('law: in any tree of tasks, what all below a task spend together never passes what it may spend', async () => {
  let which = 0;
  const seen = { sent: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(trees, async ({ parents, cuts, calls }) => {
      const nodes: { held: Held; parent: number | null; max: number; depth: number }[] = [
        { held: await atWork(house, { authority: refundsUpTo('100.00') }), parent: null, max: 100, depth: 0 },
      ];
      for (const [i, wish] of parents.entries()) {
        const parent = wish % nodes.length;
        const above = nodes[parent]!;
        if (above.depth >= 5) continue;
        const max = Math.max(1, above.max - (cuts[i] ?? 0));
        const held = await handOn(above.held, bot(i), refundsUpTo(`${max}.00`));
        nodes.push({ held, parent, max, depth: above.depth + 1 });
      }
      const spent = nodes.map(() => 0);
      for (const [at, amount] of calls) {
        const node = at % nodes.length;
        const line: number[] = [];
        for (let up: number | null = node; up !== null; up = nodes[up]!.parent) line.push(up);
        const hasRoom = line.every((one) => spent[one]! + amount <= nodes[one]!.max);
        const { agent, token } = nodes[node]!.held;
        const { status } = await oneOfMany(agent, token, `${amount}.00`, `${++which}`);
        assert.equal(
          status,
          hasRoom ? 201 : 403,
          `${amount} at ${node} of ${JSON.stringify({ parents, cuts, spent })}`,
        );
        if (hasRoom) for (const one of line) spent[one]! += amount;
        seen[hasRoom ? 'sent' : 'refused']++;
      }
      await house.alice.operator.tasks.revoke(missionOf(nodes[0]!.held), 'Done.');
    }),
    { numRuns: 12 },
  );
  assert.ok(seen.sent > 10 && seen.refused > 10, JSON.stringify(seen));
});
