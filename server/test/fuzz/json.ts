import assert from 'node:assert/strict';
import { JsonNumber } from '@ambit/protocol';
import type { Random } from '../../src/policy/cedar/generate.testing.ts';

/** A value with objects as maps and numbers as they were written, so that two of different makes can be compared. */
export function comparable(value: unknown): unknown {
  if (value instanceof JsonNumber) return new Figure(value.text);
  if (value instanceof Figure) return value;
  if (typeof value === 'number') return new Figure(String(value));
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(Object.entries(value).map(([name, one]) => [name, comparable(one)]));
}

export function sameJson(ours: unknown, theirs: unknown, says: string): void {
  assert.deepEqual(comparable(ours), comparable(theirs), says);
}

class Figure {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

// JSON.parse of V8 takes a key with an escape for a key that it met before, where the text of the one as written
// begins with the other: after `{"\\":1}` it reads `{"\n":1}` as `{"\\":1}`. A sign at the end of each key prevents it.
const mark = '\ue000';

/** What JSON.parse reads, numbers as they were written; undefined where it reads nothing. */
export function nativeJson(text: string): { readonly value: unknown } | undefined {
  const marked = text.replace(/"((?:[^"\\]|\\.)*)"(\s*:)?/gs, (whole, inside: string, colon?: string) =>
    colon === undefined ? whole : `"${inside}${mark}"${colon}`,
  );
  try {
    return { value: JSON.parse(marked, revive as (key: string, value: unknown) => unknown) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function revive(_: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value === 'number') return new Figure(context?.source ?? '');
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Figure) return value;
  const plain: Record<string, unknown> = Object.create(null);
  for (const [name, one] of Object.entries(value)) plain[name.slice(0, -mark.length)] = one;
  return plain;
}

/** RFC 8785 §3.2, in as few words as possible. */
export function sortedText(value: unknown): string {
  if (value instanceof Figure) return JSON.stringify(Number(value.text));
  if (Array.isArray(value)) return `[${value.map(sortedText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, one]) => `${JSON.stringify(name)}:${sortedText(one)}`).join(',')}}`;
}

/** How servers see a name that ignore case, or fold wide forms. */
export const asLenient = (name: string) => name.normalize('NFKC').toLowerCase();

/** The first key that stands twice in one object, as `seen`: a second reading of the text, by tokens. */
export function twins(text: string, seen: (key: string) => string = (key) => key): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  const tokens = [...text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]|[^\s"{}[\]:]+/gs)].map(([token]) => token);
  for (const [i, token] of tokens.entries()) {
    if (token === '{' || token === '[') open.push(token === '{' ? new Set() : undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token.startsWith('"') && tokens[i + 1] === ':') {
      const key = seen(JSON.parse(token) as string);
      if (open.at(-1)?.has(key)) return key;
      open.at(-1)?.add(key);
    }
  }
  return undefined;
}

const inner = (value: unknown): readonly unknown[] =>
  typeof value === 'object' && value !== null && !(value instanceof Figure) && !(value instanceof JsonNumber)
    ? Object.values(value)
    : [];

/** How deep lists and objects lie in one another. */
export const depthOf = (value: unknown): number => {
  const isGroup = inner(value).length > 0 || Array.isArray(value) || isObject(value);
  return isGroup ? 1 + Math.max(0, ...inner(value).map(depthOf)) : 0;
};

/** Values in all. */
export const countOf = (value: unknown): number => 1 + inner(value).reduce<number>((sum, one) => sum + countOf(one), 0);

const isObject = (value: unknown) =>
  typeof value === 'object' && value !== null && !(value instanceof Figure) && !(value instanceof JsonNumber);

const words = ['', 'a', 'USD', 'é', 'x y', '1', '\u2028', '"', '\\', '😀', '__proto__'];
const figures = [0, 1, -1, 2.5, 500, 1e15 - 1, 0.000001, 123456789.5, 1e21];

/** Any JSON value, nested at most so deep; `names` are what its members are often called. */
export function randomJson(random: Random, depth: number, names: readonly string[]): unknown {
  const kind = random.below(depth > 0 ? 8 : 5);
  if (kind === 0) return null;
  if (kind === 1) return random.chance(0.5);
  if (kind === 2) return random.pick(figures);
  if (kind <= 4) return random.pick(words);
  const size = random.below(4);
  if (kind === 5) return Array.from({ length: size }, () => randomJson(random, depth - 1, names));
  const name = () => (random.chance(0.8) ? random.pick(names) : random.pick(words));
  return Object.fromEntries(Array.from({ length: size + 1 }, () => [name(), randomJson(random, depth - 1, names)]));
}
