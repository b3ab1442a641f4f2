import { fail } from './evaluation-error.ts';
import type { Long } from './long.ts';

/**
 * The values of the Cedar language. Records are Maps, because attribute names are arbitrary text: `__proto__` and
 * `constructor` are ordinary names, and an empty record has neither.
 */
export type Value = boolean | Long | string | CedarSet | CedarRecord | EntityUid | Decimal | Ip | Datetime | Duration;

export type CedarRecord = ReadonlyMap<string, Value>;

export type EntityUid = {
  readonly kind: 'entity';
  readonly type: string;
  readonly id: string;
  /** `Type::"id"`, injective because a type name holds no quote. */
  readonly key: string;
};

export type CedarSet = {
  readonly kind: 'set';
  readonly elements: readonly Value[];
  /** Filled by `keysOf` when first needed; a context set that no policy looks into costs nothing. */
  keys: ReadonlySet<string> | undefined;
};

/** Ten-thousandths. */
export type Decimal = { readonly kind: 'decimal'; readonly units: Long };
export type Datetime = { readonly kind: 'datetime'; readonly epochMilliseconds: Long };
export type Duration = { readonly kind: 'duration'; readonly milliseconds: Long };
/** The address as written, not masked, and its prefix length. */
export type Ip = {
  readonly kind: 'ip';
  readonly family: 4 | 6;
  readonly bits: bigint;
  readonly prefix: number;
};

export type ValueOf = {
  bool: boolean;
  long: Long;
  string: string;
  set: CedarSet;
  record: CedarRecord;
  entity: EntityUid;
  decimal: Decimal;
  ip: Ip;
  datetime: Datetime;
  duration: Duration;
};
export type Kind = keyof ValueOf;

export function kindOf(value: Value): Kind {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'number':
    case 'bigint':
      return 'long';
    case 'string':
      return 'string';
    default:
      return value instanceof Map ? 'record' : (value as Exclude<typeof value, CedarRecord>).kind;
  }
}

export function expect<K extends Kind>(value: Value, kind: K): ValueOf[K] {
  const found = kindOf(value);
  if (found !== kind) fail(`expected ${article(kind)}, found ${article(found)}`);
  return value as ValueOf[K];
}

export function entityUid(type: string, id: string): EntityUid {
  return { kind: 'entity', type, id, key: `${type}::"${id}"` };
}

export function setOf(elements: readonly Value[]): CedarSet {
  return { kind: 'set', elements, keys: undefined };
}

export function recordOf(entries: Readonly<Record<string, Value>>): CedarRecord {
  return new Map(Object.entries(entries));
}

export function keysOf(set: CedarSet): ReadonlySet<string> {
  set.keys ??= new Set(set.elements.map(keyOf));
  return set.keys;
}

/** Equality never errors: values of different kinds are simply different. */
export function equal(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object') return false;
  const kind = kindOf(left);
  if (kind !== kindOf(right)) return false;
  switch (kind) {
    case 'entity':
      return (left as EntityUid).key === (right as EntityUid).key;
    case 'set':
      return equalSets(left as CedarSet, right as CedarSet);
    case 'record':
      return equalRecords(left as CedarRecord, right as CedarRecord);
    default:
      return keyOf(left) === keyOf(right);
  }
}

/** The order of elements and duplicates do not matter. */
function equalSets(left: CedarSet, right: CedarSet): boolean {
  return keysOf(left).size === keysOf(right).size && keysOf(left).isSubsetOf(keysOf(right));
}

/** The order of attributes does not matter; the set of names does. */
function equalRecords(left: CedarRecord, right: CedarRecord): boolean {
  if (left.size !== right.size) return false;
  for (const [name, value] of left) {
    const other = right.get(name);
    if (other === undefined || !equal(value, other)) return false;
  }
  return true;
}

/**
 * A text that two values share exactly when they are equal. INVARIANT (injective keys): each part announces its length,
 * so no text inside a value can imitate the borders between values; else two different sets could pass for one.
 */
export function keyOf(value: Value): string {
  switch (typeof value) {
    case 'boolean':
      return value ? 'T' : 'F';
    case 'number':
    case 'bigint':
      return `i${value};`;
    case 'string':
      return `s${textKey(value)}`;
    default:
      return value instanceof Map ? recordKey(value) : taggedKey(value as Exclude<typeof value, CedarRecord>);
  }
}

function taggedKey(value: Exclude<Value, boolean | Long | string | CedarRecord>): string {
  switch (value.kind) {
    case 'entity':
      return `e${textKey(value.type)}${textKey(value.id)}`;
    case 'set':
      return `[${keysOf(value).size}:${[...keysOf(value)].sort().join('')}`;
    case 'decimal':
      return `d${value.units};`;
    case 'datetime':
      return `t${value.epochMilliseconds};`;
    case 'duration':
      return `p${value.milliseconds};`;
    case 'ip':
      return `a${value.family}/${value.bits}/${value.prefix};`;
  }
}

function recordKey(record: CedarRecord): string {
  const names = [...record.keys()].sort();
  return `{${record.size}:${names.map((name) => textKey(name) + keyOf(record.get(name)!)).join('')}`;
}

function textKey(text: string): string {
  return `${text.length}:${text}`;
}

const articles: Partial<Record<Kind, string>> = { bool: 'a boolean', entity: 'an entity', ip: 'an ip address' };

function article(kind: Kind): string {
  return articles[kind] ?? `a ${kind}`;
}
