import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { linkCounter } from './facts.ts';

test('law: sums of two links, or of two asks of one link, never share a counter', () => {
  const task = fc.stringMatching(/^tsk_[0-9a-z]{1,21}$/);
  const counter = fc.string({ maxLength: 20 });
  fc.assert(
    fc.property(task, counter, task, counter, (a, b, c, d) => {
      assert.equal(linkCounter(a, b) === linkCounter(c, d), a === c && b === d);
    }),
  );
});
