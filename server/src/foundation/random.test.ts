import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomPart } from './random.ts';

test('no two parts are the same, across pages, and each is as long as asked', () => {
  const parts = Array.from({ length: 5000 }, (_, i) => randomPart(12 + (i % 5)));
  assert.ok(parts.every((part, i) => part.length === 12 + (i % 5)));
  assert.equal(new Set(parts.map((part) => part.toString('hex'))).size, parts.length);
});

test('what was handed out is not changed by what is handed out later', () => {
  const first = randomPart(16);
  const text = first.toString('hex');
  for (let i = 0; i < 2000; i++) randomPart(16);
  assert.equal(first.toString('hex'), text);
});

test('more than a page is refused', () => {
  assert.equal(randomPart(8192).length, 8192);
  assert.throws(() => randomPart(8193), /at most 8192/);
});
