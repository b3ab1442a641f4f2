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

test('as many grants and parts as authority may have are a meet, one more is refused', () => {
  const suffixes = (count: number): Authority =>
    Array.from({ length: count }, (_, i) => ({ ...base, where: { 'path.id': { all: [{ suffix: `.${i}` }] } } }));
  const excluding = (count: number): Authority =>
    Array.from({ length: count }, (_, i) => ({ ...base, where: { 'path.id': { all: [{ notOneOf: [`${i}`] }] } } }));
  assert.equal(meet(suffixes(8), excluding(8)).length, 64);
  assert.throws(() => meet(suffixes(13), excluding(5)), {
    code: 'authority.too_large',
    because: 'what is in both has 65 grants, or one of them too many parts; at most 64 fit',
  });
  const windows = (from: number, count: number): Authority => [
    { ...base, limits: Array.from({ length: count }, (_, i) => ({ calls: 1, seconds: from + i })) },
  ];
  assert.equal(meet(windows(1, 8), windows(9, 8))[0]!.limits!.length, 16);
  assert.throws(() => meet(windows(1, 8), windows(9, 9)), { code: 'authority.too_large' });
  const asking = (from: number, count: number): Authority => [
    { ...base, asks: Array.from({ length: count }, (_, i) => ({ always: true, reason: `${from + i}` })) },
  ];
  assert.equal(meet(asking(1, 8), asking(9, 8))[0]!.asks!.length, 16);
  assert.throws(() => meet(asking(1, 8), asking(9, 9)), { code: 'authority.too_large' });
});

test('two grants without any bounds meet in one without', () => {
  assert.deepEqual(meet([base], [base]), [base]);
});

test('of arguments that have to be left out one is kept, and tells a closed world from an open one', () => {
  const optional = (...names: string[]): Grant => ({
    ...base,
    where: Object.fromEntries(names.map((name) => [name, { all: [{ any: true }], optional: true }])),
  });
  const [both] = meet([optional('query.a', 'query.b')], [optional('query.c')]);
  assert.deepEqual(both?.where, { 'query.a': { all: [{ oneOf: [] }], optional: true } });
});

test('a question is asked once, at the lower amount; different questions are all asked', () => {
  const over = (amount: string, per: string | undefined, why: string) =>
    ({ over: { amount, currency: 'USD' }, ...(per !== undefined && { per }), reason: why }) as const;
  const always = (why: string) => ({ always: true, reason: why }) as const;
  const asks = (a: Grant['asks'], b: Grant['asks']) => meet([{ ...base, asks: a! }], [{ ...base, asks: b! }])[0]?.asks;
  assert.deepEqual(asks([over('20', 'path.id', 'low')], [over('50', 'path.id', 'high')]), [
    over('20', 'path.id', 'low'),
  ]);
  assert.deepEqual(asks([over('50', 'path.id', 'high')], [over('20', 'path.id', 'low')]), [
    over('20', 'path.id', 'low'),
  ]);
  assert.deepEqual(asks([over('20', 'path.id', 'first')], [over('20.00', 'path.id', 'second')]), [
    over('20', 'path.id', 'first'),
  ]);
  assert.deepEqual(asks([over('20', 'path.id', 'x')], [over('20', undefined, 'x')]), [
    over('20', 'path.id', 'x'),
    over('20', undefined, 'x'),
  ]);
  assert.deepEqual(asks([always('new')], [always('new'), always('large')]), [always('new'), always('large')]);
  assert.deepEqual(asks([always('x')], [over('20', undefined, 'x')]), [always('x'), over('20', undefined, 'x')]);
});

test('asks in two currencies meet in nothing', () => {
  const asking = (currency: string): Authority => [
    { ...base, asks: [{ over: { amount: '5', currency }, reason: 'x' }] },
  ];
  assert.deepEqual(meet(asking('USD'), asking('EUR')), []);
});

test('two grants with the same arguments, as many as there may be, meet in as many', () => {
  const where = Object.fromEntries(
    Array.from({ length: 64 }, (_, i) => [`body.a${i}`, { all: [{ any: true as const }] }]),
  );
  assert.equal(Object.keys(meet([{ ...base, where }], [{ ...base, where }])[0]!.where!).length, 64);
});

test('a meet lists no more values than authority may, and so can be read again', () => {
  const excluding = (from: number, count: number): Authority => {
    const values = Array.from({ length: count }, (_, i) => `v${from + i}`);
    const lists = [values.slice(0, 1000), values.slice(1000, 2000), values.slice(2000)].filter(
      (list) => list.length > 0,
    );
    return [{ ...base, where: { 'path.id': { all: lists.map((notOneOf) => ({ notOneOf })) } } }];
  };
  assert.doesNotThrow(() => parseAuthority(meet(excluding(0, 2000), excluding(2000, 2000))));
  assert.throws(() => meet(excluding(0, 2001), excluding(3000, 2000)), {
    code: 'authority.too_large',
    because: 'what is in both lists 4001 values; at most 4000 fit',
  });
});
