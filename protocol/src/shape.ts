import { type Decimal, isCurrency, parseDecimal } from './decimal.ts';
import { type Id, type IdKind, parseId } from './ids.ts';
import { JsonNumber, type JsonValue, plainJson } from './json.ts';

/**
 * Shapes of wire bodies: one value both reads an unknown into a typed one and describes itself as JSON Schema.
 * Closed by default: members that a shape does not name are refused.
 */
export type Shape<T> = {
  readonly read: (value: unknown, path: string) => T;
  readonly schema: () => JsonSchema;
};

export type OptionalShape<T> = Shape<T> & { readonly isOptional: true };
export type JsonSchema = { readonly [keyword: string]: unknown };

/** The type that a shape reads: `ShapeOf<typeof taskBody>`. */
export type ShapeOf<S> = S extends Shape<infer T> ? T : never;

type Members = { readonly [name: string]: Shape<unknown> };
type Flat<T> = { readonly [K in keyof T]: T[K] };
type ObjectOf<M extends Members> = Flat<
  { [K in keyof M as M[K] extends OptionalShape<unknown> ? never : K]: ShapeOf<M[K]> } & {
    [K in keyof M as M[K] extends OptionalShape<unknown> ? K : never]?: ShapeOf<M[K]>;
  }
>;

/** The value is not of that shape. `path` leads to the part, e.g. `grants[0].limits[1].calls`; empty is the whole. */
export class ShapeFault extends Error {
  readonly path: string;
  /** The sentence without its subject: `must be a whole number from 1 to 10`. */
  readonly must: string;

  constructor(path: string, must: string) {
    super(`${path === '' ? 'The body' : path} ${must}.`);
    this.name = 'ShapeFault';
    this.path = path;
    this.must = must;
  }
}

/** Reads plain JavaScript JSON or what `parseJson` returned. Throws `ShapeFault`. */
export function parse<T>(shape: Shape<T>, value: unknown): T {
  return shape.read(value, '');
}

export function jsonSchema(shape: Shape<unknown>): JsonSchema {
  return shape.schema();
}

export function object<M extends Members>(members: M): Shape<ObjectOf<M>> {
  return {
    read: (value, path) => readObject(members, value, path) as ObjectOf<M>,
    schema: () => ({
      type: 'object',
      properties: Object.fromEntries(Object.entries(members).map(([name, member]) => [name, member.schema()])),
      required: Object.keys(members).filter((name) => !isOptional(members[name]!)),
      additionalProperties: false,
    }),
  };
}

function readObject(members: Members, value: unknown, path: string): Record<string, unknown> {
  const given = objectOf(value, path);
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(members, name)) throw new ShapeFault(below(path, shownName(name)), 'is not known here');
  }
  const read: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(members)) {
    if (Object.hasOwn(given, name) && given[name] !== undefined)
      read[name] = member.read(given[name], below(path, name));
    else if (!isOptional(member)) throw new ShapeFault(below(path, name), 'is missing');
  }
  return read;
}

/** A name that nobody here gave may be anything, a secret in the wrong place too: a long one is not said again. */
const shownName = (name: string): string => (name.length > 32 ? `${name.slice(0, 8)}…` : name);

function objectOf(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof JsonNumber) {
    throw new ShapeFault(path, 'must be an object');
  }
  return value as Record<string, unknown>;
}

function isOptional(shape: Shape<unknown>): shape is OptionalShape<unknown> {
  return 'isOptional' in shape;
}

const below = (path: string, name: string) => {
  if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === '' ? name : `${path}.${name}`;
};

/** The member may be absent; where it is present it has this shape. For null see `nullable`. */
export function optional<T>(shape: Shape<T>): OptionalShape<T> {
  return { ...shape, isOptional: true };
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return {
    read: (value, path) => (value === null ? null : shape.read(value, path)),
    schema: () => ({ anyOf: [shape.schema(), { type: 'null' }] }),
  };
}

export type TextBounds = {
  /** In Unicode code points. 1 unless said otherwise: an empty text is usually a mistake. */
  readonly min?: number;
  /** In Unicode code points. */
  readonly max: number;
  /** Anchored by its author. */
  readonly pattern?: RegExp;
  /** What the pattern means, e.g. `must be a name of small letters, digits and dashes`. */
  readonly must?: string;
};

export function text({ min = 1, max, pattern, must }: TextBounds): Shape<string> {
  const length = `must be a text of ${min} to ${max} characters`;
  return {
    read: (value, path) => {
      if (typeof value !== 'string' || !value.isWellFormed()) throw new ShapeFault(path, length);
      // A text of n code units has at least n/2 code points: no need to count a huge one.
      const points = value.length > 2 * max ? value.length : [...value].length;
      if (points < min || points > max) throw new ShapeFault(path, length);
      if (pattern?.test(value) === false) throw new ShapeFault(path, must ?? `must match ${pattern.source}`);
      return value;
    },
    schema: () => ({ type: 'string', minLength: min, maxLength: max, ...(pattern && { pattern: pattern.source }) }),
  };
}

export function integer({ min, max }: { readonly min: number; readonly max: number }): Shape<number> {
  return {
    read: (value, path) => {
      const number = value instanceof JsonNumber ? value.toNumber() : value;
      if (typeof number === 'number' && Number.isSafeInteger(number) && number >= min && number <= max) return number;
      throw new ShapeFault(path, `must be a whole number from ${min} to ${max}`);
    },
    schema: () => ({ type: 'integer', minimum: min, maximum: max }),
  };
}

/** A whole number written in digits, as a query parameter is. */
export function numeral({ min, max }: { readonly min: number; readonly max: number }): Shape<number> {
  return {
    read: (value, path) => {
      const number = typeof value === 'string' && /^(?:0|[1-9][0-9]{0,15})$/.test(value) ? Number(value) : Number.NaN;
      if (Number.isSafeInteger(number) && number >= min && number <= max) return number;
      throw new ShapeFault(path, `must be a whole number from ${min} to ${max}`);
    },
    schema: () => ({ type: 'integer', minimum: min, maximum: max }),
  };
}

export function boolean(): Shape<boolean> {
  return {
    read: (value, path) => {
      if (typeof value === 'boolean') return value;
      throw new ShapeFault(path, 'must be true or false');
    },
    schema: () => ({ type: 'boolean' }),
  };
}

export function list<T>(
  shape: Shape<T>,
  { min = 0, max }: { readonly min?: number; readonly max: number },
): Shape<readonly T[]> {
  return {
    read: (value, path) => {
      if (!Array.isArray(value)) throw new ShapeFault(path, 'must be a list');
      if (value.length < min || value.length > max) throw new ShapeFault(path, `must have ${min} to ${max} elements`);
      return Array.from(value, (item, i) => shape.read(item, `${path}[${i}]`));
    },
    schema: () => ({ type: 'array', items: shape.schema(), minItems: min, maxItems: max }),
  };
}

/** One of these words. */
export function oneOf<const Words extends readonly string[]>(...words: Words): Shape<Words[number]> {
  return {
    read: (value, path) => {
      if (typeof value === 'string' && words.includes(value)) return value;
      throw new ShapeFault(path, `must be ${words.map((word) => JSON.stringify(word)).join(' or ')}`);
    },
    schema: () => ({ enum: words }),
  };
}

/** Exactly this value. */
export function exactly<const V extends string | number | boolean>(wanted: V): Shape<V> {
  return {
    read: (value, path) => {
      if ((value instanceof JsonNumber ? value.toNumber() : value) === wanted) return wanted;
      throw new ShapeFault(path, `must be ${JSON.stringify(wanted)}`);
    },
    schema: () => ({ const: wanted }),
  };
}

/** A string, number, boolean or null; numbers of `parseJson` become doubles, which they survive. */
export function scalar(textMax: number): Shape<string | number | boolean | null> {
  const asText = text({ min: 0, max: textMax });
  return {
    read: (value, path) => {
      if (value === null || typeof value === 'boolean') return value;
      if (value instanceof JsonNumber) return value.toNumber();
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      if (typeof value === 'string') return asText.read(value, path);
      throw new ShapeFault(path, 'must be a text, a number, true, false or null');
    },
    schema: () => ({ type: ['string', 'number', 'boolean', 'null'] }),
  };
}

/** The first of these shapes that fits. The fault is of the one that read furthest into the value. */
export function either<const Shapes extends readonly Shape<unknown>[]>(
  ...shapes: Shapes
): Shape<ShapeOf<Shapes[number]>> {
  return {
    read: (value, path) => {
      let furthest: ShapeFault | undefined;
      for (const shape of shapes) {
        try {
          return shape.read(value, path) as ShapeOf<Shapes[number]>;
        } catch (fault) {
          if (!(fault instanceof ShapeFault)) throw fault;
          if (furthest === undefined || depthOf(fault.path) > depthOf(furthest.path)) furthest = fault;
        }
      }
      if (furthest === undefined || furthest.path === path)
        throw new ShapeFault(path, 'has none of the shapes accepted here');
      throw furthest;
    },
    schema: () => ({ anyOf: shapes.map((shape) => shape.schema()) }),
  };
}

const depthOf = (path: string) => path.split(/[.[]/).length;

/** An id of that kind, e.g. `id('task')` reads `tsk_…`. */
export function id<K extends IdKind>(kind: K): Shape<Id<K>> {
  return {
    read: (value, path) => {
      const parsed = parseId(kind, value);
      if (parsed === undefined) throw new ShapeFault(path, `must be the id of one ${wordsOf(kind)}`);
      return parsed;
    },
    schema: () => ({ type: 'string', description: `id of one ${wordsOf(kind)}` }),
  };
}

const wordsOf = (kind: string) => kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

export function decimal(): Shape<Decimal> {
  return {
    read: (value, path) => {
      const parsed = parseDecimal(value);
      if (parsed === undefined) throw new ShapeFault(path, 'must be a decimal in a string, such as "30.00"');
      return parsed;
    },
    schema: () => ({ type: 'string', pattern: '^(0|[1-9][0-9]{0,14})(\\.[0-9]{1,9})?$' }),
  };
}

export function currency(): Shape<string> {
  return {
    read: (value, path) => {
      if (isCurrency(value)) return value;
      throw new ShapeFault(path, 'must be a currency of three capital letters, such as "USD"');
    },
    schema: () => ({ type: 'string', pattern: '^[A-Z]{3}$' }),
  };
}

/** Members by names that the caller chooses. The result has no prototype: a name can shadow nothing. */
export function record<T>(
  shape: Shape<T>,
  { max = 256, name = text({ max: 256 }) }: { readonly max?: number; readonly name?: Shape<string> } = {},
): Shape<{ readonly [name: string]: T }> {
  return {
    read: (value, path) => {
      const members = Object.entries(objectOf(value, path));
      if (members.length > max) throw new ShapeFault(path, `must have at most ${max} members`);
      const read: Record<string, T> = Object.create(null);
      for (const [key, member] of members) {
        read[name.read(key, below(path, key))] = shape.read(member, below(path, key));
      }
      return read;
    },
    schema: () => ({ type: 'object', additionalProperties: shape.schema(), maxProperties: max }),
  };
}

/** Any JSON value, as plain JavaScript. What it means is checked where it is used. */
export function anything(): Shape<unknown> {
  return {
    read: (value, path) => {
      if (value === undefined) throw new ShapeFault(path, 'is missing');
      return plain(value);
    },
    schema: () => ({}),
  };
}

// What came from `parseJson` has numbers of its own class; what came from elsewhere is plain already.
function plain(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? plainJson(value as JsonValue) : value;
}
