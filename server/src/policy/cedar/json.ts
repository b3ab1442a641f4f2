/** JSON as Cedar reads it: integers of any length, exactly. A number that is not safe is a BigInt. */
export type Json = null | boolean | number | bigint | string | Json[] | JsonObject;
export type JsonObject = { [name: string]: Json };

/** Data that cannot be read as what it claims to be: the call that carries it has no decision. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
}

export function refuse(message: string): never {
  throw new LoadError(message);
}

// Native parsing is six times faster than parsing with a reviver, and exact unless one of these occurs: sixteen digits,
// a fraction, an exponent, minus zero. A hit inside a string only costs time.
const inexactNumber = /(?:^|[:,[])\s*-?(?:[0-9]{16}|[0-9]+[.eE]|0(?<=-0))/;

type Reviver = (name: string, value: unknown, context: { source?: string }) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver?: Reviver) => Json;

export function parseExactly(text: string): Json {
  try {
    return inexactNumber.test(text) ? parseWithSource(text, keepInteger) : parseWithSource(text);
  } catch (error) {
    if (error instanceof LoadError) throw error;
    // Too deep is a RangeError here, the rest SyntaxErrors; both mean that the text cannot be read.
    throw new LoadError('this is not JSON, or nested too deeply', { cause: error });
  }
}

function keepInteger(_name: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value !== 'number' || source === undefined) return value;
  if (!/^(?:0|-?[1-9][0-9]*)$/.test(source)) refuse(`the number ${source.slice(0, 40)} is not a 64-bit integer`);
  if (Number.isSafeInteger(value)) return value;
  if (source.length > 20) refuse(`the number ${source.slice(0, 40)}… is not a 64-bit integer`);
  return BigInt(source);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asObject(value: unknown, what: string): JsonObject {
  return isObject(value) ? value : refuse(`${what} must be an object`);
}

export function asArray(value: unknown, what: string): Json[] {
  return Array.isArray(value) ? (value as Json[]) : refuse(`${what} must be a list`);
}

/** A lone surrogate is legal in a JavaScript string and nowhere else: the two engines could not agree on it. */
export function asText(value: unknown, what: string): string {
  if (typeof value !== 'string') refuse(`${what} must be text`);
  return value.isWellFormed() ? value : refuse(`${what} holds half of a surrogate pair`);
}

/** Reads own properties only: `constructor` is not in `{}`. */
export function own(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
