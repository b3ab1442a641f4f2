import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Constraint, constraintKinds, holds, JsonNumber, type Scalar } from '@ambit/protocol';
import fc from 'fast-check';
import { constraints, finiteSets, ranges, relatives, values } from './arbitraries.testing.ts';
import { implies, membersOf, pairs } from './implies.ts';

test('INVARIANT (narrowing): what a constraint implies holds wherever it holds', () => {
  const seen = { implied: 0, held: 0, runs: 0 };
  fc.assert(
    fc.property(relatives(2), fc.array(values, { minLength: 20, maxLength: 20 }), ([child, parent], drawn) => {
      assert.ok(child !== undefined && parent !== undefined);
      seen.runs++;
      if (!implies(child, parent)) return;
      seen.implied++;
      const within = drawn.filter((value) => holds(child, value));
      if (within.length > 0) seen.held++;
      for (const value of within) assert.equal(holds(parent, value), true);
    }),
    { numRuns: 3000 },
  );
  assert.ok(seen.implied > seen.runs * 0.1, `only ${seen.implied} of ${seen.runs} pairs were implied`);
  assert.ok(
    seen.implied < seen.runs * 0.7,
    `${seen.implied} of ${seen.runs} pairs were implied: too few tell anything`,
  );
  assert.ok(seen.held > seen.runs * 0.05, `only ${seen.held} of ${seen.runs} implied pairs held a value`);
});

test('a constraint implies itself', () => {
  fc.assert(fc.property(constraints, (one) => implies(one, one)));
});

test('implication is transitive', () => {
  let seen = 0;
  fc.assert(
    fc.property(relatives(3), ([a, b, c]) => {
      assert.ok(a !== undefined && b !== undefined && c !== undefined);
      if (!implies(a, b) || !implies(b, c)) return;
      seen++;
      assert.equal(implies(a, c), true);
    }),
    { numRuns: 5000 },
  );
  assert.ok(seen > 100, `only ${seen} triples were in line`);
});

test('a finite set implies every constraint that holds for all of its members', () => {
  let yes = 0;
  fc.assert(
    fc.property(finiteSets, constraints, (child, parent) => {
      const members = membersOf(child) ?? [];
      const expected = members.every((member) => holds(parent, member));
      if (expected) yes++;
      assert.equal(implies(child, parent), expected);
    }),
    { numRuns: 1000 },
  );
  assert.ok(yes > 50, `only ${yes} sets were inside`);
});

test('a range implies a range exactly where no amount lies in the first and outside the second', () => {
  const probes = ['0', '0.5', '1', '3', '5', '6', '7.25', '8', '10', '50', '100', '101', '999999999999999.999999999'];
  let yes = 0;
  fc.assert(
    fc.property(ranges, ranges, (child, parent) => {
      const expected = probes.every((probe) => !holds(child, probe) || holds(parent, probe));
      if (expected) yes++;
      assert.equal(implies(child, parent), expected);
    }),
    { numRuns: 1000 },
  );
  assert.ok(yes > 100, `only ${yes} ranges were inside`);
});

test('the table names only kinds that exist, each pair once', () => {
  const names = pairs.map(([child, parent]) => `${child} ${parent}`);
  assert.equal(new Set(names).size, names.length);
  for (const [child, parent] of pairs) assert.ok(constraintKinds.includes(child) && constraintKinds.includes(parent));
});

const directed: readonly (readonly [Constraint, Constraint, boolean])[] = [
  [{ range: { max: '10' } }, { range: { min: '0', max: '10.00' } }, true],
  [{ range: { max: '10' } }, { range: { min: '0.01' } }, false],
  [{ range: { min: '1', max: '5' } }, { notOneOf: [6, 'x', '0.5'] }, true],
  [{ range: { min: '1', max: '5' } }, { notOneOf: ['3.00'] }, false],
  [{ range: { min: '5', max: '9' } }, { notOneOf: [5] }, false],
  [{ range: { min: '5', max: '9' } }, { notOneOf: [9] }, false],
  [{ range: { min: '5', max: '9' } }, { notOneOf: ['4.99', 9.01] }, true],
  [{ range: { min: '5', max: '5' } }, { notOneOf: [5] }, false],
  [{ range: { max: '5' } }, { notOneOf: [1e300] }, false],
  [{ range: { min: '5', max: '1' } }, { notOneOf: [1e300] }, true],
  [{ notOneOf: ['A', '30'] }, { notOneOf: ['a', 30] }, true],
  [{ notOneOf: ['b'] }, { notOneOf: ['a'] }, false],
  [{ prefix: '/a/b' }, { under: '/a' }, false],
  [{ under: '/a/b' }, { prefix: '/a/b' }, true],
  [{ under: '/a/b' }, { prefix: '/a/b/' }, false],
  [{ under: '/ab' }, { under: '/a' }, false],
  [{ domain: 'evil-example.com' }, { domain: 'example.com' }, false],
  [{ domain: 'A.example.com' }, { domain: 'example.COM' }, true],
  [{ domain: 'example.com' }, { suffix: 'example.com' }, false],
  [{ cidr: '10.1.0.0/16' }, { cidr: '10.0.0.0/8' }, true],
  [{ cidr: '10.0.0.0/8' }, { cidr: '::/0' }, false],
  [{ any: true }, { maxLength: 1_000_000_000 }, false],
  [{ maxLength: 3 }, { any: true }, true],
  [{ subsetOf: ['a'] }, { subsetOf: ['a', 'b'] }, true],
  [{ subsetOf: ['a'] }, { notOneOf: ['b'] }, false],
  [{ equals: '30' }, { equals: 30 }, false],
];

for (const [child, parent, expected] of directed) {
  test(`${JSON.stringify(child)} ${expected ? 'implies' : 'does not imply'} ${JSON.stringify(parent)}`, () => {
    assert.equal(implies(child, parent), expected);
  });
}

test('an unknown constraint implies nothing and is implied by nothing', () => {
  const unknown = { regex: '.*' } as unknown as Constraint;
  assert.equal(implies(unknown, { any: true }), false);
  assert.equal(implies({ equals: 'a' }, unknown), false);
  assert.equal(implies({ oneOf: [] }, unknown), false);
  assert.equal(implies(unknown, unknown), false);
});

test('an empty set implies everything known, since nothing is in it', () => {
  const nothing: readonly Scalar[] = [];
  assert.equal(implies({ oneOf: nothing }, { equals: 'a' }), true);
  assert.equal(holds({ oneOf: nothing }, new JsonNumber('1')), false);
});
