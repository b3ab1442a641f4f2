import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type RateState, rate } from './rate.ts';

const tenASecond = { limit: 10, windowMs: 1000, burst: 3 };

test('a burst goes through, then one call for each step of the pace', () => {
  let state: RateState;
  const at = (now: number) => {
    const paced = rate(state, now, tenASecond);
    state = paced.state;
    return paced;
  };
  assert.deepEqual([at(0).allowed, at(0).allowed, at(0).allowed], [true, true, true]);
  assert.deepEqual(at(0), { state: 300, allowed: false, retryAfterMs: 100 });
  assert.equal(at(99).allowed, false);
  assert.equal(at(100).allowed, true);
  assert.equal(at(10_000).allowed, true);
});

test('a caller that waits as long as it was told is let through', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 50 }),
      fc.integer({ min: 1, max: 7 }),
      (gaps, burst) => {
        let state: RateState;
        let now = 1_000_000;
        for (const gap of gaps) {
          now += gap;
          const paced = rate(state, now, { limit: 7, windowMs: 1000, burst });
          state = paced.state;
          if (paced.allowed) continue;
          assert.ok(paced.retryAfterMs > 0);
          assert.equal(rate(state, now + paced.retryAfterMs, { limit: 7, windowMs: 1000, burst }).allowed, true);
        }
      },
    ),
  );
});

test('in any span no more are allowed than the burst and one for each step', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 100 }), (gaps) => {
      let state: RateState;
      let now = 0;
      const allowed: number[] = [];
      for (const gap of gaps) {
        now += gap;
        const paced = rate(state, now, tenASecond);
        state = paced.state;
        if (paced.allowed) allowed.push(now);
      }
      for (const [i, from] of allowed.entries()) {
        for (const [j, to] of allowed.entries()) {
          if (j >= i) assert.ok(j - i + 1 <= 3 + (to - from) / 100 + 1e-6, `${j - i + 1} calls within ${to - from} ms`);
        }
      }
    }),
  );
});

test('a clock that was set back gives no calls away', () => {
  const full = [0, 0, 0].reduce<RateState>((state) => rate(state, 5000, tenASecond).state, undefined);
  assert.equal(rate(full, 1000, tenASecond).allowed, false);
});
