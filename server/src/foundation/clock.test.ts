import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { steadyClock, systemClock } from './clock.ts';

describe('a steady clock', () => {
  test('law: never runs backwards, is never behind its floor, and follows the other clock wherever it may', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.nat(), (times, floor) => {
        let i = 0;
        const clock = steadyClock(() => times[i++]!, floor);
        const shown = times.map(() => clock());
        for (const [at, time] of shown.entries()) {
          assert.equal(time, Math.max(floor, ...times.slice(0, at + 1)));
          assert.ok(time >= (shown[at - 1] ?? floor));
        }
      }),
    );
  });

  test('keeps expired what a clock that was set back would revive', () => {
    let now = 5000;
    const clock = steadyClock(() => now, 0);
    const expiresAt = 4000;
    assert.ok(clock() >= expiresAt);
    now = 1000;
    assert.ok(clock() >= expiresAt);
  });
});

test('a clock says by how much it cannot be trusted: not at all within the allowed skew, nor once the machine is right again', () => {
  let now = 10_000;
  const clock = steadyClock(() => now, 0, 1000);
  assert.deepEqual([clock(), clock.untrustedBy?.()], [10_000, 0]);
  now = 9000;
  assert.deepEqual([clock(), clock.untrustedBy?.()], [10_000, 0]);
  now = 8999;
  assert.deepEqual([clock(), clock.untrustedBy?.()], [10_000, 1001]);
  now = 10_001;
  assert.deepEqual([clock(), clock.untrustedBy?.()], [10_001, 0]);
});

test('the system clock counts epoch milliseconds', () => {
  const before = Date.now();
  const now = systemClock();
  assert.ok(before <= now && now <= Date.now());
});
