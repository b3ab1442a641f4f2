import assert from 'node:assert/strict';
import {
  type Authority,
  type Constraint,
  canonicalJson,
  decimalOf,
  type Grant,
  JsonFault,
  JsonNumber,
  type JsonValue,
  type Limit,
  parseJson,
  plainJson,
} from '@ambit/protocol';
import fc from 'fast-check';
import { authorities } from '../../../src/authority/arbitraries.testing.ts';
import {
  type CallFacts,
  covers,
  describeGrant,
  holds,
  meet,
  narrows,
  parseAuthority,
} from '../../../src/authority/index.ts';
import { type Random, randomFrom } from '../../../src/policy/cedar/generate.testing.ts';
import { jsonMutation, mutateJson } from '../json-mutations.ts';
import { isExact, plainlyCovers, plainlyHolds } from '../plain-authority.ts';
import { attempt, makerOf, outcomeOf } from '../refused.ts';
import { type Input, inputOf, type Mutation, type Target, textOf } from '../target.ts';

/* An input is a list of two authorities in JSON, as the API takes each. Calls are made from what they say. */

type Two = { readonly a: Authority; readonly b: Authority };

function read(text: string): { readonly value: JsonValue } | { readonly fault: JsonFault } {
  try {
    return { value: parseJson(text) };
  } catch (error) {
    if (error instanceof JsonFault) return { fault: error };
    throw error;
  }
}

function check(text: string): string {
  const json = read(text);
  if ('fault' in json) return `no JSON: ${makerOf(json.fault)}`;
  const [one, two] = Array.isArray(json.value) ? json.value : [json.value];
  const a = attempt(() => parseAuthority(one));
  const b = attempt(() => parseAuthority(two ?? []));
  const refusal = 'refusal' in a ? a.refusal : 'refusal' in b ? b.refusal : undefined;
  if (refusal !== undefined) {
    assert.match(refusal.code, /^authority\./);
    return `${outcomeOf(refusal)}: ${mustOf(refusal.says)}`;
  }
  assert.ok('value' in a && 'value' in b);
  return judge({ a: a.value, b: b.value }, one ?? null, text);
}

/** What kind of fault a shape found, without the place and the values. */
const mustOf = (says: string) => /\b(?:must|may|has the|counts)\b [a-z]+ [a-z]+/.exec(says)?.[0] ?? '';

function judge({ a, b }: Two, given: JsonValue, text: string): string {
  assertOneForm(a, given);
  for (const authority of [a, b]) {
    assert.deepEqual(narrows(authority, authority), { narrower: true }, 'an authority lies beyond itself');
    assert.equal(narrows([], authority).narrower, true);
    for (const grant of authority)
      assert.ok(!/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(describeGrant(grant)), 'a sentence with hidden signs');
  }
  const met = attempt(() => meet(a, b));
  if ('refusal' in met) assert.equal(met.refusal.code, 'authority.too_large');
  const below = 'value' in met ? met.value : undefined;
  if (below !== undefined) assertBelow(below, a, b);
  const isNarrower = narrows(a, b).narrower;
  if (isNarrower && b.length === 1) assertLimits(a, b[0]!);
  const random = randomFrom(hashOf(text));
  let covered = 0;
  for (let time = 0; time < 24; time++) {
    const call = callFor(random, { a, b });
    covered += assertCall(call, { a, b }, isNarrower, below) ? 1 : 0;
  }
  const limits = a.some((grant) => grant.limits !== undefined) ? ', limits' : '';
  return `read: ${isNarrower ? 'narrower' : 'not narrower'}, ${covered > 0 ? 'some' : 'none'} covered, meet ${below === undefined ? 'too large' : below.length === 0 ? 'empty' : 'found'}${limits} ${kindsIn(a)}`;
}

/** Where there is one grant to lie within, no limit of the narrower promises more than its limit for the same span. */
function assertLimits(a: Authority, parent: Grant): void {
  for (const grant of a) {
    // What covers no call at all lies within everything.
    if (narrows([grant], []).narrower) continue;
    for (const limit of parent.limits ?? []) {
      const same = (grant.limits ?? []).filter((one) => spanOf(one) === spanOf(limit)).map(mostOf);
      assert.ok(same.length === 0 || Math.min(...same) <= mostOf(limit), 'the narrower promises more in a limit');
    }
  }
}

const spanOf = (limit: Limit) =>
  `${limit.seconds} ${'calls' in limit ? 'calls' : 'sum' in limit ? limit.sum.currency : 'cost'}`;
const mostOf = (limit: Limit) => Number('calls' in limit ? limit.calls : 'sum' in limit ? limit.sum.max : limit.cost);

const kindsIn = (authority: Authority) =>
  [...new Set(constraintsIn(authority).flatMap((one) => Object.keys(one)))].sort()[0] ?? '';

/** One canonical form: what is read from it is the same, however its numbers and members were written. */
function assertOneForm(a: Authority, given: JsonValue): void {
  const canonical = canonicalJson(a);
  assert.equal(canonicalJson(parseAuthority(plainJson(given))), canonical, 'it depends on who read the JSON');
  assert.equal(
    canonicalJson(parseAuthority(JSON.parse(canonical))),
    canonical,
    'read again from its canonical form it is another',
  );
  assert.equal(canonicalJson(given), canonical, 'something that was written is passed over');
}

function assertBelow(below: Authority, a: Authority, b: Authority): void {
  assert.deepEqual(narrows(below, a), { narrower: true }, 'the meet lies beyond the first');
  assert.deepEqual(narrows(below, b), { narrower: true }, 'the meet lies beyond the second');
  const again = attempt(() => parseAuthority(JSON.parse(canonicalJson(below))));
  if ('refusal' in again)
    assert.equal(again.refusal.code, 'authority.too_large', `the meet cannot be read: ${again.refusal.message}`);
}

function assertCall(call: CallFacts, { a, b }: Two, isNarrower: boolean, below: Authority | undefined): boolean {
  const [inA, inB] = [covers(a, call), covers(b, call)];
  for (const [authority, said] of [
    [a, inA],
    [b, inB],
  ] as const) {
    assertConstraints(authority, call);
    const plainly = plainlyCovers(authority, call);
    if (said.covered) assert.ok(plainly !== undefined && plainly <= said.grant, 'a call is covered that should not be');
    else assert.ok(said.says.length > 0 && said.says.length < 5000);
    if (constraintsIn(authority).every(isExact))
      assert.equal(said.covered ? said.grant : undefined, plainly, 'another grant covers it');
  }
  if (isNarrower && inA.covered) assert.ok(inB.covered, 'the narrower covers what the wider does not');
  if (below !== undefined)
    assert.equal(covers(below, call).covered, inA.covered && inB.covered, 'the meet covers another set of calls');
  return inA.covered;
}

function assertConstraints(authority: Authority, call: CallFacts): void {
  for (const grant of authority)
    for (const [name, rule] of Object.entries(grant.where ?? {})) {
      const value = call.arguments.get(name);
      if (value === undefined) continue;
      for (const one of rule.all) {
        const [ours, plain] = [holds(one, value), plainlyHolds(one, value)];
        assert.ok(
          isExact(one) ? ours === plain : !ours || plain,
          `${JSON.stringify(one)} and ${JSON.stringify(value)}: ${ours}, plainly ${plain}`,
        );
      }
    }
}

// ---- calls that lie on the edges of what the two say

const constraintsIn = (authority: Authority): Constraint[] =>
  authority.flatMap((grant) => Object.values(grant.where ?? {}).flatMap((rule) => rule.all));

function callFor(random: Random, { a, b }: Two): CallFacts {
  const all = [...a, ...b];
  const grant = all.length === 0 ? undefined : random.pick(all);
  const others = all.flatMap((one) => Object.keys(one.where ?? {}));
  const names = grant?.where === undefined ? others.filter(() => random.chance(0.5)) : Object.keys(grant.where);
  const odd = others.length > 0 && random.chance(0.15) ? [random.pick(others)] : [];
  const named = [...names.filter((name) => grant?.where?.[name]?.optional !== true || random.chance(0.6)), ...odd];
  const hints = constraintsIn(all);
  return {
    action: random.pick(grant?.actions ?? ['shop:orders.get']),
    arguments: new Map(named.map((name) => [name, valueFor(random, grant?.where?.[name]?.all ?? hints, hints)])),
    money: random.chance(0.9) ? { amount: decimalOf('3.00'), currency: currencyIn(all) } : undefined,
  };
}

const currencyIn = (all: Authority) => /"currency":"([A-Z]{3})"/.exec(JSON.stringify(all))?.[1] ?? 'USD';

/** A value near one of the bounds, the first that is within all of them where there is one. */
function valueFor(random: Random, wanted: readonly Constraint[], hints: readonly Constraint[]): JsonValue {
  const tries = Array.from({ length: 6 }, () => near(random, random.pick(wanted.length > 0 ? wanted : hints)));
  const fitting = random.chance(0.7) ? tries.find((value) => wanted.every((one) => holds(one, value))) : undefined;
  return fitting ?? tries[0]!;
}

const plainText = (value: unknown) => (typeof value === 'number' ? String(value) : value);
const jsonOf = (value: unknown): JsonValue =>
  typeof value === 'number' && /^-?[0-9]+(?:\.[0-9]+)?$/.test(String(value))
    ? new JsonNumber(String(value))
    : (value as JsonValue);

function near(random: Random, constraint: Constraint | undefined): JsonValue {
  const stray = () =>
    random.pick<JsonValue>(['', 'a', '5', null, true, [], new JsonNumber('5'), ['a'], '1e1', '٣', '/a/../b']);
  if (constraint === undefined || random.chance(0.1)) return stray();
  const [kind, bound] = Object.entries(constraint)[0]! as [string, unknown];
  const some = (list: unknown) => (Array.isArray(list) && list.length > 0 ? random.pick(list as unknown[]) : 'a');
  switch (kind) {
    case 'equals':
      return respelled(random, bound);
    case 'oneOf':
    case 'notOneOf':
      return respelled(random, some(bound));
    case 'subsetOf':
      return Array.from({ length: random.below(4) }, () => (random.chance(0.9) ? jsonOf(some(bound)) : stray()));
    case 'range': {
      const { min, max } = bound as { readonly min?: string; readonly max?: string };
      return besides(random, random.pick([min, max].filter((end) => end !== undefined)));
    }
    case 'maxLength':
      return random.chance(0.5)
        ? '😀'.repeat(Math.min(Number(bound), 30) + random.below(2))
        : Array.from({ length: Math.min(Number(bound), 30) + random.below(2) }, () => 'a');
    default:
      return random.pick([
        `${bound}`,
        `${bound}x`,
        `x${bound}`,
        `${bound}/b`,
        `a.${bound}`,
        `${bound}/../c`,
        `${bound}/%2e%2e/c`,
        String(bound).split('/')[0]!,
        String(bound).toUpperCase(),
      ]);
  }
}

function respelled(random: Random, value: unknown): JsonValue {
  if (random.chance(0.6)) return jsonOf(value);
  const text = String(plainText(value));
  return random.pick<JsonValue>([
    text,
    ` ${text}`,
    text.toUpperCase(),
    `0${text}`,
    `${text}.0`,
    [jsonOf(value)],
    ...(/^-?(?:0|[1-9][0-9]{0,12})$/.test(text) && text !== '-0'
      ? [new JsonNumber(text), new JsonNumber(`${text}.0`)].filter((one) => one.text !== '-0.0')
      : []),
  ]);
}

/** The end itself, and what lies a billionth beside it. */
function besides(random: Random, end: string): JsonValue {
  const [whole = '0', fraction = ''] = end.split('.');
  const units = BigInt(whole + fraction.padEnd(9, '0')) + BigInt(random.pick([-1, 0, 0, 1]));
  if (units < 0n) return `-${end}`;
  const digits = units.toString().padStart(10, '0');
  const text = `${digits.slice(0, -9)}.${digits.slice(-9)}`.replace(/\.?0+$/, '') || '0';
  return random.chance(0.5) || text.replace('.', '').length > 15 ? text : new JsonNumber(text);
}

const hashOf = (text: string) => [...text].reduce((sum, char) => (Math.imul(sum, 31) + char.codePointAt(0)!) | 0, 7);

// ---- inputs

function generate(random: Random): Input {
  const seed = random.below(2 ** 31);
  const [a, b] = fc.sample(fc.tuple(authorities, authorities), { numRuns: 1, seed })[0]!;
  const second = random.chance(0.4) ? meetOr(a, b) : b;
  return inputOf(JSON.stringify(random.chance(0.5) ? [second, a] : [a, second]));
}

function meetOr(a: Authority, b: Authority): Authority {
  const met = attempt(() => meet(a, b));
  return 'value' in met ? met.value : b;
}

const names = [
  ...[
    'type',
    'actions',
    'where',
    'limits',
    'asks',
    'all',
    'optional',
    'equals',
    'oneOf',
    'notOneOf',
    'range',
    'min',
    'max',
    'prefix',
    'suffix',
    'under',
  ],
  ...[
    'cidr',
    'domain',
    'subsetOf',
    'maxLength',
    'any',
    'calls',
    'sum',
    'cost',
    'seconds',
    'currency',
    'always',
    'over',
    'per',
    'reason',
    'amount',
  ],
  ...['path.id', 'body.amount', 'query.limit', 'header.x-a', 'body', '__proto__', 'constructor', 'body.a.b'],
];
const values = [
  ...[
    'ambit_grant',
    'shop:orders.get',
    'shop:refunds.create',
    'shop:*',
    'USD',
    'EUR',
    'usd',
    '10.0.0.0/8',
    '10.1.0.0/16',
    '::/0',
    'example.com',
    'a.example.com',
  ],
  ...[
    '/a',
    '/a/b',
    '/a/../b',
    '/',
    '5',
    '5.00',
    '05',
    '1e1',
    '-5',
    '٣',
    '',
    'a',
    'A',
    5,
    5.5,
    -1,
    0,
    1e21,
    1e15,
    true,
    false,
    null,
    [],
    {},
  ],
  ...[
    { equals: 5 },
    { oneOf: [5, '5', null] },
    { notOneOf: ['a'] },
    { range: { min: '1', max: '5' } },
    { any: true },
    { all: [{ any: true }] },
    { maxLength: 2 },
  ],
  ...[
    { calls: 3 },
    { calls: 3, seconds: 60 },
    { sum: { max: '5.00', currency: 'USD' } },
    { cost: '1' },
    { always: true, reason: 'x' },
  ],
];

const wide: Authority = [{ type: 'ambit_grant', actions: ['shop:orders.get', 'shop:refunds.create'] }];
const bounded: Authority = [
  {
    type: 'ambit_grant',
    actions: ['shop:refunds.create'],
    where: {
      'path.id': { all: [{ oneOf: ['1', '2'] }, { notOneOf: ['3'] }] },
      'body.amount': { all: [{ range: { min: '1', max: '100.00' } }] },
      'body.to': { all: [{ domain: 'example.com' }, { suffix: 'com' }], optional: true },
      'body.from': { all: [{ cidr: '10.0.0.0/8' }], optional: true },
      'body.file': { all: [{ under: '/a/b' }, { prefix: '/a' }], optional: true },
      'body.tags': { all: [{ subsetOf: ['a', 5] }, { maxLength: 2 }], optional: true },
    },
    limits: [{ calls: 5, seconds: 60 }, { sum: { max: '50', currency: 'USD' } }],
    asks: [{ over: { amount: '20', currency: 'USD' }, per: 'path.id', reason: 'large' }],
  },
];
/** The same with limits that promise more. */
const richer: Authority = [
  { ...bounded[0]!, limits: [{ calls: 6, seconds: 60 }, { sum: { max: '50.01', currency: 'USD' } }] },
];

/** The first authority beside itself with one change: most of what narrows, or all but narrows, looks so. */
const changedBeside: Mutation = (random, input) => {
  const json = read(textOf(input));
  const first = 'value' in json && Array.isArray(json.value) ? plainJson(json.value[0] ?? []) : undefined;
  if (first === undefined) return input;
  const changed = mutateJson(random, first, { names, values });
  return inputOf(JSON.stringify(random.chance(0.5) ? [changed, first] : [first, changed]));
};

export const target: Target = {
  holds: 'an authority means one thing, narrows itself, and meets others in what both cover',
  dictionary: [
    ...names.map((name) => `"${name}":`),
    '"ambit_grant"',
    '{"any":true}',
    '[[],[]]',
    '"USD"',
    '"10.0.0.0/8"',
    '"/a/b"',
    '0.10',
  ],
  generate,
  generatedShare: 0.35,
  inputBytesMax: 4000,
  millisecondsMax: 1500,
  ownShare: 0.8,
  mutations: [
    changedBeside,
    changedBeside,
    jsonMutation({ names, values }, (input) => ['', input, '']),
    jsonMutation({ names, values }, (input) => ['', input, '']),
    (_, input, other) => `[${input.slice(1, Math.max(1, input.length - 1))},${other.slice(1)}`,
  ],
  reaches: [...['read: narrower, some covered', 'read: not narrower, some covered', 'authority.malformed', 'no JSON']],
  seeds: () =>
    [
      [wide, bounded],
      [bounded, wide],
      [bounded, bounded],
      [richer, bounded],
      [[], wide],
    ].map((two) => inputOf(JSON.stringify(two))),
  open: () => ({ check: (input) => check(textOf(input)) }),
};
