import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AgentId, type EntryId, formatId, type PersonId, type TaskId, type Who } from '@ambit/protocol';
import { planeItself } from '../foundation/index.ts';
import { traced } from './testing.ts';
import { type Story, traceRun } from './trace.ts';
import { attemptToUndo } from './undoing.ts';

const alice = 'psn_alice' as PersonId;
const byAlice: Who = { ...planeItself, initiator: alice, requester: alice, agent: 'agt_1' as AgentId, channel: 'api' };
const run = 'tsk_0' as TaskId;

/** A call, its undo, the undo of that, and so on: each done under a task of its own. */
function chainOf(length: number): { readonly story: Story; readonly calls: readonly EntryId[] } {
  const calls = Array.from({ length }, (_, i) => formatId('entry', new Uint8Array(13).fill(i)));
  const entries = calls.flatMap((id, i) => {
    const task = i === 0 ? run : (`tsk_${i}` as TaskId);
    const of = { who: byAlice, task, run };
    const origin = i === 0 ? {} : { origin: { by: 'person', undoes: calls[i - 1] } };
    return [
      traced(3 * i, { ...of, kind: 'task.opened' }, origin),
      traced(3 * i + 1, { ...of, id, kind: 'call.decided', decision: 'permit' }),
      traced(3 * i + 2, { ...of, kind: 'call.outcome', about: id, code: 'done' }),
    ];
  });
  const story = traceRun(run, entries);
  assert.ok(story);
  return { story, calls };
}

test('a call, its undo and the undo of that each say who took them back, and one further is not looked at', () => {
  const { story, calls } = chainOf(3);
  const told = calls.map((id) => attemptToUndo(story, id));
  assert.deepEqual(
    told.map((one) => one && [one.task, one.state, one.undoneBy]),
    [['tsk_1', 'done', alice], ['tsk_2', 'done', null], undefined],
  );
});

// THREATS: an undo of an undo of an undo … would else cost the cube of its length at each look, and every tenant waits.
test('a look at a call in a chain of undos reads each of its tasks twice at most, however long the chain', () => {
  const { story, calls } = chainOf(200);
  let reads = 0;
  const counted = story.tasks.map((task) => ({
    ...task,
    get undoes() {
      reads++;
      return task.undoes;
    },
  }));
  assert.equal(attemptToUndo({ ...story, tasks: counted }, calls[0] as EntryId)?.state, 'done');
  assert.ok(reads > 0 && reads <= 2 * counted.length, `${reads} reads of ${counted.length} tasks`);
});
