import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Constraint, holds } from '@ambit/protocol';
import fc from 'fast-check';
import { conjunctions, relatives, values } from './arbitraries.testing.ts';
import { intersect, reduce } from './intersect.ts';

test('the intersection holds exactly where both hold', () => {
  const seen = { empty: 0, both: 0, runs: 0 };
  fc.assert(
    fc.property(relatives(2), fc.array(values, { minLength: 20, maxLength: 20 }), ([a, b], drawn) => {
      assert.ok(a !== undefined && b !== undefined);
      const joined = intersect(a, b);
      seen.runs++;
      if (joined === 'empty') seen.empty++;
      for (const value of drawn) {
        const both: boolean = holds(a, value) && holds(b, value);
        if (both) seen.both++;
        assert.equal(joined !== 'empty' && joined.every((one) => holds(one, value)), both);
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(seen.empty > seen.runs * 0.1 && seen.empty < seen.runs * 0.9, `${seen.empty} of ${seen.runs} were empty`);
  assert.ok(seen.both > seen.runs * 0.5, `values were in both ${seen.both} times in ${seen.runs} runs`);
});

test('reducing a conjunction changes no answer and is done after once', () => {
  fc.assert(
    fc.property(conjunctions, values, (all, value) => {
      const reduced = reduce(all);
      const expected = all.every((one) => holds(one, value));
      assert.equal(reduced !== 'empty' && reduced.every((one) => holds(one, value)), expected);
      if (reduced !== 'empty') assert.deepEqual(reduce(reduced), reduced);
    }),
    { numRuns: 2000 },
  );
});

const directed: readonly (readonly [Constraint, Constraint, readonly Constraint[] | 'empty'])[] = [
  [{ oneOf: ['a', 'b', 1] }, { oneOf: ['b', 1, 'c'] }, [{ oneOf: ['b', 1] }]],
  [{ oneOf: ['a', 'b'] }, { equals: 'b' }, [{ equals: 'b' }]],
  [{ equals: 'a' }, { equals: 'b' }, 'empty'],
  [{ oneOf: ['5', '500'] }, { range: { max: '100' } }, [{ equals: '5' }]],
  [{ range: { min: '1', max: '10.00' } }, { range: { min: '5', max: '20' } }, [{ range: { min: '5', max: '10.00' } }]],
  [{ range: { max: '5' } }, { range: { min: '5.01' } }, 'empty'],
  [{ prefix: 'a' }, { prefix: 'ab' }, [{ prefix: 'ab' }]],
  [{ range: { max: '5' } }, { range: { max: '3' } }, [{ range: { max: '3' } }]],
  [{ range: { min: '5' } }, { range: { min: '7' } }, [{ range: { min: '7' } }]],
  [{ range: { min: '5', max: '9' } }, { range: { min: '5.00', max: '9.0' } }, [{ range: { min: '5', max: '9' } }]],
  [{ prefix: 'ab' }, { prefix: 'a' }, [{ prefix: 'ab' }]],
  [{ prefix: 'a' }, { prefix: 'b' }, 'empty'],
  [{ suffix: '.pdf' }, { suffix: '.txt' }, 'empty'],
  [{ suffix: '.pdf' }, { suffix: 'pdf' }, [{ suffix: '.pdf' }]],
  [{ under: '/a' }, { under: '/b' }, 'empty'],
  [{ under: '/a/b' }, { prefix: '/a' }, [{ under: '/a/b' }, { prefix: '/a' }]],
  [{ under: '/a' }, { prefix: '/a/b' }, [{ under: '/a' }, { prefix: '/a/b' }]],
  [{ prefix: 'a' }, { suffix: 'z' }, [{ prefix: 'a' }, { suffix: 'z' }]],
  [{ under: '/a' }, { prefix: '/b' }, 'empty'],
  [{ under: '/a' }, { under: '/a/b' }, [{ under: '/a/b' }]],
  [{ cidr: '10.0.0.0/8' }, { cidr: '10.1.0.0/16' }, [{ cidr: '10.1.0.0/16' }]],
  [{ cidr: '10.0.0.0/8' }, { cidr: '11.0.0.0/8' }, 'empty'],
  [{ domain: 'example.com' }, { domain: 'example.org' }, 'empty'],
  [{ notOneOf: ['a'] }, { notOneOf: ['b', 'A'] }, [{ notOneOf: ['A', 'b'] }]],
  [{ subsetOf: ['a', 'b'] }, { subsetOf: ['b', 'c'] }, [{ subsetOf: ['b'] }]],
  [{ subsetOf: ['a'] }, { subsetOf: ['b'] }, 'empty'],
  [{ subsetOf: [] }, { maxLength: 5 }, 'empty'],
  [{ subsetOf: ['a'] }, { maxLength: 5 }, [{ subsetOf: ['a'] }, { maxLength: 5 }]],
  [{ subsetOf: ['a'] }, { range: { max: '5' } }, 'empty'],
  [{ maxLength: 3 }, { maxLength: 2 }, [{ maxLength: 2 }]],
  [{ any: true }, { maxLength: 2 }, [{ maxLength: 2 }]],
  [{ any: true }, { any: true }, [{ any: true }]],
];

for (const [a, b, expected] of directed) {
  test(`${JSON.stringify(a)} and ${JSON.stringify(b)} meet in ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(intersect(a, b), expected);
  });
}

test('an unknown constraint stays, and so still holds for nothing', () => {
  const unknown = { regex: '.*' } as unknown as Constraint;
  assert.deepEqual(intersect(unknown, { any: true }), [unknown]);
});

test('a constraint of two kinds is none, and two of them do not become one that is', () => {
  const two = { range: { max: '5' }, regex: '.*' } as unknown as Constraint;
  assert.deepEqual(intersect(two, two), [two, two]);
});

test('what two lists exclude becomes one list where that is not too long', () => {
  const excluded = (from: number, count: number): Constraint => ({
    notOneOf: Array.from({ length: count }, (_, i) => `v${from + i}`),
  });
  const one = intersect(excluded(0, 500), excluded(500, 500));
  assert.deepEqual(one, [excluded(0, 1000)]);
  assert.deepEqual(intersect(excluded(0, 500), excluded(500, 501)), [excluded(0, 500), excluded(500, 501)]);
});
