import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ask, type Breaker, type BreakerSettings, closed, learn, type Seen } from './breaker.ts';

const settings: BreakerSettings = {
  weightMax: 3,
  weightOf: { broken: 1, refused: 0, denied: 0 },
  windowMs: 60_000,
  restMs: 5000,
  restMsMax: 12_000,
  callersMin: 2,
};

type Told = readonly [at: number, caller: string, seen: Seen];
const after = (told: readonly Told[], from: Breaker = closed, by = settings) =>
  told.reduce((breaker, [at, caller, seen]) => learn(breaker, at, caller, seen, by), from);

const opened = after([
  [0, 'a', 'broken'],
  [1, 'b', 'broken'],
  [2, 'a', 'broken'],
]);

test('errors met by several callers open it, and it says for how long', () => {
  assert.equal(opened.state, 'open');
  assert.deepEqual(ask(opened, 2), { allowed: false, breaker: opened, retryAfterMs: 5000, because: 'broken' });
  assert.equal(ask(opened, 5001).allowed, false);
});

test('errors that only one caller meets do not rest the others', () => {
  assert.equal(after(Array.from({ length: 50 }, (_, i): Told => [i, 'mallory', 'broken'])).state, 'closed');
  assert.equal(
    after(
      [
        [0, 'a', 'broken'],
        [1, 'a', 'broken'],
        [2, 'a', 'broken'],
      ],
      closed,
      { ...settings, callersMin: 1 },
    ).state,
    'open',
  );
});

test('old errors are forgotten, and calls that went fine make up for errors', () => {
  assert.equal(
    after([
      [0, 'a', 'broken'],
      [1, 'b', 'broken'],
      [60_002, 'a', 'broken'],
    ]).state,
    'closed',
  );
  assert.equal(
    after([
      [0, 'a', 'broken'],
      [1, 'b', 'broken'],
      [2, 'a', 'fine'],
      [3, 'a', 'broken'],
    ]).state,
    'closed',
  );
});

test('what the upstream refuses, and what never reached it, is no error of it', () => {
  const told = Array.from({ length: 20 }, (_, i): Told => [i, `c${i}`, i % 2 === 0 ? 'refused' : 'denied']);
  assert.deepEqual(after(told), closed);
});

test('after the rest exactly one call may try', () => {
  const first = ask(opened, 5002);
  assert.equal(first.allowed, true);
  assert.equal(ask(first.breaker, 5003).allowed, false);
  assert.equal(ask(after([[5100, 'a', 'fine']], first.breaker), 5101).allowed, true);
  assert.deepEqual(after([[5100, 'a', 'refused']], first.breaker), closed);
});

test('a try that fails rests longer, up to the most', () => {
  let breaker: Breaker = opened;
  const rests: number[] = [];
  for (let i = 0; i < 3; i++) {
    const asked = ask(breaker, 1_000_000 * (i + 1));
    breaker = after([[1_000_000 * (i + 1), 'a', 'broken']], asked.breaker);
    if (breaker.state === 'open') rests.push(breaker.restMs);
  }
  assert.deepEqual(rests, [10_000, 12_000, 12_000]);
});

test('a try that is never heard of again does not block for good; a denied one decides nothing', () => {
  const first = ask(opened, 5002);
  assert.equal(after([[5003, 'a', 'denied']], first.breaker).state, 'trying');
  assert.equal(ask(first.breaker, 10_001).allowed, false);
  assert.equal(ask(first.breaker, 10_002).allowed, true);
});

test('late answers of calls from before the rest neither end nor prolong it', () => {
  assert.deepEqual(
    after(
      [
        [100, 'a', 'fine'],
        [200, 'b', 'broken'],
      ],
      opened,
    ),
    opened,
  );
});

test('what it remembers stays small whatever it is told', () => {
  const told = fc.array(
    fc.tuple(
      fc.nat(100_000),
      fc.constantFrom('a', 'b', 'c'),
      fc.constantFrom<Seen>('fine', 'refused', 'broken', 'denied'),
    ),
  );
  fc.assert(
    fc.property(told, (all) => {
      const breaker = after([...all].sort(([a], [b]) => a - b));
      assert.ok(breaker.state !== 'closed' || breaker.failures.length <= settings.weightMax);
    }),
  );
});
