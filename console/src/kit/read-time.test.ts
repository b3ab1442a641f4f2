import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDuration, readLeft, readSince, readTime } from './read-time.ts';

const minute = 60_000;

test('a duration is its two largest parts', () => {
  assert.equal(readDuration(41), '41 ms');
  assert.equal(readDuration(12_000), '12 s');
  assert.equal(readDuration(72_500), '1 min 12 s');
  assert.equal(readDuration(3 * 3_600_000), '3 h');
  assert.equal(readDuration(170 * minute), '2 h 50 min');
  assert.equal(readDuration(-5), '0 ms');
});

test('what is left is told in minutes until the last one', () => {
  assert.equal(readLeft(11 * minute + 59_000), '11 min');
  assert.equal(readLeft(59_000), '59 s');
});

test('how long ago is relative only below one hour', () => {
  const now = new Date(2026, 10, 22, 15, 30).getTime();
  assert.equal(readSince(now - 20_000, now), 'just now');
  assert.equal(readSince(now - minute, now), '1 minute ago');
  assert.equal(readSince(now - 59 * minute, now), '59 minutes ago');
  assert.equal(readSince(now - 61 * minute, now), readTime.minute(now - 61 * minute));
  assert.match(readSince(now - 30 * 60 * minute, now), /2026, /);
});

test('a full instant says its offset', () => {
  assert.match(readTime.full(Date.UTC(2026, 10, 22, 14, 12, 47)), /^2026-11-2\d \d\d:12:47 [+-]\d\d:\d\d$/);
});
