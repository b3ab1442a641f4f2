import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripMarks } from './strip-marks.ts';

test('marks that would touch are one, of the strongest decision, with their count', () => {
  const lines = [
    { at: 0, decision: 'permit' },
    { at: 1, decision: 'permit' },
    { at: 2, decision: 'deny' },
    { at: 3, decision: null },
    { at: 50, decision: 'ask' },
  ] as const;
  assert.deepEqual(stripMarks(lines, 0, 100, 4), [
    { at: 0, decision: 'deny', count: 3 },
    { at: 50, decision: 'ask', count: 1 },
  ]);
});

test('a run that took no time has its marks at its beginning', () => {
  assert.deepEqual(stripMarks([{ at: 7, decision: 'permit' }], 7, 7, 4), [{ at: 0, decision: 'permit', count: 1 }]);
});
