import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentId, EntryHeader, EntryId, PersonId, TaskId } from '@ambit/protocol';
import fc from 'fast-check';
import { type Fields, planeItself } from '../foundation/index.ts';
import { traced } from './testing.ts';
import { type TaskStory, type TracedEntry, traceRun } from './trace.ts';

const root = 'tsk_root' as TaskId;
const child = 'tsk_child' as TaskId;
const alice = 'psn_alice' as PersonId;
const refundBot = 'agt_refund' as AgentId;
const lookupBot = 'agt_lookup' as AgentId;

function said(index: number, kind: string, more: Partial<EntryHeader> = {}, detail: Fields | null = {}): TracedEntry {
  const who = { ...planeItself, requester: alice, agent: refundBot, initiator: refundBot };
  return traced(index, { kind, who, task: root, run: root, ...more }, detail);
}

const about = (index: number) => ({ about: `ent_${index}` as EntryId });
const bob = { ...planeItself, requester: alice, agent: refundBot, initiator: 'psn_bob' };
const lookup = { ...planeItself, requester: alice, agent: lookupBot, initiator: refundBot };

const run: TracedEntry[] = [
  said(
    0,
    'task.opened',
    { who: { ...bob, initiator: alice } },
    { purpose: { type: 'refund', text: 'damaged' }, parent: null, expiresAt: 9 },
  ),
  said(
    1,
    'call.decided',
    { decision: 'permit', action: 'shop:orders.get', keys: ['shop:order/1042'] },
    {
      method: 'GET',
      url: 'https://shop.example/orders/1042',
      arguments: { 'path.orderId': '1042' },
      token: 'tok_1',
      credential: 'crd_1',
      because: [{ source: 'task', name: 'grant 0', reason: 'the task covers it' }],
      claim: { reason: 'to read it', step: null, mood: 'fine' },
    },
  ),
  said(2, 'call.outcome', { ...about(1), code: 'done' }, { status: 200, because: [] }),
  said(
    3,
    'call.decided',
    { decision: 'ask', code: 'approval.needed', action: 'shop:refunds.create' },
    { because: 'over 50.00' },
  ),
  said(4, 'task.delegated', { task: child, who: lookup }, { parent: root }),
  said(
    5,
    'call.decided',
    { task: child, who: lookup, decision: 'deny', code: 'authority.not_covered' },
    { request: 'POST /api/shop/x', because: 'no grant names it' },
  ),
  said(6, 'approval.answered', { ...about(3), code: 'yes', who: bob }, { document: { reason: 'seen the photo' } }),
  said(7, 'approval.claimed', about(3)),
  said(8, 'call.decided', { ...about(3), decision: 'permit' }),
  said(9, 'call.outcome', { ...about(8), code: 'unknown' }, { status: null, because: ['the connection broke'] }),
];

test('a run is told as tasks inside one another, each with its steps in order', () => {
  const told = traceRun(root, run)!;
  assert.equal(told.requester, alice);
  assert.deepEqual([told.startedAt, told.lastAt, told.entries], [1000, 1009, 10]);
  assert.equal(told.tasks.length, 1);
  const [task] = told.tasks;
  assert.deepEqual([task?.initiator, task?.agent, task?.expiresAt], [alice, refundBot, 9]);
  assert.deepEqual(task?.purpose, { type: 'refund', text: 'damaged' });
  assert.deepEqual(
    task?.steps.map((step) => step.entry),
    ['ent_0', 'ent_1', 'ent_3'],
  );
  assert.deepEqual(
    task?.tasks.map((one) => [one.task, one.agent, one.initiator]),
    [[child, lookupBot, refundBot]],
  );
  assert.deepEqual(
    task?.tasks[0]?.steps.map((step) => [step.decided, step.code]),
    [
      [null, null],
      ['deny', 'authority.not_covered'],
    ],
  );
});

test('a step holds what was asked, with what, why it was decided so, and what came back', () => {
  const step = traceRun(root, run)?.tasks[0]?.steps[1];
  assert.deepEqual(
    { asked: step?.asked, token: step?.token, credential: step?.credential, why: step?.why, decided: step?.decided },
    {
      asked: { method: 'GET', url: 'https://shop.example/orders/1042', arguments: { 'path.orderId': '1042' } },
      token: 'tok_1',
      credential: 'crd_1',
      why: ['the task covers it'],
      decided: 'permit',
    },
  );
  assert.deepEqual(step?.outcome, { entry: 'ent_2', at: 1002, code: 'done', status: 200, why: [], refused: null });
  assert.equal(step?.next, 'ent_3');
});

test('the agent’s own words stand apart from what was decided, and only the known ones', () => {
  const step = traceRun(root, run)?.tasks[0]?.steps[1];
  assert.deepEqual(step?.agentClaims, { reason: 'to read it' });
  assert.ok(!step?.why.includes('to read it'));
  assert.equal(traceRun(root, run)?.tasks[0]?.steps[2]?.agentClaims, null);
});

test('a question is one step: who answered, what was decided again, and how it ended', () => {
  const step = traceRun(root, run)?.tasks[0]?.steps[2];
  assert.deepEqual(
    [step?.decided, step?.decidedAgain, step?.outcome?.code, step?.next],
    ['ask', 'permit', 'unknown', null],
  );
  assert.deepEqual(step?.answers, [
    { entry: 'ent_6', at: 1006, by: 'psn_bob', answer: 'yes', reason: 'seen the photo', questions: 1 },
  ]);
  assert.deepEqual(
    step?.afterwards.map((one) => one.kind),
    ['approval.claimed', 'call.decided'],
  );
});

test('a call that could not be understood is told by its request line', () => {
  const step = traceRun(root, run)?.tasks[0]?.tasks[0]?.steps[1];
  assert.deepEqual([step?.asked, step?.why], [{ request: 'POST /api/shop/x' }, ['no grant names it']]);
});

test('a question that nobody answered ends as expired', () => {
  const asked = [
    ...run.slice(0, 4),
    said(4, 'approval.expired', { ...about(3), code: 'expired' }, { because: 'nobody answered in time' }),
  ];
  const step = traceRun(root, asked)?.tasks[0]?.steps[2];
  assert.deepEqual(
    [step?.outcome?.code, step?.outcome?.why, step?.answers],
    ['expired', ['nobody answered in time'], []],
  );
});

test('a detail that is deleted or unreadable leaves its step standing', () => {
  const blank = run.map((one) => ({ ...one, detail: null }));
  const told = traceRun(root, blank)!;
  assert.deepEqual(
    told.tasks[0]?.steps.map((step) => step.decided),
    [null, 'permit', 'ask'],
  );
  assert.deepEqual(
    told.tasks[0]?.tasks.map((one) => one.task),
    [child],
  );
});

test('a run without entries has no story', () => {
  assert.equal(traceRun(root, []), undefined);
});

const count = (tasks: readonly TaskStory[]): number =>
  tasks.reduce(
    (sum, one) =>
      sum +
      one.steps.reduce((n, step) => n + 1 + step.answers.length + step.afterwards.length + (step.outcome ? 1 : 0), 0) +
      count(one.tasks),
    0,
  );

test('law: whatever the links say, every entry of a task is told at least once and no story is a circle', () => {
  const link = fc.record({
    task: fc.integer({ min: 0, max: 4 }),
    parent: fc.integer({ min: 0, max: 4 }),
    about: fc.option(fc.integer({ min: 0, max: 14 })),
  });
  fc.assert(
    fc.property(fc.array(link, { minLength: 1, maxLength: 15 }), (links) => {
      const entries = links.map((one, i) =>
        said(
          i,
          'call.decided',
          {
            task: (one.task === 0 ? root : `tsk_${one.task}`) as TaskId,
            ...(one.about === null ? {} : about(one.about)),
          },
          { parent: one.parent === 0 ? root : `tsk_${one.parent}` },
        ),
      );
      assert.equal(count(traceRun(root, entries)!.tasks), entries.length);
    }),
  );
});
