import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ApprovalId } from '@ambit/protocol';
import { createBell } from './wait.ts';

const [one, other] = ['apr_one' as ApprovalId, 'apr_other' as ApprovalId];
const stays = new AbortController().signal;
const aMinute = 60_000;

/** Whether it has resolved by now. */
async function isOver(waiting: Promise<unknown>): Promise<boolean> {
  const later = new Promise((resolve) => setImmediate(() => resolve('later')));
  return (await Promise.race([waiting, later])) !== 'later';
}

describe('the bell', () => {
  test('wakes everyone who waits for that approval, and nobody else', async () => {
    const bell = createBell();
    const gone = new AbortController();
    const [first, second] = [bell.wait(one, aMinute, stays), bell.wait(one, aMinute, stays)];
    const third = bell.wait(other, aMinute, gone.signal);
    assert.equal(await isOver(first), false);
    bell.ring(one);
    assert.deepEqual(await Promise.all([first, second]), ['woken', 'woken']);
    assert.equal(await isOver(third), false);
    gone.abort();
    assert.equal(await third, 'woken');
  });

  test('wakes at the deadline without a ring', async () => {
    const started = performance.now();
    await createBell().wait(one, 20, stays);
    assert.ok(performance.now() - started >= 18);
  });

  test('keeps nobody who has gone, or has no time', async () => {
    const bell = createBell();
    const gone = new AbortController();
    const waiting = bell.wait(one, aMinute, gone.signal);
    gone.abort();
    assert.equal(await isOver(waiting), true);
    assert.equal(await isOver(bell.wait(one, aMinute, gone.signal)), true);
    assert.equal(await isOver(bell.wait(one, 0, stays)), true);
    assert.equal(await isOver(bell.wait(one, -5, stays)), true);
  });

  test('may be rung for nobody, and a ring does not stay for who comes later', async () => {
    const bell = createBell();
    const gone = new AbortController();
    bell.ring(one);
    const waiting = bell.wait(one, aMinute, gone.signal);
    assert.equal(await isOver(waiting), false);
    gone.abort();
  });

  test('says at once that too many wait, and has room again when some were woken', async () => {
    const bell = createBell(2);
    const gone = new AbortController();
    const waiting = [bell.wait(one, aMinute, stays), bell.wait(one, aMinute, stays)];
    assert.equal(await bell.wait(other, aMinute, stays), 'full');
    bell.ring(one);
    await Promise.all(waiting);
    bell.ring(one);
    const fresh = [bell.wait(other, aMinute, gone.signal), bell.wait(one, aMinute, gone.signal)];
    assert.equal(await isOver(fresh[0]!), false);
    assert.equal(await bell.wait(one, aMinute, stays), 'full', 'a second ring frees no place twice');
    gone.abort();
    await Promise.all(fresh);
  });
});
