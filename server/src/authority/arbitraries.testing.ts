import {
  type Authority,
  type Constraint,
  decimalOf,
  type Grant,
  JsonNumber,
  type JsonValue,
  type Limit,
} from '@ambit/protocol';
import fc from 'fast-check';
import { type CallFacts, holds } from './index.ts';

/*
 * A small world, so that sets meet, ranges overlap and paths nest by chance: most random pairs of a large world would
 * have nothing to do with each other, and a law about them would hold of nothing.
 */
const texts = [
  'a',
  'b',
  'A',
  '5',
  '5.0',
  '10',
  '/a',
  '/a/b',
  '/a/b/c',
  '/a/',
  '/ab',
  '/a/../b',
  '/a//b',
  'a.example.com',
];
const names = ['example.com', 'a.example.com', 'b.a.example.com', 'A.EXAMPLE.COM', 'evil-example.com', 'com'];
const addresses = ['10.0.0.1', '10.1.0.1', '10.1.2.0/24', '192.168.0.1', '::1', '2001:db8::1', '::ffff:10.0.0.1'];
const numbers = ['0', '1', '5', '5.0', '7.25', '10', '100', '-5'];
const scalars = fc.constantFrom(...texts, ...numbers.map(Number), true, false, null);

export const values: fc.Arbitrary<JsonValue> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<JsonValue>(...texts, ...names, ...addresses) },
  { weight: 3, arbitrary: fc.constantFrom(...numbers).map((text) => new JsonNumber(text)) },
  { weight: 1, arbitrary: fc.constantFrom<JsonValue>(true, false, null, '', '٣', '１０', '1e1', { a: true }) },
  {
    weight: 2,
    arbitrary: fc.array(fc.constantFrom<JsonValue>('a', 'b', '5', new JsonNumber('5'), null), { maxLength: 3 }),
  },
);

const ends = fc.constantFrom('0', '1', '5', '5.00', '7.25', '10', '100');
const ranges: fc.Arbitrary<Constraint> = fc
  .tuple(fc.option(ends, { nil: undefined, freq: 3 }), fc.option(ends, { nil: undefined, freq: 3 }))
  .filter(([min, max]) => (min ?? max) !== undefined)
  .filter(([min, max]) => min === undefined || max === undefined || Number(min) <= Number(max))
  .map(([min, max]) => ({ range: { ...(min !== undefined && { min }), ...(max !== undefined && { max }) } }));

const sets = fc.uniqueArray(scalars, { maxLength: 6 });
export const finiteSets: fc.Arbitrary<Constraint> = fc.oneof(
  scalars.map((equals) => ({ equals })),
  sets.map((oneOf) => ({ oneOf })),
);
export { ranges };

/** Constraints of one kind each, so that two of a family often have to do with each other. */
const families: readonly fc.Arbitrary<Constraint>[] = [
  finiteSets,
  sets.map((notOneOf) => ({ notOneOf })),
  ranges,
  fc.constantFrom('a', '/a', '/a/', '/a/b', '1').map((prefix) => ({ prefix })),
  fc.constantFrom('m', '.com', 'example.com', '/b', '0').map((suffix) => ({ suffix })),
  fc.constantFrom('/', '/a', '/a/', '/a/b', 'a').map((under) => ({ under })),
  fc
    .constantFrom('10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '0.0.0.0/0', '::/0', '2001:db8::/32')
    .map((cidr) => ({ cidr })),
  fc.constantFrom('com', 'example.com', 'Example.com', 'a.example.com').map((domain) => ({ domain })),
  sets.map((subsetOf) => ({ subsetOf })),
  fc.constantFrom(0, 1, 2, 5, 20).map((maxLength) => ({ maxLength })),
  fc.constant<Constraint>({ any: true }),
];

export const constraints: fc.Arbitrary<Constraint> = fc.oneof(...families);

/** Several constraints, two times in three of one family. */
export const relatives = (count: number): fc.Arbitrary<readonly Constraint[]> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.oneof(...families.map((one) => fc.array(one, { minLength: count, maxLength: count }))) },
    { weight: 1, arbitrary: fc.array(constraints, { minLength: count, maxLength: count }) },
  );

export const conjunctions = fc.array(constraints, { minLength: 1, maxLength: 3 });

const actions = ['shop:orders.get', 'shop:refunds.create', 'shop:shipping.get'];
const argumentNames = ['path.id', 'body.amount', 'query.limit'];
const rules = fc.record({ all: conjunctions, optional: fc.boolean() }, { requiredKeys: ['all'] });
const wheres = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...argumentNames), rules), {
    minLength: 1,
    maxLength: 2,
    selector: ([name]) => name,
  })
  .map((entries) => Object.fromEntries(entries));

const seconds = fc.constantFrom(undefined, 60, 3600);
const limits: fc.Arbitrary<Limit> = fc
  .tuple(fc.constantFrom('calls', 'sum', 'cost'), fc.integer({ min: 0, max: 9 }), seconds)
  .map(([kind, max, span]) => {
    const over = span === undefined ? {} : { seconds: span };
    if (kind === 'calls') return { calls: max, ...over };
    return kind === 'sum' ? { sum: { max: `${max}.50`, currency: 'USD' }, ...over } : { cost: `${max}`, ...over };
  });

const grants: fc.Arbitrary<Grant> = fc
  .record(
    {
      actions: fc.uniqueArray(fc.constantFrom(...actions), { minLength: 1, maxLength: 2 }),
      where: wheres,
      limits: fc.array(limits, { minLength: 1, maxLength: 2 }),
      asks: fc.constant([{ over: { amount: '5', currency: 'USD' }, per: 'path.id', reason: 'large' }]),
    },
    { requiredKeys: ['actions'] },
  )
  .map((grant): Grant => ({ type: 'ambit_grant', ...grant }));

export const authorities: fc.Arbitrary<Authority> = fc.array(grants, { minLength: 1, maxLength: 3 });

/** A call of the small world, in and out of any bounds. */
export const calls: fc.Arbitrary<CallFacts> = fc.record(
  {
    action: fc.constantFrom(...actions),
    arguments: fc
      .uniqueArray(fc.tuple(fc.constantFrom(...argumentNames), values), { maxLength: 2, selector: ([name]) => name })
      .map((entries): ReadonlyMap<string, JsonValue> => new Map(entries)),
    money: fc.constantFrom('USD', 'EUR').map((currency) => ({ amount: decimalOf('3.00'), currency })),
  },
  { requiredKeys: ['action', 'arguments'] },
);

/** A call made to fit one grant of the authority, as far as the drawn values allow. */
export function callsWithin(authority: Authority): fc.Arbitrary<CallFacts> {
  const grant = authority.length === 0 ? undefined : fc.constantFrom(...authority);
  if (grant === undefined) return calls;
  return fc
    .tuple(grant, fc.array(values, { minLength: 40, maxLength: 40 }), fc.nat(), fc.boolean())
    .map(([one, drawn, pick, fill]) => ({
      action: one.actions[pick % one.actions.length]!,
      arguments: new Map(
        Object.entries(one.where ?? {}).flatMap(([name, { all, optional }]): [string, JsonValue][] => {
          const fitting = drawn.find((value) => all.every((constraint) => holds(constraint, value)));
          if (optional === true && (!fill || fitting === undefined)) return [];
          return [[name, fitting ?? drawn[0]!]];
        }),
      ),
      money: { amount: decimalOf('3.00'), currency: 'USD' },
    }));
}
