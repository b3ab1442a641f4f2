import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRecent } from './recent.ts';

test('the value that was used longest ago goes first', () => {
  const recent = createRecent<number>(2);
  recent.put('a', 1);
  recent.put('b', 2);
  assert.equal(recent.get('a'), 1);
  recent.put('c', 3);
  assert.equal(recent.get('b'), undefined);
  assert.equal(recent.get('a'), 1);
  assert.equal(recent.get('c'), 3);
});

test('putting a key again keeps one value for it', () => {
  const recent = createRecent<number>(2);
  for (const value of [1, 2, 3]) recent.put('a', value);
  recent.put('b', 4);
  assert.equal(recent.get('a'), 3);
  assert.equal(recent.get('b'), 4);
});
