import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entityUid, equal, keyOf, recordOf, setOf, type Value } from './value.ts';

const different: readonly Value[] = [
  ...[true, false, 0, 1, 2n ** 62n, '', '0', 'T', '1:a'],
  ...[entityUid('U', 'a'), entityUid('U', 'b'), entityUid('V', 'a'), entityUid('A::B', 'c')],
  ...[
    setOf([]),
    setOf([1]),
    setOf([true]),
    setOf([false]),
    setOf([1, 2]),
    setOf(['a', 'b']),
    setOf(['ab']),
    setOf([setOf([])]),
  ],
  ...[
    recordOf({}),
    recordOf({ a: 1 }),
    recordOf({ a: 2 }),
    recordOf({ b: 1 }),
    recordOf({ a: true }),
    recordOf({ a: 1, b: 1 }),
  ],
  ...([0, 1].map((units) => ({ kind: 'decimal', units })) as Value[]),
  ...([0, 1].map((epochMilliseconds) => ({ kind: 'datetime', epochMilliseconds })) as Value[]),
  ...([0, 1].map((milliseconds) => ({ kind: 'duration', milliseconds })) as Value[]),
  ...([
    { kind: 'ip', family: 4, bits: 1n, prefix: 32 },
    { kind: 'ip', family: 4, bits: 1n, prefix: 8 },
    { kind: 'ip', family: 4, bits: 2n, prefix: 32 },
    { kind: 'ip', family: 6, bits: 1n, prefix: 32 },
  ] as Value[]),
];

test('a value equals itself and no other, alone, in a set and as a key', () => {
  for (const [i, left] of different.entries()) {
    for (const [j, right] of different.entries()) {
      const what = `${keyOf(left)} and ${keyOf(right)}`;
      assert.equal(equal(left, right), i === j, what);
      assert.equal(keyOf(left) === keyOf(right), i === j, what);
      assert.equal(equal(setOf([left]), setOf([right])), i === j, what);
      assert.equal(equal(recordOf({ in: left }), recordOf({ in: right })), i === j, what);
    }
  }
});

test('order and duplicates of a set do not matter, nor does the order of a record', () => {
  assert.ok(equal(setOf([1, 'a', 1]), setOf(['a', 1])));
  assert.ok(!equal(setOf([1, 2]), setOf([1, 3])));
  assert.ok(!equal(setOf([1, 2]), setOf([1])));
  assert.ok(equal(recordOf({ a: 1, b: setOf([2, 3]) }), recordOf({ b: setOf([3, 2]), a: 1 })));
  assert.equal(keyOf(setOf([1, 'a', 1])), keyOf(setOf(['a', 1])));
});
