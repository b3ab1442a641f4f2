import { compareDecimal, type Decimal, decimalOf, parseDecimal } from '../decimal.ts';
import { JsonNumber } from '../json.ts';
import { decimal, exactly, integer, list, object, optional, type Shape, ShapeFault, scalar, text } from '../shape.ts';
import { isAligned, isWithin, parseNetwork } from './address.ts';
import type { Constraint, Scalar } from './authority.ts';
import { isSameOrBelow, parseDnsName } from './dns-name.ts';
import { hasDotSegment, isPlainPath, isUnder } from './path.ts';
import { exactKey, looseKey, numberText, show, showText, type Value } from './value.ts';

type KeyOf<C> = C extends Constraint ? keyof C : never;
export type ConstraintKind = KeyOf<Constraint>;
/** What a constraint of that kind carries: the text of a `prefix`, the ends of a `range`. */
export type Bound<K extends ConstraintKind, C = Constraint> = C extends { readonly [P in K]: infer B } ? B : never;

/** All about one kind of constraint: how it is read, when it holds, and how it continues "… has to". */
type Row<B> = {
  readonly shape: Shape<B>;
  readonly holds: (bound: B, value: Value) => boolean;
  readonly says: (bound: B) => string;
};

export const textMax = 2048;
export const membersMax = 1000;
/** A longer list in a call is not compared, and so is no subset. */
export const listMax = 10_000;

const someText = text({ max: textMax });
const member = checked(scalar(textMax), 'must be a number of at most 15 digits, without an exponent', (value) =>
  typeof value === 'number' ? numberText(value) !== undefined && fitsJson(value) : true,
);
const members = list(member, { max: membersMax });

const rows: { readonly [K in ConstraintKind]: Row<Bound<K>> } = {
  equals: {
    shape: member,
    holds: (wanted, value) => isSame(wanted, value),
    says: (wanted) => `be ${show(wanted)}`,
  },
  // No members: no value will do. A meet says so of an argument that has to be left out.
  oneOf: {
    shape: members,
    holds: (wanted, value) => wanted.some((one) => isSame(one, value)),
    says: (wanted) => (wanted.length === 0 ? 'be left out' : `be one of ${several(wanted)}`),
  },
  // A list could hold what is excluded, so only a scalar is ever outside; spelling does not help it.
  notOneOf: {
    shape: members,
    holds: (excluded, value) => {
      const key = looseKey(value);
      return key !== undefined && !excluded.some((one) => looseKey(one) === key);
    },
    says: (excluded) => `be none of ${several(excluded)}`,
  },
  range: {
    shape: checked(
      object({ min: optional(decimal()), max: optional(decimal()) }),
      'must have min, max or both, and min no more than max',
      ({ min, max }) => (min ?? max) !== undefined && (min === undefined || max === undefined || isInOrder(min, max)),
    ),
    holds: (range, value) => {
      const amount = amountOf(value);
      const [min, max] = endsOf(range);
      return amount !== undefined && isInOrder(min, amount) && isInOrder(amount, max);
    },
    says: ({ min, max }) =>
      min === undefined ? `be at most ${max}` : max === undefined ? `be at least ${min}` : `be from ${min} to ${max}`,
  },
  // A text that climbs by dot segments only seems to begin with what it begins with.
  prefix: {
    shape: checked(someText, 'must hold no dot segments', (start) => !hasDotSegment(start)),
    holds: (start, value) => typeof value === 'string' && value.startsWith(start) && !hasDotSegment(value),
    says: (start) => `begin with ${showText(start)}, without dot segments`,
  },
  suffix: {
    shape: someText,
    holds: (end, value) => typeof value === 'string' && value.endsWith(end),
    says: (end) => `end with ${showText(end)}`,
  },
  under: {
    shape: checked(someText, 'must be a plain path: no dot segments, no double slashes, no backslashes', isPlainPath),
    holds: (base, value) => typeof value === 'string' && value !== '' && isPlainPath(value) && isUnder(value, base),
    says: (base) => `be the path ${showText(base)} or one below it`,
  },
  cidr: {
    shape: checked(
      text({ max: 43 }),
      'must be a network such as 10.1.0.0/16, with no bits set behind its length',
      (network) => {
        const parsed = parseNetwork(network);
        return parsed !== undefined && isAligned(parsed);
      },
    ),
    holds: (network, value) => {
      const [outer, inner] = [parseNetwork(network), typeof value === 'string' ? parseNetwork(value) : undefined];
      return outer !== undefined && inner !== undefined && isWithin(inner, outer);
    },
    says: (network) => `be an address in ${network}`,
  },
  domain: {
    shape: checked(
      text({ max: 253 }),
      'must be a DNS name such as example.com, in its xn-- form where it is not ASCII',
      (name) => parseDnsName(name) !== undefined,
    ),
    holds: (domain, value) => {
      const [outer, inner] = [parseDnsName(domain), typeof value === 'string' ? parseDnsName(value) : undefined];
      return outer !== undefined && inner !== undefined && isSameOrBelow(inner, outer);
    },
    says: (domain) => `be ${showText(domain)} or a name below it`,
  },
  // An empty list often means "all of them" to an API, so it is no subset here.
  subsetOf: {
    shape: members,
    holds: (wanted, value) => {
      if (!Array.isArray(value) || value.length === 0 || value.length > listMax) return false;
      const keys = new Set(wanted.map(exactKey));
      return value.every((item) => {
        const key = exactKey(item);
        return key !== undefined && keys.has(key);
      });
    },
    says: (wanted) => (wanted.length === 0 ? 'be left out' : `be a list, not empty, of ${several(wanted)}`),
  },
  maxLength: {
    shape: integer({ min: 0, max: 1_000_000_000 }),
    // A text has no more characters than code units, which need not be counted.
    holds: (max, value) =>
      (typeof value === 'string' && value.length <= max) || (lengthOf(value) ?? Number.POSITIVE_INFINITY) <= max,
    says: (max) => `be no longer than ${max}`,
  },
  any: { shape: exactly(true), holds: (any) => any === true, says: () => 'be present' },
};

/** The kinds that exist, in the order of the documentation. */
export const constraintKinds = Object.keys(rows) as readonly ConstraintKind[];

/** The kind, if the constraint has exactly one and it is known here. */
export function kindOf(constraint: object): ConstraintKind | undefined {
  const [kind, ...more] = Object.keys(constraint);
  return kind !== undefined && more.length === 0 && Object.hasOwn(rows, kind) ? (kind as ConstraintKind) : undefined;
}

/** Whether the value is within the constraint. What is not known, or not of the expected type, is outside. */
export function holds(constraint: Constraint, value: Value): boolean {
  const kind = kindOf(constraint);
  return kind !== undefined && rowOf(kind).holds(boundOf(constraint, kind), value);
}

/** The same, for a constraint that is held against many values. */
export function holderOf(constraint: Constraint): (value: Value) => boolean {
  const kind = kindOf(constraint);
  if (kind === undefined) return () => false;
  const [row, bound] = [rowOf(kind), boundOf(constraint, kind)];
  return (value) => row.holds(bound, value);
}

/** The constraint as words that continue "body.amount has to …". */
export function describeConstraint(constraint: Constraint): string {
  const kind = kindOf(constraint);
  return kind === undefined ? 'meet a bound that is not known here' : rowOf(kind).says(boundOf(constraint, kind));
}

/** Reads one constraint. The fault of an unknown kind names it, and those that exist. */
export const constraintShape: Shape<Constraint> = {
  read: (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof JsonNumber) {
      throw new ShapeFault(path, `must be an object with one of ${constraintKinds.join(', ')}`);
    }
    const names = Object.keys(value);
    if (names.length !== 1) throw new ShapeFault(path, `must have exactly one of ${constraintKinds.join(', ')}`);
    const kind = kindOf(value);
    if (kind === undefined) {
      throw new ShapeFault(
        path,
        `has the unknown constraint ${showText(names[0]!)}; known are ${constraintKinds.join(', ')}`,
      );
    }
    const bound = rowOf(kind).shape.read((value as Record<string, unknown>)[kind], `${path}.${kind}`);
    return { [kind]: bound } as unknown as Constraint;
  },
  schema: () => ({
    oneOf: constraintKinds.map((kind) => ({
      type: 'object',
      properties: { [kind]: rowOf(kind).shape.schema() },
      required: [kind],
      additionalProperties: false,
    })),
  }),
};

// A row goes with the bound of its own kind: the two are only ever brought together under one `kind`.
const rowOf = (kind: ConstraintKind) => rows[kind] as unknown as Row<unknown>;
const boundOf = (constraint: Constraint, kind: ConstraintKind) => (constraint as Record<string, unknown>)[kind];

function isSame(scalar: Scalar, value: Value): boolean {
  const key = exactKey(value);
  return key !== undefined && exactKey(scalar) === key;
}

/** The amount that a number or a decimal in a text stands for; never negative, so nothing below zero is in a range. */
export function amountOf(value: Value): Decimal | undefined {
  return parseDecimal(typeof value === 'string' ? value : numberText(value));
}

const least = decimalOf('0');
const most = decimalOf('999999999999999.999999999');

/** Both ends of a range: an end that is not given is the end of all amounts. Ends that cannot be read hold nothing. */
export function endsOf(range: Bound<'range'>): readonly [Decimal, Decimal] {
  const min = range.min === undefined ? least : parseDecimal(range.min);
  const max = range.max === undefined ? most : parseDecimal(range.max);
  return min === undefined || max === undefined ? [most, least] : [min, max];
}

export const isInOrder = (a: Decimal, b: Decimal) => compareDecimal(a, b) <= 0;

function lengthOf(value: Value): number | undefined {
  if (typeof value === 'string') return Array.from(value).length;
  return Array.isArray(value) ? value.length : undefined;
}

const severalMax = 8;

function several(values: readonly Scalar[]): string {
  const more = values.length > severalMax ? ` and ${values.length - severalMax} more` : '';
  return `${values.slice(0, severalMax).map(show).join(', ')}${more}`;
}

const fitsJson = (number: number) => String(number).replace(/[-.]/g, '').replace(/^0+/, '').length <= 15;

/** The shape, and one more thing that must be true of what it read. */
export function checked<T>(shape: Shape<T>, must: string, isFine: (value: T) => boolean): Shape<T> {
  return {
    ...shape,
    read: (value, path) => {
      const read = shape.read(value, path);
      if (!isFine(read)) throw new ShapeFault(path, must);
      return read;
    },
  };
}
