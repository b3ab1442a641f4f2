import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printLine } from '../line.ts';
import { endsEarly } from './task.ts';

const now = Date.parse('2027-01-01T12:00:00Z');
const day = 86_400;
const told = (lives: number, asked: number) =>
  endsEarly({ expiresAt: now + lives * 1000 }, asked, now).map((one) => printLine(one, false));

test('a task that ends before it was asked to is said to', () => {
  assert.deepEqual(told(day, 90 * day), [
    '? look  it ends in 1 d, as long as the plane, the template and the agent allow; you asked for 90 d.',
  ]);
});

test('a task that lives as long as asked, but for clocks that differ, is not', () => {
  assert.deepEqual(told(day, day), []);
  assert.deepEqual(told(day - 30, day), []);
  assert.deepEqual(told(day + 30, day), []);
});
