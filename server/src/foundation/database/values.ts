import { parseKept } from '@ambit/protocol';
import type { AnyTable, ColumnKind } from './table.ts';
import type { Fields } from './unit.ts';

/** A value as every store keeps it: JSON is text, so that its bytes are the same everywhere. */
export type StoredValue = string | number | Uint8Array | null;
export type StoredRow = Readonly<Record<string, StoredValue>>;

/** Text that not every store can keep. It is refused by all of them, so that no plane depends on the one it runs on. */
export class UnkeepableText extends Error {}

export function kindOf(of: AnyTable, name: string): ColumnKind {
  const kind = of.columns[name];
  if (kind === undefined) throw new Error(`table ${of.name} has no column ${name}`);
  return kind;
}

export function encode(of: AnyTable, name: string, value: unknown): StoredValue {
  const kind = kindOf(of, name);
  if (value === null || value === undefined) return null;
  if (kind === 'json') return JSON.stringify(value);
  if (kind === 'text' && typeof value === 'string') return requireKeepable(`${of.name}: ${name}`, value);
  if (kind === 'integer' && typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new TypeError(`table ${of.name}: ${name} is ${kind}, not ${typeof value}`);
}

/** PostgreSQL keeps no NUL in a text, and neither store keeps half of a surrogate pair. */
export const isKeepable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/** Whether a row may have that value: what no row can have is not asked for. */
export const isAskable = (value: unknown): boolean => typeof value !== 'string' || isKeepable(value);

export function requireKeepable(what: string, text: string): string {
  if (isKeepable(text)) return text;
  throw new UnkeepableText(`${what} holds a NUL or half of a surrogate pair`);
}

export function encodeFields(of: AnyTable, fields: Fields): StoredRow {
  return Object.fromEntries(Object.keys(fields).map((name) => [name, encode(of, name, fields[name])]));
}

/** Every declared column: one that the row lacks is null. */
export function encodeRow(of: AnyTable, row: Fields): StoredRow {
  for (const name in row) kindOf(of, name);
  const stored: Record<string, StoredValue> = {};
  for (const name in of.columns) stored[name] = encode(of, name, row[name]);
  return stored;
}

export function decodeRow(of: AnyTable, stored: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const name in of.columns) row[name] = decode(of, stored, name);
  return row;
}

/** One of the columns. */
export function decode(of: AnyTable, stored: Readonly<Record<string, unknown>>, name: string): unknown {
  const value = stored[name];
  return of.columns[name] === 'json' && typeof value === 'string' ? parseKept(value) : value;
}

export function keyValues(of: AnyTable, key: Fields): (string | number)[] {
  return of.key.map((name) => {
    const value = encode(of, name, key[name]);
    if (typeof value === 'string' || typeof value === 'number') return value;
    throw new Error(`${of.name}: the key lacks ${name}`);
  });
}

/** Whether a row could hold that value there, so that it can be asked for. */
export function couldHold(of: AnyTable, name: string, value: unknown): boolean {
  if (typeof value === 'number') return of.columns[name] === 'integer' && Number.isSafeInteger(value);
  return typeof value === 'string' && of.columns[name] === 'text' && isKeepable(value);
}

// PostgreSQL keeps at most a third of a page in an index: 2,704 bytes with what it needs itself.
const indexedBytesMax = 2400;

/** THREATS: what one request brings must not fail the units of others; an index that cannot hold it would. */
export function requireIndexable(of: AnyTable, row: StoredRow): void {
  for (const columns of [of.key, ...of.unique, ...of.indexes]) {
    const texts = columns.map((name) => row[name]).filter((value) => typeof value === 'string');
    requireShort(`${of.name}: ${columns.join(', ')}`, texts.join(''));
  }
}

export function requireShort(what: string, text: string): void {
  if (text.length * 3 <= indexedBytesMax || Buffer.byteLength(text) <= indexedBytesMax) return;
  throw new UnkeepableText(`${what} is longer than ${indexedBytesMax} bytes, which is the most that names a row`);
}
