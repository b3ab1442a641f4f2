import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addDecimal, type Decimal, decimalOf, type Grant, type Limit, subtractDecimal } from '@ambit/protocol';
import fc from 'fast-check';
import { fits } from '../authority/index.ts';
import { windowsAround } from '../foundation/index.ts';
import { type Charge, type Charging, chargesOf, retryAfterSeconds } from './charges.ts';
import { type Outcome, type Reserved, settle } from './settle.ts';
import type { StandingLimit } from './standing-limit.ts';

const now = Date.UTC(2026, 0, 5, 9);
const usd = (amount: string) => ({ amount: decimalOf(amount), currency: 'USD' });
const grantWith = (...limits: Limit[]): Grant => ({ type: 'ambit_grant', actions: ['shop:refunds.create'], limits });

function charging(more: Partial<Charging> = {}): Charging {
  return {
    now,
    action: 'shop:refunds.create',
    money: usd('30.00'),
    cost: decimalOf('2'),
    grants: [],
    standing: [],
    behind: { agent: 'agt_1', requester: 'psn_1', purpose: 'support' },
    ...more,
  };
}

function chargesFor(more: Partial<Charging>): readonly Charge[] {
  const found = chargesOf(charging(more));
  assert.equal(found.kind, 'charges');
  return found.kind === 'charges' ? found.charges : [];
}

function standing(limit: Limit, more: Partial<StandingLimit> = {}): StandingLimit {
  const seconds = limit.seconds ?? 86_400;
  return {
    name: 'daily',
    subject: 'tenant',
    whom: null,
    actions: null,
    limit: { ...limit, seconds },
    reason: 'x',
    setAt: 0,
    setBy: 'psn_1',
    ...more,
  };
}

const sum = (max: string, currency = 'USD'): Limit => ({ sum: { max, currency } });

test('a call charges the covering grant of every link, each on a counter of its own', () => {
  const grants = [
    { owner: 'task:tsk_child', index: 1, grant: grantWith(sum('50')) },
    { owner: 'task:tsk_root', index: 0, grant: grantWith(sum('250.00'), { calls: 9 }, { cost: '40' }) },
  ];
  const shown = chargesFor({ grants }).map(({ counter, window, by, max, otherwise }) => ({
    counter,
    window,
    by,
    max,
    otherwise,
  }));
  assert.deepEqual(shown, [
    { counter: 'sum|USD|task:tsk_child|1|all', window: 0, by: '30.00', max: '50', otherwise: 'limits.sum_exceeded' },
    { counter: 'sum|USD|task:tsk_root|0|all', window: 0, by: '30.00', max: '250.00', otherwise: 'limits.sum_exceeded' },
    { counter: 'calls|task:tsk_root|0|all', window: 0, by: '1', max: '9', otherwise: 'limits.calls_exceeded' },
    { counter: 'cost|task:tsk_root|0|all', window: 0, by: '2', max: '40', otherwise: 'limits.cost_exceeded' },
  ]);
});

test('of two limits on the same the tighter is counted, once', () => {
  const [only, ...rest] = chargesFor({
    grants: [{ owner: 'task:t', index: 0, grant: grantWith({ calls: 9 }, { calls: 3 }, { calls: 5 }) }],
  });
  assert.equal(only?.max, '3');
  assert.deepEqual(rest, []);
});

test('an owner that bounds a call twice is charged once', () => {
  const ceiling = { owner: 'agent:agt_1', index: 0, grant: grantWith({ calls: 9 }) };
  assert.equal(chargesFor({ grants: [ceiling, ceiling] }).length, 1);
});

test('a limit over time says when it has room again, a budget never does', () => {
  const charges = chargesFor({
    grants: [{ owner: 'task:t', index: 0, grant: grantWith({ calls: 5, seconds: 60 }, { calls: 50 }) }],
  });
  const [budget, overTime, ...more] = [...charges].sort((a, b) => a.window - b.window);
  assert.equal(budget && retryAfterSeconds(budget, now), null);
  assert.deepEqual(more, [], 'one slice of it');
  const seconds = (overTime && retryAfterSeconds(overTime, now)) ?? 0;
  assert.ok(seconds >= 60 && seconds <= 75);
  assert.equal(overTime?.otherwise, 'limits.window_exceeded');
});

const subjects: readonly (readonly [what: string, limit: Partial<StandingLimit>, owner: string | undefined])[] = [
  ['the tenant as a whole', {}, 'tenant:'],
  ['each agent', { subject: 'agent' }, 'agent:agt_1'],
  ['this agent', { subject: 'agent', whom: 'agt_1' }, 'agent:agt_1'],
  ['another agent', { subject: 'agent', whom: 'agt_2' }, undefined],
  ['each requester', { subject: 'requester' }, 'requester:psn_1'],
  ['each action', { subject: 'action' }, 'action:shop:refunds.create'],
  ['another action', { subject: 'action', whom: 'shop:orders.get' }, undefined],
  ['each purpose type', { subject: 'purpose' }, 'purpose:support'],
  ['another purpose type', { subject: 'purpose', whom: 'billing' }, undefined],
  ['only these actions', { actions: ['shop:refunds.create'] }, 'tenant:'],
  ['only other actions', { actions: ['shop:orders.get'] }, undefined],
];

for (const [what, limit, owner] of subjects) {
  test(`a standing limit on ${what} ${owner === undefined ? 'is not charged' : `charges ${owner}`}`, () => {
    const charges = chargesFor({ standing: [standing({ calls: 5 }, limit)] });
    const counters = new Set(charges.map(({ counter }) => counter));
    assert.deepEqual([...counters], owner === undefined ? [] : [`calls|limit:daily|${owner}|slices|86400`]);
  });
}

test('where an agent asked for itself it is the requester that is charged', () => {
  const behind = { agent: 'agt_1', requester: null, purpose: 'support' };
  const [charge] = chargesFor({ behind, standing: [standing({ calls: 5 }, { subject: 'requester' })] });
  assert.equal(charge?.counter, 'calls|limit:daily|requester:agt_1|slices|86400');
});

const uncounted: readonly (readonly [what: string, more: Partial<Charging>, isRefused: boolean])[] = [
  [
    'a foreign currency where a grant sums',
    {
      money: { amount: decimalOf('1'), currency: 'EUR' },
      grants: [{ owner: 't', index: 0, grant: grantWith(sum('5')) }],
    },
    true,
  ],
  [
    'no money where a grant sums',
    { money: undefined, grants: [{ owner: 't', index: 0, grant: grantWith(sum('5')) }] },
    true,
  ],
  [
    'a foreign currency where the tenant sums',
    { money: { amount: decimalOf('1'), currency: 'EUR' }, standing: [standing(sum('5'))] },
    true,
  ],
  ['no money where the tenant sums over everything', { money: undefined, standing: [standing(sum('5'))] }, false],
  [
    'no money where the action is named',
    { money: undefined, standing: [standing(sum('5'), { actions: ['shop:refunds.create'] })] },
    true,
  ],
  [
    'no money where the action is the subject',
    { money: undefined, standing: [standing(sum('5'), { subject: 'action', whom: 'shop:refunds.create' })] },
    true,
  ],
  [
    'a currency that a second sum of the subject speaks of',
    { standing: [standing(sum('5', 'EUR')), standing(sum('5'), { name: 'usd' })] },
    false,
  ],
  [
    'a currency that only another subject speaks of',
    { standing: [standing(sum('5', 'EUR')), standing(sum('5'), { name: 'usd', subject: 'agent' })] },
    true,
  ],
];

for (const [what, more, isRefused] of uncounted) {
  test(`${what} is ${isRefused ? 'refused' : 'let through'}`, () => {
    const found = chargesOf(charging(more));
    assert.equal(found.kind, isRefused ? 'uncountable' : 'charges');
    if (found.kind === 'uncountable')
      assert.match(found.says, /^refunds\.create is limited in (USD|EUR); send an amount in/);
  });
}

test("an agent hears its own limit, and of the organisation's only that there is one", () => {
  const [own] = chargesFor({ grants: [{ owner: 'task:t', index: 0, grant: grantWith(sum('250.00')) }] });
  assert.equal(
    own?.says,
    'refunds.create does not fit into what is left of "At most 250.00 USD in all"; ask for an elevation or use a smaller amount.',
  );
  const [foreign] = chargesFor({ standing: [standing(sum('9000'))] });
  assert.equal(
    foreign?.says,
    'refunds.create is beyond a limit that is set over time on amounts; wait, then try again.',
  );
});

test('a failed call gets its amounts back, not its calls and cost; what is done or unknown stays spent', () => {
  const charges: Reserved[] = [
    ...chargesFor({
      grants: [{ owner: 'task:t', index: 0, grant: grantWith(sum('250.00'), { calls: 5 }, { cost: '9' }) }],
    }),
    { counter: 'tsk_1|ask|0|0|calls|1042', window: 0, by: decimalOf('30.00') },
  ];
  const returned = (outcome: Outcome, sent?: boolean) =>
    settle(charges, outcome, sent).map(({ counter, by }) => `${counter} ${by}`);
  assert.deepEqual(returned('failed'), ['sum|USD|task:t|0|all 30.00', 'tsk_1|ask|0|0|calls|1042 30.00']);
  assert.equal(returned('failed', false).length, 4);
  assert.deepEqual(returned('done'), []);
  assert.deepEqual(returned('unknown'), []);
});

/** Counters as the store keeps them: a unit reserves all of its counters or none. */
function counters() {
  const sums = new Map<string, Decimal>();
  const read = ({ counter, window }: Pick<Reserved, 'counter' | 'window'>) =>
    sums.get(`${counter}@${window}`) ?? decimalOf('0');
  const write = (charge: Reserved, sum: Decimal) => sums.set(`${charge.counter}@${charge.window}`, sum);
  const used = ({ counter, window, around }: Charge) =>
    [window, ...windowsAround(window, around)].map((one) => read({ counter, window: one })).reduce(addDecimal);
  return {
    reserve(charges: readonly Charge[]): boolean {
      if (!charges.every((charge) => fits(used(charge), charge.by, charge.max))) return false;
      for (const charge of charges) write(charge, addDecimal(read(charge), charge.by));
      return true;
    },
    settle(charges: readonly Charge[], outcome: Outcome): void {
      for (const back of settle(charges, outcome)) write(back, subtractDecimal(read(back), back.by));
    },
  };
}

type Step = {
  readonly afterMs: number;
  readonly cents: number;
  readonly outcome: Outcome;
  readonly settledAfter: number;
};

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    afterMs: fc.oneof(
      fc.integer({ min: 0, max: 3000 }),
      fc.constantFrom(0, 14_999, 15_000, 45_000, 59_999, 60_000, 61_000),
    ),
    cents: fc.integer({ min: 0, max: 6000 }),
    outcome: fc.constantFrom<Outcome>('done', 'done', 'failed', 'unknown'),
    settledAfter: fc.integer({ min: 0, max: 3 }),
  }),
  { minLength: 1, maxLength: 40 },
);

test('INVARIANT (one budget): what is admitted and not returned never exceeds the limit, in any span, in flight included', () => {
  const seen = { admitted: 0, refused: 0 };
  const grants = [
    {
      owner: 'task:t',
      index: 0,
      grant: grantWith({ ...sum('100'), seconds: 60 }, sum('400'), { calls: 8, seconds: 60 }),
    },
  ];
  fc.assert(
    fc.property(steps, (sequence) => {
      const store = counters();
      const open: { charges: readonly Charge[]; step: Step; due: number; at: number }[] = [];
      let kept: { at: number; cents: number; counts: boolean }[] = [];
      let at = now;
      for (const [i, step] of sequence.entries()) {
        for (const one of open.filter(({ due }) => due === i)) {
          store.settle(one.charges, one.step.outcome);
          if (one.step.outcome === 'failed')
            kept = kept.map((held) =>
              held.at === one.at && held.cents === one.step.cents && held.counts ? { ...held, counts: false } : held,
            );
        }
        at += step.afterMs;
        const charges = chargesFor({ now: at, money: usd((step.cents / 100).toFixed(2)), grants });
        if (!store.reserve(charges)) {
          seen.refused++;
          continue;
        }
        seen.admitted++;
        kept.push({ at, cents: step.cents, counts: true });
        open.push({ charges, step, due: i + 1 + step.settledAfter, at });
        const inSpan = kept.filter((one) => one.at > at - 60_000);
        const spent = (all: typeof kept) =>
          all.filter((one) => one.counts).reduce((total, one) => total + one.cents, 0);
        assert.ok(spent(inSpan) <= 10_000, `${spent(inSpan)} cents within a minute`);
        assert.ok(spent(kept) <= 40_000, `${spent(kept)} cents in all`);
        assert.ok(inSpan.length <= 8, `${inSpan.length} calls within a minute`);
      }
    }),
    { numRuns: 300 },
  );
  assert.ok(seen.refused > 300 && seen.admitted > 1000, JSON.stringify(seen));
});

test('a limit that was reached has room again after a span and a quarter at most', () => {
  const store = counters();
  const grants = [{ owner: 'task:t', index: 0, grant: grantWith({ calls: 3, seconds: 60 }) }];
  const tryAt = (at: number) => store.reserve(chargesFor({ now: at, grants }));
  assert.deepEqual([tryAt(now), tryAt(now), tryAt(now), tryAt(now)], [true, true, true, false]);
  assert.equal(tryAt(now + 59_999), false);
  assert.equal(tryAt(now + 75_000), true);
});
