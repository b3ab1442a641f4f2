import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Approval, addResult, claim, conclude, createBell } from '../approvals/index.ts';
import { openApprovals, type TestApprovals } from '../approvals/testing.ts';
import { type AgentCaller, planeItself, type Reply } from '../foundation/index.ts';
import { awaitAnswer, pollAnswer, resultFor, waitWished } from './await-answer.ts';
import type { Rooms } from './rooms.ts';
import { refusal } from './testing.ts';

describe('how long an agent wishes to wait', () => {
  const wished: readonly [string | string[] | undefined, number][] = [
    [undefined, 0],
    ['', 0],
    ['wait=30', 30_000],
    ['wait=0', 0],
    ['respond-async, wait=10', 10_000],
    ['wait=10; x=1, respond-async', 10_000],
    [['respond-async', 'wait=7'], 7000],
    ['wait=9999', 60_000],
    ['wait=999999999999', 60_000],
    ['wait=-5', 0],
    ['wait=1.5', 0],
    ['wait=1e3', 0],
    ['wait=abc', 0],
    ['await=30', 0],
    ['handling=wait=30', 0],
    ['wait', 0],
  ];
  for (const [prefer, milliseconds] of wished) {
    test(`${JSON.stringify(prefer)} is ${milliseconds} ms`, () => {
      assert.equal(waitWished(prefer, 60_000), milliseconds);
    });
  }
});

const stays = new AbortController().signal;
let t: TestApprovals;
before(async () => {
  t = await openApprovals();
});
after(() => t.close());

/** The rooms that waiting needs. */
function rooms(bell = createBell()): Rooms {
  const parking = {
    seal: (plain: string) => plain,
    open: (box: string, additional: string) => boxes.get(`${additional} ${box}`)!,
  };
  const needed = { ground: t.ground, bell, parking, receipt: async () => 'receipt', complain: () => undefined };
  return needed as unknown as Rooms;
}
const boxes = new Map<string, string>();

const wait = (approval: Approval, milliseconds = 0, gone = stays, of = rooms()) =>
  awaitAnswer(of, { tenant: t.home.tenant, approval: approval.id, entry: approval.entry }, milliseconds, gone);
const problemOf = (reply: Reply) => JSON.parse(String(reply.text?.content)) as { code: string; detail: string };

async function ended(state: 'done' | 'unknown' | 'denied' | 'moved' | 'expired'): Promise<Approval> {
  const { approval } = await claim(t.ground, t.home.tenant, (await t.answer(t.bob, await t.ask())).id);
  await conclude(t.ground, t.home.tenant, approval, state, 'because of a rule named no-refunds');
  return approval;
}

describe('an agent that waits', () => {
  test('without time is told where to come back, and why a person is asked', async () => {
    const asked = await t.ask();
    const reply = await wait(asked);
    assert.equal(reply.status, 202);
    assert.equal(reply.headers?.location, `/v1/agent/approvals/${asked.id}`);
    assert.match(String(reply.headers?.['retry-after']), /^[1-9]\d*$/);
    assert.deepEqual(reply.body, {
      approval: asked.id,
      state: 'parked',
      asks: ['Refunds over 50.00 need a person.'],
      expiresAt: asked.expiresAt,
    });
  });

  test('hears the words of its own task only: not those of rules, nor of the tasks above', async () => {
    const task = t.ground.newId('task');
    const asks = [
      { ask: `task:${task}:0:0`, reason: 'Own.' },
      { ask: 'unknown:ent_1', reason: 'Sent before.' },
      { ask: 'policy:secret-rule', reason: 'Watch this customer.' },
      { ask: `task:${task}x:0:0`, reason: 'Above.' },
      { ask: `x:task:${task}:`, reason: 'Strange.' },
    ];
    const reply = await wait(await t.ask({ task, asks }));
    assert.deepEqual((reply.body as { asks: string[] }).asks, [
      'Own.',
      'Sent before.',
      'A person has to agree to this call.',
    ]);
  });

  test('hears a no, with its reason in quotes, and never whose it was', async () => {
    const asked = await t.ask();
    await t.answer(t.bob, asked, { answer: 'no', reason: 'Not again' });
    const reply = await wait(asked);
    assert.deepEqual([reply.status, problemOf(reply).code], [403, 'approval.refused']);
    assert.match(problemOf(reply).detail, /"Not again"/);
    assert.equal(JSON.stringify(reply).includes(t.bob.person.id), false);
  });

  test('hears how it ended, and nothing of why the plane denied it', async () => {
    const codes = {
      unknown: 'approval.unknown',
      denied: 'approval.denied',
      moved: 'approval.moved',
      expired: 'approval.expired',
      // Done without an answer to give: nobody can tell the agent what came of it.
      done: 'approval.unknown',
    } as const;
    for (const [state, code] of Object.entries(codes) as [keyof typeof codes, string][]) {
      const reply = await wait(await ended(state));
      assert.equal(problemOf(reply).code, code);
      assert.equal(JSON.stringify(reply).includes('no-refunds'), false);
    }
  });

  test('gets the upstream’s answer as the upstream’s, once there is one', async () => {
    const { approval } = await claim(t.ground, t.home.tenant, (await t.answer(t.bob, await t.ask())).id);
    const result = { approval: approval.id, status: 201, contentType: 'application/json', sealed: 'box', truncated: 0 };
    boxes.set(`${resultFor(approval.id)} box`, Buffer.from('{"refund":"7"}').toString('base64'));
    await conclude(t.ground, t.home.tenant, approval, 'done', 'sent', {}, [addResult(result)]);
    const reply = await wait(approval);
    assert.deepEqual([reply.status, reply.headers?.['ambit-source']], [201, 'upstream']);
    assert.equal(String(reply.text?.content), '{"refund":"7"}');
  });

  test('is woken by the answer', async () => {
    const [asked, bell] = [await t.ask(), createBell()];
    const waiting = wait(asked, 60_000, stays, rooms(bell));
    await t.answer(t.bob, asked, { answer: 'no' });
    bell.ring(asked.id);
    assert.equal(problemOf(await waiting).code, 'approval.refused');
  });

  test('finds the answer also where the ring was missed', async () => {
    const asked = await t.ask();
    const waiting = wait(asked, 5000);
    await t.answer(t.bob, asked, { answer: 'no' });
    assert.equal(problemOf(await waiting).code, 'approval.refused');
  });

  test('goes on waiting after a yes, until the call has run', async () => {
    const [asked, bell] = [await t.ask(), createBell()];
    await t.answer(t.bob, asked);
    assert.deepEqual((await wait(asked)).status, 202);
    const waiting = wait(asked, 60_000, stays, rooms(bell));
    const { approval } = await claim(t.ground, t.home.tenant, asked.id);
    assert.equal((await wait(asked)).status, 202);
    await conclude(t.ground, t.home.tenant, approval, 'unknown', 'lost');
    bell.ring(asked.id);
    assert.equal(problemOf(await waiting).code, 'approval.unknown');
  });

  test('is let go at its deadline, when it has gone, and at once where too many wait', async () => {
    const asked = await t.ask();
    const started = performance.now();
    assert.equal((await wait(asked, 30)).status, 202);
    assert.ok(performance.now() - started >= 28);
    const gone = new AbortController();
    const waiting = wait(asked, 60_000, gone.signal);
    gone.abort();
    assert.equal((await waiting).status, 202);
    assert.equal((await wait(asked, 60_000, stays, rooms(createBell(0)))).status, 202);
    assert.ok(performance.now() - started < 5000);
  });
});

describe('a poll', () => {
  const caller = (asked: Approval, more: Partial<AgentCaller> = {}): AgentCaller => ({
    kind: 'agent',
    tenant: t.home.tenant,
    agent: asked.agent,
    jkt: asked.jkt,
    agentKey: 'key',
    token: null,
    task: asked.task,
    who: planeItself,
    ...more,
  });

  test('by the same task and key says how it stands', async () => {
    const asked = await t.ask();
    assert.equal((await pollAnswer(rooms(), caller(asked), asked.id, 0, stays)).status, 202);
  });

  test('by anyone else finds no such question', async () => {
    const [asked, next] = [await t.ask(), await t.nextDoor()];
    for (const more of [
      { jkt: 'another' },
      { task: t.ground.newId('task') },
      { task: null },
      { tenant: next.home.tenant },
    ]) {
      await assert.rejects(pollAnswer(rooms(), caller(asked, more), asked.id, 0, stays), refusal('thing.not_found'));
    }
    const none = t.ground.newId('approval');
    await assert.rejects(pollAnswer(rooms(), caller(asked), none, 0, stays), refusal('thing.not_found'));
  });
});
