import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sayCounted, sayEnding } from './say-ending.ts';

test('what ends is counted kind by kind', () => {
  assert.equal(sayCounted({ tasks: 2, tokens: 3, questions: 1 }), '2 tasks, 3 tokens and 1 question');
  assert.equal(sayCounted({ tokens: 1 }), '1 token');
  assert.equal(sayCounted({ tasks: 1, remembered: 1 }), '1 task and 1 remembered yes');
  assert.equal(sayCounted({ remembered: 2 }), '2 remembered yeses');
  assert.equal(sayCounted({ tasks: 0 }), null);
});

test('an ending says how long it took, and what was let out before', () => {
  const none = { ended: [], inFlight: [], left: [], milliseconds: 3 };
  assert.equal(sayEnding(none), 'Nothing hung on it that had to end.');
  const ended = [{ kind: 'task', id: 'tsk_1', of: 'agt_1' }] as never;
  assert.equal(sayEnding({ ...none, ended }), '1 task ended in 3 ms.');
  assert.match(sayEnding({ ...none, ended, inFlight: ['ent_1'] as never }), /1 call was on the way already/);
});
