import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  add,
  floorRemainder,
  type Long,
  longMax,
  longMin,
  multiply,
  negate,
  parseDigits,
  subtract,
  toLong,
  truncatedQuotient,
} from './long.ts';

const safe = Number.MAX_SAFE_INTEGER;
const edges: Long[] = [0, 1, -1, 7, -7, safe, -safe, 2n ** 53n, -(2n ** 53n), 2n ** 62n, longMax, longMin];
const inCanon = (value: Long) =>
  typeof value === 'number'
    ? Number.isSafeInteger(value) && !Object.is(value, -0)
    : !Number.isSafeInteger(Number(value));

const operations: readonly (readonly [
  string,
  (left: Long, right: Long) => Long,
  (left: bigint, right: bigint) => bigint,
])[] = [
  ['added', add, (left, right) => left + right],
  ['subtracted', subtract, (left, right) => left - right],
  ['multiplied', multiply, (left, right) => left * right],
];

for (const [what, ours, exact] of operations) {
  test(`integers are ${what} exactly, in one canonical form, or do not fit`, () => {
    for (const left of edges) {
      for (const right of edges) {
        const expected = exact(BigInt(left), BigInt(right));
        const run = () => ours(left, right);
        if (expected > longMax || expected < longMin) {
          assert.throws(run, /does not fit 64 bits/, `${left} ${right}`);
          continue;
        }
        assert.equal(BigInt(run()), expected, `${left} ${right}`);
        assert.ok(inCanon(run()), `${left} ${right} is ${typeof run()} ${run()}`);
      }
    }
  });
}

test('an integer that does not fit is shown, cut where it is long', () => {
  assert.throws(() => toLong(longMax + 1n), /^EvaluationError: the integer 9223372036854775808 does not fit 64 bits$/);
  assert.throws(() => toLong(10n ** 39n), new RegExp(`the integer 1${'0'.repeat(39)} does not fit`));
  assert.throws(() => toLong(10n ** 50n), new RegExp(`the integer 1${'0'.repeat(39)}… does not fit`));
  assert.throws(() => negate(longMin), /does not fit 64 bits/);
});

test('division drops the remainder, and the other remainder is never negative', () => {
  assert.deepEqual(
    [7, -7, longMin].map((value) => truncatedQuotient(value, 2)),
    [3, -3, -(2n ** 62n)],
  );
  assert.deepEqual(
    [7, -7, -4, 0].map((value) => floorRemainder(value, 4)),
    [3, 1, 0, 0],
  );
});

test('digits are read without the zeros in front, up to twenty', () => {
  assert.equal(parseDigits('0'), 0n);
  assert.equal(parseDigits('000'), 0n);
  assert.equal(parseDigits('0042'), 42n);
  assert.equal(parseDigits(`00${'9'.repeat(20)}`), 99_999_999_999_999_999_999n);
  assert.equal(parseDigits('9'.repeat(21)), undefined);
});
