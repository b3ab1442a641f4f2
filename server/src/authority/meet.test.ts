import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Authority, Grant } from '@ambit/protocol';
import fc from 'fast-check';
import { Refusal } from '../foundation/index.ts';
import { authorities, calls, callsWithin } from './arbitraries.testing.ts';
import { covers, meet, narrows, parseAuthority } from './index.ts';

test('a meet lies below both and can be read again', () => {
  let some = 0;
  fc.assert(
    fc.property(authorities, authorities, (a, b) => {
      const both = meet(a, b);
      if (both.length > 0) some++;
      assert.deepEqual(narrows(both, a), { narrower: true });
      assert.deepEqual(narrows(both, b), { narrower: true });
      assert.equal(JSON.stringify(parseAuthority(both)), JSON.stringify(both));
    }),
    { numRuns: 1000 },
  );
  assert.ok(some > 300, `only ${some} meets had anything in them`);
});

test('a meet covers a call exactly where both cover it', () => {
  const seen = { runs: 0, both: 0, one: 0 };
  const cases = fc
    .tuple(authorities, authorities)
    .chain(([a, b]) => fc.oneof(callsWithin(meet(a, b)), callsWithin(a), calls).map((call) => ({ a, b, call })));
  fc.assert(
    fc.property(cases, ({ a, b, call }) => {
      seen.runs++;
      const [byA, byB] = [covers(a, call).covered, covers(b, call).covered];
      if (byA && byB) seen.both++;
      else if (byA || byB) seen.one++;
      assert.equal(covers(meet(a, b), call).covered, byA && byB);
    }),
    { numRuns: 2000 },
  );
  assert.ok(seen.both > seen.runs * 0.1, `both covered only ${seen.both} of ${seen.runs}`);
  assert.ok(seen.one > seen.runs * 0.1, `only one covered ${seen.one} of ${seen.runs}`);
});

test('what lies below both lies below their meet, in what a call may be', () => {
  const bare = (authority: Authority): Authority => authority.map(({ limits: _, asks: __, ...grant }) => grant);
  let seen = 0;
  fc.assert(
    fc.property(authorities, authorities, authorities, (a, b, other) => {
      const [left, right] = [bare(a), bare(b)];
      for (const candidate of [meet(meet(left, right), bare(other)), bare(other)]) {
        if (!narrows(candidate, left).narrower || !narrows(candidate, right).narrower) continue;
        seen++;
        assert.deepEqual(narrows(candidate, meet(left, right)), { narrower: true });
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(seen > 200, `only ${seen} lay below both`);
});

const base: Grant = { type: 'ambit_grant', actions: ['shop:refunds.create', 'shop:orders.get'] };

test('bounds that do not become one stay side by side; limits and asks keep the tighter', () => {
  const a: Grant = {
    ...base,
    where: { 'path.id': { all: [{ prefix: 'ord-' }] }, 'body.note': { all: [{ any: true }], optional: true } },
    limits: [{ calls: 5 }, { sum: { max: '100', currency: 'USD' } }],
    asks: [{ over: { amount: '50', currency: 'USD' }, per: 'path.id', reason: 'large' }],
  };
  const b: Grant = {
    ...base,
    actions: ['shop:refunds.create'],
    where: { 'path.id': { all: [{ suffix: '-eu' }] } },
    limits: [{ calls: 9 }, { sum: { max: '60.00', currency: 'USD' } }, { calls: 1, seconds: 60 }],
    asks: [
      { over: { amount: '20', currency: 'USD' }, per: 'path.id', reason: 'careful' },
      { always: true, reason: 'new' },
    ],
  };
  assert.deepEqual(meet([a], [b]), [
    {
      type: 'ambit_grant',
      actions: ['shop:refunds.create'],
      where: { 'path.id': { all: [{ prefix: 'ord-' }, { suffix: '-eu' }] } },
      limits: [{ calls: 5 }, { sum: { max: '60.00', currency: 'USD' } }, { calls: 1, seconds: 60 }],
      asks: [
        { over: { amount: '20', currency: 'USD' }, per: 'path.id', reason: 'careful' },
        { always: true, reason: 'new' },
      ],
    },
  ]);
});

test('what one requires and the other does not name leaves nothing', () => {
  const a: Grant = { ...base, where: { 'path.id': { all: [{ any: true }] } } };
  const b: Grant = { ...base, where: { 'path.other': { all: [{ any: true }], optional: true } } };
  assert.deepEqual(meet([a], [b]), []);
});

test('where only optional arguments are left and none is shared, calls without arguments remain', () => {
  const a: Grant = { ...base, where: { 'query.a': { all: [{ any: true }], optional: true } } };
  const b: Grant = { ...base, where: { 'query.b': { all: [{ any: true }], optional: true } } };
  const both = meet([a], [b]);
  assert.equal(covers(both, { action: 'shop:orders.get', arguments: new Map() }).covered, true);
  assert.equal(covers(both, { action: 'shop:orders.get', arguments: new Map([['query.a', 'x']]) }).covered, false);
});

test('two currencies meet in nothing', () => {
  const counted = (currency: string): Authority => [{ ...base, limits: [{ sum: { max: '5', currency } }] }];
  assert.deepEqual(meet(counted('USD'), counted('EUR')), []);
});

test('a meet of too many different grants is refused rather than cut', () => {
  const many = (name: string): Authority =>
    Array.from(
      { length: 9 },
      (_, i): Grant => ({ ...base, where: { 'path.id': { all: [{ [name]: `x${i}` }] } } as never }),
    );
  assert.throws(
    () =>
      meet(
        many('suffix').map((grant, i) => ({ ...grant, where: { 'path.id': { all: [{ suffix: `${i}` }] } } })),
        many('notOneOf').map((grant, i) => ({ ...grant, where: { 'path.id': { all: [{ notOneOf: [`${i}`] }] } } })),
      ),
    (error) => error instanceof Refusal && error.code === 'authority.too_large',
  );
});
