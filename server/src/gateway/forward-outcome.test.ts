import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type End, kindOf, kindOfStatus } from './forward-outcome.ts';

test('a status says what was done, and a write is unknown wherever it leaves that open', () => {
  const rows: [status: number, read: string, write: string][] = [
    [200, 'done', 'done'],
    [201, 'done', 'done'],
    [204, 'done', 'done'],
    [303, 'failed', 'done'],
    [302, 'failed', 'unknown'],
    [304, 'done', 'unknown'],
    [307, 'failed', 'unknown'],
    [400, 'failed', 'failed'],
    [404, 'failed', 'failed'],
    [408, 'failed', 'unknown'],
    [409, 'failed', 'failed'],
    [429, 'failed', 'failed'],
    [499, 'failed', 'unknown'],
    [500, 'failed', 'unknown'],
    [501, 'failed', 'failed'],
    [502, 'failed', 'unknown'],
    [503, 'failed', 'unknown'],
    [504, 'failed', 'unknown'],
    [505, 'failed', 'failed'],
    [600, 'unknown', 'unknown'],
    [999, 'unknown', 'unknown'],
  ];
  for (const [status, read, write] of rows) {
    assert.deepEqual([kindOfStatus(status, 'read'), kindOfStatus(status, 'write')], [read, write], String(status));
  }
});

test('abort-after-effect: what was sent is failed only where a whole answer said so', () => {
  const ends: fc.Arbitrary<End> = fc.oneof(
    fc.record({ how: fc.constant('ended' as const), requestWhole: fc.boolean() }),
    fc.record({ how: fc.constant('cut' as const), code: fc.constantFrom('echoed_secret', 'task_ended', 'late') }),
    fc.constant({ how: 'broke' as const, sent: true }),
  );
  const statuses = fc.option(fc.integer({ min: 200, max: 599 }));
  fc.assert(
    fc.property(ends, statuses, fc.constantFrom('read', 'write'), (end, status, effect) => {
      if (kindOf(end, status, effect) === 'failed') assert.ok(end.how === 'ended' && status !== null && status >= 300);
    }),
  );
  assert.equal(kindOf({ how: 'broke', sent: false }, null, 'write'), 'failed');
  assert.equal(kindOf({ how: 'broke', sent: true }, 200, 'write'), 'unknown');
  assert.equal(kindOf({ how: 'ended', requestWhole: false }, 200, 'write'), 'unknown');
  assert.equal(kindOf({ how: 'ended', requestWhole: false }, 413, 'write'), 'failed');
});
