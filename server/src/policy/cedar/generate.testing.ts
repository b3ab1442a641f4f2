import { closeHierarchy, type Entities } from './entities.ts';
import { extensionFunctions } from './extensions/index.ts';
import type { Request } from './frame.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import type { Long } from './long.ts';
import { type CedarRecord, type EntityUid, entityUid, type Kind, setOf, type Value } from './value.ts';

/**
 * Random policies, entities and requests for the fuzz of rules: mostly well typed, so that evaluation goes deep, and
 * ill typed often enough that every check is met. Names and numbers come from small pools, so that things coincide.
 */
export type Random = {
  readonly below: (count: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <Item>(items: readonly Item[]) => Item;
};

/** mulberry32: small, seeded, good enough to reach every branch. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number): number => Math.floor(next() * count);
  return { below, chance: (probability) => next() < probability, pick: (items) => items[below(items.length)]! };
}

const longs: readonly Long[] = [
  ...[0, 1, -1, 2, 3, 5, 60_000, 86_400_000, 94_906_267, 3_037_000_500, 2 ** 53 - 1, -(2 ** 53 - 1)],
  ...[2n ** 53n, 2n ** 53n + 1n, 2n ** 62n, 2n ** 63n - 1n, 2n ** 63n - 2n, -(2n ** 63n), -(2n ** 63n) + 1n],
];
const strings = ['', 'a', 'b', 'A', 'a*b', 'aXbXc', 'a\nb', 'é', 'e\u0301', '1', '1,s2', 'key', '😀x'];
const names = [
  'a',
  'b',
  'n',
  's',
  'set',
  'rec',
  'ent',
  'dec',
  'ip',
  'time',
  'span',
  '__proto__',
  'constructor',
  '',
  'a b',
];
const types = ['U', 'G', 'N::U'];
const ids = ['a', 'b', 'c', 'ghost', '"'];
const actions = ['read', 'write', 'all'];
const kinds: readonly Kind[] = [
  'bool',
  'long',
  'string',
  'set',
  'record',
  'entity',
  'decimal',
  'ip',
  'datetime',
  'duration',
];

const texts: Readonly<Record<'decimal' | 'ip' | 'datetime' | 'duration', readonly string[]>> = {
  decimal: [
    '0.0',
    '-0.0',
    '1.0',
    '1.00',
    '-0.1',
    '12.3456',
    '922337203685477.5807',
    '-922337203685477.5808',
    '922337203685477.5808',
  ],
  ip: [
    ...['127.0.0.1', '127.0.0.0/7', '10.0.0.0/8', '10.1.2.3', '10.1.2.3/32', '10.0.0.0/16', '224.0.0.1', '224.0.0.0/3'],
    ...[
      '::1',
      '::1/127',
      '::',
      'ff00::/8',
      'ff00::1/7',
      '1:2:3:4:5:6:7::',
      '1::2:3:4:5:6:7:8',
      'A::b/64',
      'a::B/64',
      '0.0.0.0/0',
    ],
    ...['1:2:3:4:5:6:7:8/128', '::ffff:1.2.3.4', '01.2.3.4', '1.2.3.4/08', '256.1.1.1', '1.2.3', 'fe80::1%a'],
  ],
  datetime: [
    ...['1970-01-01', '2024-02-29', '2023-02-29', '1900-02-29', '2000-02-29', '0000-01-01', '0050-01-01', '9999-12-31'],
    ...['2024-01-01T00:00:00Z', '2024-01-01T23:59:59.999Z', '1969-12-31T12:00:00+0130', '1969-12-31T23:59:59-2359'],
    ...[
      '2024-01-01T24:00:00Z',
      '2024-01-01T00:00:60Z',
      '2024-01-01T00:00:00',
      '2024-01-01T00:00:00.1Z',
      '2024-13-01',
      '2024-1-1',
    ],
  ],
  duration: [
    ...['0ms', '-0d', '1d', '1d2h3m4s5ms', '90m', '-1ms', '-500ms', '9223372036854775807ms', '-9223372036854775808ms'],
    ...[
      '9223372036854775808ms',
      '9007199254740993ms',
      '9007199254740992ms',
      '106751991167d',
      '106751991168d',
      '1h1d',
      '',
      '-',
      '1s1s',
    ],
  ],
};

/** A text of the type, sometimes with one character changed. */
function textOf(random: Random, type: keyof typeof texts): string {
  const text = random.pick(texts[type]);
  if (!random.chance(0.15)) return text;
  const at = random.below(text.length + 1);
  const inserted = random.pick(['', '0', '1', '9', '.', ':', '-', '/', 'd', 'm', 's', ' ', 'Z', '+']);
  return text.slice(0, at) + inserted + text.slice(at + random.below(2));
}

// ---- values

function anyKind(random: Random): Kind {
  return random.pick(kinds);
}

export function randomValue(random: Random, kind: Kind, depth = 0): Value {
  switch (kind) {
    case 'bool':
      return random.chance(0.5);
    case 'long':
      return random.pick(longs);
    case 'string':
      return random.pick(strings);
    case 'entity':
      return randomUid(random);
    case 'set': {
      const inner = random.chance(0.8) ? random.pick(['long', 'string', 'entity'] as const) : undefined;
      const element = (): Value => randomValue(random, depth > 1 ? 'long' : (inner ?? anyKind(random)), depth + 1);
      return setOf(Array.from({ length: random.below(4) }, element));
    }
    case 'record':
      return randomRecord(random, depth + 1);
    default:
      return validExtension(random, kind);
  }
}

function validExtension(random: Random, kind: keyof typeof texts): Value {
  const make = extensionFunctions.get(kind)!;
  for (;;) {
    try {
      return make([random.pick(texts[kind])]);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'EvaluationError') throw error;
    }
  }
}

const kindOfName: ReadonlyMap<string, Kind> = new Map(
  Object.entries({
    n: 'long',
    s: 'string',
    b: 'bool',
    set: 'set',
    rec: 'record',
    ent: 'entity',
    dec: 'decimal',
    ip: 'ip',
    time: 'datetime',
    span: 'duration',
  } satisfies Record<string, Kind>),
);

function randomRecord(random: Random, depth = 0): CedarRecord {
  const wanted = names.filter(() => random.chance(depth === 0 ? 0.8 : 0.25));
  if (wanted.length === 1 && wanted[0]!.startsWith('__')) wanted.push('a');
  const entry = (name: string): [string, Value] => {
    const kind = random.chance(0.93) ? (kindOfName.get(name) ?? 'long') : anyKind(random);
    return [name, randomValue(random, depth > 2 && (kind === 'record' || kind === 'set') ? 'long' : kind, depth + 1)];
  };
  return new Map((random.chance(0.5) ? wanted : wanted.toReversed()).map(entry));
}

function randomUid(random: Random): EntityUid {
  return entityUid(random.pick(types), random.pick(ids));
}

// ---- the world

export type World = { readonly request: Request; readonly entities: Entities };

export function randomWorld(random: Random): World {
  const users = types.flatMap((type) => ids.filter((id) => id !== 'ghost').map((id) => entityUid(type, id)));
  const all = [...users, ...actions.map((id) => entityUid('Action', id))];
  const listed = all.map((uid, place) => {
    // Parents come later in the list, so there is no cycle; some are not in the store at all.
    const later = all.slice(place + 1).filter((other) => (other.type === 'Action') === (uid.type === 'Action'));
    const parents = later.filter(() => random.chance(0.15));
    if (uid.type !== 'Action' && random.chance(0.1)) parents.push(entityUid('G', 'ghost'));
    const attributes = uid.type === 'Action' ? new Map() : randomRecord(random);
    return { uid, attributes, tags: uid.type === 'Action' ? new Map() : randomRecord(random, 1), parents };
  });
  const request = {
    principal: randomUid(random),
    action: entityUid('Action', random.pick([...actions, 'ghost'])),
    resource: randomUid(random),
    context: randomRecord(random),
  };
  return { request, entities: closeHierarchy(listed) };
}

// ---- expressions

type Make = (random: Random, depth: number) => Json;

export function randomExpression(random: Random, wanted: Kind, depth: number): Json {
  const kind = random.chance(0.03) ? anyKind(random) : wanted;
  if (depth <= 0) return leaf(random, kind);
  return random.chance(0.15) ? leaf(random, kind) : random.pick(makers[kind])(random, depth - 1);
}

function leaf(random: Random, kind: Kind): Json {
  if (kind === 'entity' && random.chance(0.5)) return { Var: random.pick(['principal', 'resource', 'action']) };
  if (kind === 'record' && random.chance(0.5)) return { Var: 'context' };
  if (random.chance(0.3)) return attributeOf(random, kind);
  return written(random, kind);
}

function attributeOf(random: Random, kind: Kind): Json {
  const name = random.chance(0.9) ? names.find((each) => kindOfName.get(each) === kind)! : random.pick(names);
  return { '.': { left: { Var: random.pick(['context', 'principal', 'resource']) }, attr: name } };
}

function written(random: Random, kind: Kind): Json {
  switch (kind) {
    case 'set':
      return {
        Set: Array.from({ length: random.below(4) }, () => written(random, random.pick(['long', 'string', 'entity']))),
      };
    case 'record':
      return {
        Record: Object.fromEntries(names.slice(0, random.below(3)).map((name) => [name, written(random, 'long')])),
      };
    case 'entity':
      return uidLiteral(randomUid(random));
    case 'bool':
    case 'string':
    case 'long':
      return { Value: randomValue(random, kind) as Json };
    default:
      return { [kind]: [{ Value: textOf(random, kind) }] };
  }
}

function uidLiteral({ type, id }: EntityUid): Json {
  return { Value: { __entity: { type, id } } };
}

const two =
  (operator: string, left: Kind | 'any' | 'same', right: Kind | 'any' | 'same' = left): Make =>
  (random, depth) => {
    const shared = anyKind(random);
    const kind = (side: Kind | 'any' | 'same'): Kind =>
      side === 'same' ? shared : side === 'any' ? anyKind(random) : side;
    return {
      [operator]: {
        left: randomExpression(random, kind(left), depth),
        right: randomExpression(random, kind(right), depth),
      },
    };
  };

const one =
  (operator: string, kind: Kind): Make =>
  (random, depth) => ({ [operator]: { arg: randomExpression(random, kind, depth) } });

const calls =
  (name: string, ...args: readonly Kind[]): Make =>
  (random, depth) => {
    const given = args.map((kind) => randomExpression(random, kind, depth));
    return { [name]: random.chance(0.02) ? [...given, { Value: 1 }] : given };
  };

const choose =
  (kind: Kind): Make =>
  (random, depth) => ({
    'if-then-else': {
      if: randomExpression(random, 'bool', depth),
      // biome-ignore lint/suspicious/noThenProperty: `then` is a member of Cedar's syntax tree
      then: randomExpression(random, kind, depth),
      else: randomExpression(random, kind, depth),
    },
  });

const reads =
  (kind: Kind): Make =>
  (random, depth) => {
    if (random.chance(0.2))
      return { getTag: { left: randomExpression(random, 'entity', depth), right: { Value: nameOf(random, kind) } } };
    const holder = random.pick(['record', 'entity'] as const);
    return { '.': { left: randomExpression(random, holder, depth), attr: nameOf(random, kind) } };
  };

function nameOf(random: Random, kind: Kind): string {
  return random.chance(0.85) ? names.find((each) => kindOfName.get(each) === kind)! : random.pick(names);
}

const extensionMakers = (kind: keyof typeof texts): readonly Make[] => [
  (random) => ({ [kind]: [{ Value: textOf(random, kind) }] }),
  (random) => ({ [kind]: [{ Value: textOf(random, kind) }] }),
  calls(kind, 'string'),
  choose(kind),
  reads(kind),
];

const makers: Readonly<Record<Kind, readonly Make[]>> = {
  bool: [
    ...[two('&&', 'bool'), two('&&', 'bool'), two('||', 'bool'), two('||', 'bool'), one('!', 'bool'), choose('bool')],
    ...[two('==', 'same'), two('!=', 'same'), two('==', 'any'), two('==', 'set'), two('==', 'record'), two('==', 'ip')],
    ...['<', '<=', '>', '>='].flatMap((operator) => [
      two(operator, 'long'),
      two(operator, 'datetime'),
      two(operator, 'duration'),
    ]),
    ...[two('<', 'any'), two('<=', 'same')],
    ...[two('contains', 'set', 'long'), two('contains', 'set', 'any'), two('contains', 'set', 'entity')],
    ...[two('containsAll', 'set'), two('containsAny', 'set'), one('isEmpty', 'set')],
    ...[two('in', 'entity'), two('in', 'entity'), two('in', 'entity', 'set'), inLiteralSet, isType, isType],
    ...[hasName, hasName, two('hasTag', 'entity', 'string'), likePattern, likePattern, reads('bool')],
    ...['lessThan', 'lessThanOrEqual', 'greaterThan', 'greaterThanOrEqual'].map((name) =>
      calls(name, 'decimal', 'decimal'),
    ),
    ...['isIpv4', 'isIpv6', 'isLoopback', 'isMulticast'].map((name) => calls(name, 'ip')),
    ...[calls('isInRange', 'ip', 'ip'), calls('isInRange', 'ip', 'ip')],
  ],
  long: [
    ...[two('+', 'long'), two('-', 'long'), two('*', 'long'), one('neg', 'long'), choose('long'), reads('long')],
    ...['toMilliseconds', 'toSeconds', 'toMinutes', 'toHours', 'toDays'].map((name) => calls(name, 'duration')),
  ],
  string: [choose('string'), reads('string')],
  set: [setOfAny, choose('set'), reads('set')],
  record: [recordOfAny, choose('record'), reads('record')],
  entity: [choose('entity'), reads('entity')],
  decimal: extensionMakers('decimal'),
  ip: extensionMakers('ip'),
  datetime: [...extensionMakers('datetime'), calls('offset', 'datetime', 'duration'), calls('toDate', 'datetime')],
  duration: [
    ...extensionMakers('duration'),
    calls('durationSince', 'datetime', 'datetime'),
    calls('toTime', 'datetime'),
  ],
};

function setOfAny(random: Random, depth: number): Json {
  const kind = anyKind(random);
  return {
    Set: Array.from({ length: random.below(4) }, () =>
      randomExpression(random, random.chance(0.8) ? kind : anyKind(random), depth),
    ),
  };
}

function recordOfAny(random: Random, depth: number): Json {
  const wanted = names.filter(() => random.chance(0.2));
  return {
    Record: Object.fromEntries(
      wanted.map((name) => [name, randomExpression(random, kindOfName.get(name) ?? 'long', depth)]),
    ),
  };
}

function inLiteralSet(random: Random, depth: number): Json {
  const groups = Array.from({ length: random.below(3) }, () => randomExpression(random, 'entity', 0));
  return { in: { left: randomExpression(random, 'entity', depth), right: { Set: groups } } };
}

function isType(random: Random, depth: number): Json {
  const test = { left: randomExpression(random, 'entity', depth), entity_type: random.pick(types) };
  return { is: random.chance(0.5) ? test : { ...test, in: randomExpression(random, 'entity', depth) } };
}

function hasName(random: Random, depth: number): Json {
  const left = randomExpression(random, random.pick(['record', 'entity']), depth);
  if (random.chance(0.5)) return { has: { left, attr: random.pick(names) } };
  const path = Array.from({ length: 2 + random.below(2) }, () => random.pick(['rec', 'ent', 'a', 'n', 'rec']));
  return { has: { left, attr: path } };
}

function likePattern(random: Random, depth: number): Json {
  const piece = (): Json =>
    random.chance(0.5) ? 'Wildcard' : { Literal: random.pick(['a', 'b', 'X', '*', '\n', 'é', 'c', 'aX']) };
  return {
    like: {
      left: randomExpression(random, 'string', depth),
      pattern: Array.from({ length: 1 + random.below(4) }, piece),
    },
  };
}

// ---- policies

export function randomPolicy(random: Random, effect: 'permit' | 'forbid'): JsonObject {
  const condition = (): Json => ({
    kind: random.chance(0.75) ? 'when' : 'unless',
    body: randomExpression(random, 'bool', 1 + random.below(4)),
  });
  return {
    effect,
    principal: randomScope(random),
    action: randomActionScope(random),
    resource: randomScope(random),
    conditions: Array.from({ length: random.pick([0, 1, 1, 1, 1, 2, 3]) }, condition),
  };
}

/** Policies that begin alike and go on as they like: several look at the same thing, and want something else of it. */
export function randomAlike(random: Random, count: number): JsonObject[] {
  const common = Array.from({ length: 5 }, () => randomExpression(random, 'bool', 2));
  const subjects = Array.from({ length: 3 }, () => randomExpression(random, random.pick(kinds), 1));
  return Array.from({ length: count }, () => {
    const part = () => (random.chance(0.4) ? random.pick(common) : comparison(random, random.pick(subjects)));
    const chain = Array.from({ length: 1 + random.below(4) }, part).reduce((left, right) => ({
      [random.pick(['&&', '&&', '&&', '||'])]: { left, right },
    }));
    const body = random.chance(0.2) ? { '!': { arg: chain } } : chain;
    const policy = randomPolicy(random, random.chance(0.5) ? 'permit' : 'forbid');
    return { ...policy, conditions: [{ kind: random.pick(['when', 'unless']), body }] };
  });
}

/** With what is written in the policy, in each of the ways that the tree of rules looks up. */
function comparison(random: Random, subject: Json): Json {
  const constant = () => written(random, random.pick(['long', 'string', 'bool', 'entity']));
  const kind = random.pick(['long', 'string', 'entity'] as const);
  const several = () => ({ Set: Array.from({ length: random.below(4) }, () => written(random, kind)) });
  switch (random.below(7)) {
    case 0:
      return { '==': { left: constant(), right: subject } };
    case 1:
      return { '!=': { left: subject, right: constant() } };
    case 2:
      return { contains: { left: several(), right: subject } };
    case 3:
      return { in: { left: subject, right: random.chance(0.5) ? several() : written(random, 'entity') } };
    case 4:
      return { is: { left: subject, entity_type: random.pick(types) } };
    case 5:
      return { '!': { arg: { '==': { left: subject, right: constant() } } } };
    default:
      return { '==': { left: subject, right: constant() } };
  }
}

function randomScope(random: Random): Json {
  const entity = (): Json => ({ type: random.pick(types), id: random.pick(ids) });
  switch (random.below(12)) {
    case 0:
      return { op: '==', entity: entity() };
    case 1:
      return { op: 'in', entity: entity() };
    case 2:
      return { op: 'is', entity_type: random.pick(types) };
    case 3:
      return { op: 'is', entity_type: random.pick(types), in: { entity: entity() } };
    default:
      return { op: 'All' };
  }
}

function randomActionScope(random: Random): Json {
  const entity = (): Json => ({ type: 'Action', id: random.pick(actions) });
  switch (random.below(10)) {
    case 0:
      return { op: '==', entity: entity() };
    case 1:
      return { op: 'in', entity: entity() };
    case 2:
      return { op: 'in', entities: Array.from({ length: random.below(4) }, entity) };
    default:
      return { op: 'All' };
  }
}

/** JSON text in which a BigInt is a plain number. */
export function printTree(json: Json): string {
  if (typeof json === 'bigint') return String(json);
  if (Array.isArray(json)) return `[${json.map(printTree).join()}]`;
  if (!isObject(json)) return JSON.stringify(json);
  return `{${Object.entries(json)
    .map(([name, value]) => `${JSON.stringify(name)}:${printTree(value)}`)
    .join()}}`;
}
