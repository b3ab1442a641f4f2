import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AgeLimit, aged, tooOldAt } from './age.ts';

const limit = (of: AgeLimit['of'], secondsMax: number): AgeLimit => ({
  of,
  secondsMax,
  reason: 'x',
  setAt: 0,
  setBy: 'x',
});
const row = { expiresAt: 100_000 };

test('what nobody set a greatest age of never becomes too old', () => {
  assert.equal(tooOldAt([limit('key', 1)], 'task', 5), Number.POSITIVE_INFINITY);
  assert.equal(aged(row, [limit('key', 1)], 'task', 5), row);
});

test('a thing is too old as many seconds after its beginning as were set', () => {
  assert.equal(tooOldAt([limit('task', 60)], 'task', 5000), 65_000);
  assert.equal(aged(row, [limit('task', 60)], 'task', 5000).expiresAt, 65_000);
});

test('a greatest age never lengthens a life', () => {
  assert.equal(aged(row, [limit('task', 600)], 'task', 5000), row);
});

test('the same row that ends sooner is the same object, and another one under another limit', () => {
  const once = aged(row, [limit('agent', 10)], 'agent', 0);
  assert.equal(aged(row, [limit('agent', 10)], 'agent', 0), once);
  assert.equal(aged(row, [limit('agent', 20)], 'agent', 0).expiresAt, 20_000);
  assert.deepEqual(row, { expiresAt: 100_000 });
});
