import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Authority, Constraint, Grant } from '@ambit/protocol';
import fc from 'fast-check';
import { authorities, calls, callsWithin, finiteSets, ranges, values } from './arbitraries.testing.ts';
import { covers, meet, narrows } from './index.ts';

/** A child that often narrows: the meet with something, a part of the parent, or something that has nothing to do with it. */
const childOf = (parent: Authority): fc.Arbitrary<Authority> =>
  fc.oneof(
    { weight: 4, arbitrary: authorities.map((other) => meet(parent, other)) },
    { weight: 2, arbitrary: fc.subarray([...parent]) },
    { weight: 1, arbitrary: authorities },
  );

const families = authorities.chain((parent) => childOf(parent).map((child) => ({ parent, child })));

test('INVARIANT (narrowing): what a narrower authority covers, the wider one covers', () => {
  const seen = { runs: 0, narrower: 0, covered: 0, wider: 0 };
  const cases = families.chain((family) =>
    fc
      .oneof({ weight: 3, arbitrary: callsWithin(family.child) }, { weight: 1, arbitrary: calls })
      .map((call) => ({ ...family, call })),
  );
  fc.assert(
    fc.property(cases, ({ parent, child, call }) => {
      seen.runs++;
      const isCovered = covers(child, call).covered;
      if (!narrows(child, parent).narrower) {
        seen.wider++;
        return;
      }
      seen.narrower++;
      if (!isCovered) return;
      seen.covered++;
      assert.equal(covers(parent, call).covered, true);
    }),
    { numRuns: 3000 },
  );
  assert.ok(seen.narrower > seen.runs * 0.4, `only ${seen.narrower} of ${seen.runs} were narrower`);
  assert.ok(seen.wider > seen.runs * 0.03, `only ${seen.wider} of ${seen.runs} were wider`);
  assert.ok(seen.covered > seen.runs * 0.15, `only ${seen.covered} of ${seen.runs} calls were covered`);
});

test('what the last of six links covers, every link above it covers', () => {
  const seen = { runs: 0, covered: 0 };
  const chains = authorities.chain((root) => {
    let chain: fc.Arbitrary<readonly Authority[]> = fc.constant([root]);
    for (let depth = 0; depth < 5; depth++) {
      chain = chain.chain((links) =>
        fc
          .oneof(
            authorities.map((other) => meet(links.at(-1)!, other)),
            fc.constant(links.at(-1)!),
            fc.subarray([...links.at(-1)!]),
          )
          .map((child) => [...links, child]),
      );
    }
    return chain.chain((links) => callsWithin(links.at(-1)!).map((call) => ({ links, call })));
  });
  fc.assert(
    fc.property(chains, ({ links, call }) => {
      seen.runs++;
      for (const [i, child] of links.slice(1).entries())
        assert.deepEqual(narrows(child, links[i]!), { narrower: true });
      if (!covers(links.at(-1)!, call).covered) return;
      seen.covered++;
      for (const link of links) assert.equal(covers(link, call).covered, true);
    }),
    { numRuns: 500 },
  );
  assert.ok(seen.covered > seen.runs * 0.05, `only ${seen.covered} of ${seen.runs} calls were covered at the end`);
});

test('long lists of excluded values are compared in time that grows with their length only', () => {
  const all = Array.from({ length: 10 }, (_, list) => ({
    notOneOf: Array.from({ length: 920 }, (_, i) => `v${list * 920 + i}`),
  }));
  const authority: Authority = [
    { type: 'ambit_grant', actions: ['shop:orders.get'], where: { 'path.orderId': { all } } },
  ];
  const from = performance.now();
  assert.deepEqual(narrows(authority, authority), { narrower: true });
  assert.ok(performance.now() - from < 2000);
});

test('every authority narrows itself, and nothing narrows everything', () => {
  fc.assert(
    fc.property(authorities, (authority) => {
      assert.deepEqual(narrows(authority, authority), { narrower: true });
      assert.deepEqual(narrows([], authority), { narrower: true });
    }),
  );
});

// Limits are compared link by link only: a link that leaves one out lets its child write a larger number, which the
// counters of the links above it still bind.
const withoutLimits = (authority: Authority): Authority => authority.map(({ limits: _, ...grant }) => grant);

test('narrowing is transitive in what a call may be', () => {
  const seen = { runs: 0, inLine: 0 };
  const threes = authorities.chain((c) =>
    childOf(c).chain((b) => childOf(b).map((a) => [a, b, c].map(withoutLimits) as [Authority, Authority, Authority])),
  );
  fc.assert(
    fc.property(threes, ([a, b, c]) => {
      seen.runs++;
      if (!narrows(a, b).narrower || !narrows(b, c).narrower) return;
      seen.inLine++;
      assert.deepEqual(narrows(a, c), { narrower: true });
    }),
    { numRuns: 1500 },
  );
  assert.ok(seen.inLine > seen.runs * 0.3, `only ${seen.inLine} of ${seen.runs} were in line`);
});

const grantOf = (all: readonly Constraint[]): Authority => [
  { type: 'ambit_grant', actions: ['shop:a'], where: { 'body.x': { all } } },
];

test('for finite sets and ranges the answer is complete: no only where some call shows why', () => {
  const probes = fc.sample(values, { numRuns: 400, seed: 7 });
  const seen = { runs: 0, narrower: 0 };
  const finiteOrRange = fc.array(fc.oneof(finiteSets, ranges), { minLength: 1, maxLength: 2 });
  const tell = (authority: Authority, value: (typeof probes)[number]) =>
    covers(authority, { action: 'shop:a', arguments: new Map([['body.x', value]]) }).covered;
  fc.assert(
    fc.property(finiteOrRange, finiteOrRange, (childAll, parentAll) => {
      seen.runs++;
      const [child, parent] = [grantOf(childAll), grantOf(parentAll)];
      const answer = narrows(child, parent).narrower;
      if (answer) seen.narrower++;
      const escapes = probes.some((value) => tell(child, value) && !tell(parent, value));
      if (escapes) assert.equal(answer, false);
      const isRanges = [...childAll, ...parentAll].every((one) => 'range' in one);
      const isSet = childAll.some((one) => 'equals' in one || 'oneOf' in one);
      if (!escapes && (isRanges || isSet) && !answer) {
        // The probes are a sample: members of the child that they miss decide.
        const members = childAll.flatMap((one) => ('oneOf' in one ? one.oneOf : 'equals' in one ? [one.equals] : []));
        const ends = [...childAll, ...parentAll].flatMap((one) => ('range' in one ? nearby(one.range) : []));
        assert.ok([...members, ...ends].some((value) => tellScalar(childAll, value) && !tellScalar(parentAll, value)));
      }
    }),
    { numRuns: 2000 },
  );
  assert.ok(
    seen.narrower > seen.runs * 0.1 && seen.narrower < seen.runs * 0.9,
    `${seen.narrower} of ${seen.runs} were narrower`,
  );
});

const nearby = (range: { readonly min?: string; readonly max?: string }) =>
  [range.min, range.max].flatMap((end) =>
    end === undefined ? ['0', '999999999999999'] : [end, `${Number(end) + 0.5}`, `${Math.max(0, Number(end) - 0.5)}`],
  );

function tellScalar(all: readonly Constraint[], value: string | number | boolean | null): boolean {
  const asked: Authority = [
    { type: 'ambit_grant', actions: ['shop:a'], where: { 'body.x': { all: [{ equals: value }] } } },
  ];
  // A finite set of one is within the conjunction exactly where the value is.
  return narrows(asked, grantOf(all)).narrower;
}

const parent: Grant = {
  type: 'ambit_grant',
  actions: ['shop:refunds.create', 'shop:orders.get'],
  where: {
    'path.orderId': { all: [{ oneOf: ['1042', '1043'] }] },
    'body.amount': { all: [{ range: { max: '100.00' } }], optional: true },
  },
  limits: [{ sum: { max: '250.00', currency: 'USD' } }, { calls: 10, seconds: 60 }],
};
const sum = (max: string) => [{ sum: { max, currency: 'USD' } }];
const order = { 'path.orderId': { all: [{ equals: '1042' }] } };
const child = (more: Partial<Grant>): Authority => [
  { type: 'ambit_grant', actions: ['shop:orders.get'], where: order, limits: sum('250.0'), ...more },
];

const directed: readonly (readonly [what: string, child: Authority, says: RegExp | undefined])[] = [
  ['one of the orders', child({}), undefined],
  ['a smaller sum, a smaller window', child({ limits: [...sum('10'), { calls: 9, seconds: 60 }] }), undefined],
  [
    'a window that the parent does not have',
    child({ limits: [...sum('10'), { calls: 1000, seconds: 3600 }] }),
    undefined,
  ],
  [
    'a larger sum',
    child({ limits: sum('250.01') }),
    /"At most 250\.01 USD in all" is more than "At most 250\.00 USD in all" in the parent/,
  ],
  ['more calls', child({ limits: [...sum('1'), { calls: 11, seconds: 60 }] }), /At most 11 calls in any minute/],
  ['no currency where the parent counts in one', child({ limits: [{ calls: 1 }] }), /the parent counts in USD/],
  [
    'an ask instead of a sum',
    child({ limits: [{ calls: 1 }], asks: [{ over: { amount: '9999', currency: 'USD' }, reason: 'x' }] }),
    undefined,
  ],
  [
    'another action',
    child({ actions: ['shop:payroll.list'] }),
    /^shop:payroll\.list: this action is not in the parent\./,
  ],
  ['an action more', child({ actions: ['shop:orders.get', 'shop:orders.delete'] }), /^shop:orders\.delete/],
  [
    'no rules',
    child({ where: undefined as never }),
    /name the arguments that are named in the parent \(path\.orderId, body\.amount\)/,
  ],
  [
    'another order',
    child({ where: { 'path.orderId': { all: [{ oneOf: ['1042', '9'] }] } } }),
    /path\.orderId has to be one of "1042", "1043"/,
  ],
  [
    'an argument more',
    child({ where: { ...order, 'body.x': { all: [{ any: true }] } } }),
    /body\.x is not named in the parent/,
  ],
  [
    'an argument more that has to be left out',
    child({ where: { ...order, 'body.x': { all: [{ oneOf: [] }], optional: true } } }),
    undefined,
  ],
  ['the order left out', child({ where: { 'body.amount': { all: [{ equals: '5' }] } } }), /path\.orderId is required/],
  [
    'the order optional',
    child({ where: { 'path.orderId': { all: [{ equals: '1042' }], optional: true } } }),
    /path\.orderId is required/,
  ],
  [
    'an optional argument made required',
    child({ where: { ...order, 'body.amount': { all: [{ equals: '5' }] } } }),
    undefined,
  ],
  [
    'a grant that no call fits',
    child({ where: { 'path.orderId': { all: [{ equals: '1' }, { equals: '2' }] } } }),
    undefined,
  ],
];

for (const [what, authority, says] of directed) {
  test(`${what} is ${says === undefined ? 'narrower' : 'not narrower, and why'}`, () => {
    const cleaned = authority.map(
      (grant) => Object.fromEntries(Object.entries(grant).filter(([, part]) => part !== undefined)) as Grant,
    );
    const answer = narrows(cleaned, [parent]);
    if (says === undefined) assert.deepEqual(answer, { narrower: true });
    else assert.ok(!answer.narrower && says.test(answer.says), JSON.stringify(answer));
  });
}

test('the sentence calls the parent what the caller calls it', () => {
  const answer = narrows(child({ actions: ['shop:payroll.list'] }), [parent], 'what you may delegate');
  assert.ok(!answer.narrower && answer.says === 'shop:payroll.list: this action is not in what you may delegate.');
});

test('excluded values may be kept out by several parts of the child', () => {
  const wide = grantOf([{ notOneOf: ['admin', 7] }]);
  assert.equal(narrows(grantOf([{ notOneOf: ['ADMIN'] }, { range: { max: '5' } }]), wide).narrower, true);
  assert.equal(narrows(grantOf([{ notOneOf: ['7.0'] }, { prefix: 'a' }]), wide).narrower, false);
});

test('a value is excluded only by what really keeps it out', () => {
  const all = (...constraints: Constraint[]) => grantOf(constraints);
  const isNarrower = (child: Authority, wide: Authority) => narrows(child, wide).narrower;
  assert.ok(isNarrower(all({ notOneOf: [3] }, { range: { max: '5' } }), all({ notOneOf: [3, 7] })));
  assert.ok(!isNarrower(all({ notOneOf: [3] }, { range: { max: '5' } }), all({ notOneOf: [3, 4] })));
  assert.ok(isNarrower(all({ range: { max: '5' } }, { maxLength: 3 }), all({ notOneOf: [7, 8] })));
  // To exclude nothing still leaves lists and objects out.
  assert.ok(!isNarrower(all({ subsetOf: ['a'] }), all({ notOneOf: [] })));
  assert.ok(isNarrower(all({ notOneOf: ['a'] }), all({ notOneOf: [] })));
  const two = { notOneOf: ['a'], regex: '.*' } as unknown as Constraint;
  assert.ok(!isNarrower(all({ notOneOf: ['a'] }), all(two)));
  assert.ok(!isNarrower(all(two), all({ notOneOf: ['a'] })));
});

test('an argument that has to be left out is missing where the parent requires it', () => {
  const answer = narrows(child({ where: { 'path.orderId': { all: [{ oneOf: [] }], optional: true } } }), [parent]);
  assert.ok(
    !answer.narrower && answer.says.endsWith('path.orderId is required by the parent.'),
    JSON.stringify(answer),
  );
});

test('names that every object has name no argument of the parent', () => {
  const answer = narrows(child({ where: { ...order, toString: { all: [{ any: true as const }] } } }), [parent]);
  assert.ok(!answer.narrower && answer.says.endsWith('toString is not named in the parent.'), JSON.stringify(answer));
});

test('a grant that counts in two currencies covers nothing, and so is within anything', () => {
  assert.deepEqual(narrows(child({ limits: [...sum('1'), { sum: { max: '1', currency: 'EUR' } }] }), []), {
    narrower: true,
  });
});

test('limits of calls, sums and cost are each held against their like', () => {
  const limited = (...limits: NonNullable<Grant['limits']>): Authority => [
    { type: 'ambit_grant', actions: ['shop:orders.get'], ...(limits.length > 0 && { limits }) },
  ];
  const isNarrower = (below: Authority, above: Authority) => narrows(below, above).narrower;
  assert.ok(isNarrower(limited(), limited({ calls: 5 })));
  assert.ok(isNarrower(limited({ cost: '40' }), limited({ cost: '40.0' })));
  assert.ok(!isNarrower(limited({ cost: '40.01' }), limited({ cost: '40' })));
  assert.ok(isNarrower(limited({ cost: '99' }), limited({ calls: 5 })));
  assert.ok(isNarrower(limited({ calls: 9 }), limited({ calls: 5, seconds: 60 })));
  // What cannot be read is more than anything.
  assert.ok(!isNarrower(limited({ cost: '1e1' }), limited({ cost: '40' })));
  assert.ok(!isNarrower(limited({ cost: '1' }), limited({ cost: '1e9' })));
});
