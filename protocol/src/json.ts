/**
 * JSON with one meaning. What a lenient reader and a strict one would understand differently is not read at all:
 * duplicate keys, lone surrogates, and numbers that change when they are parsed and printed.
 */

/**
 * A number as it was written: plain decimal, no exponent, no negative zero, at most 15 significant digits and 15
 * digits after the point. Every such text is one double and comes back from it unchanged in value.
 */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    const fault = numberFault(text);
    if (fault !== undefined) throw new JsonFault(fault, 0);
    this.text = text;
  }

  toNumber(): number {
    return Number(this.text);
  }

  toJSON(): number {
    return this.toNumber();
  }
}

export type JsonObject = { readonly [name: string]: JsonValue };
export type JsonValue = null | boolean | string | JsonNumber | readonly JsonValue[] | JsonObject;

/** The text is not JSON of one meaning. `at` counts UTF-16 code units from the start of the text. */
export class JsonFault extends Error {
  readonly at: number;

  constructor(says: string, at: number) {
    super(says);
    this.name = 'JsonFault';
    this.at = at;
  }
}

export type JsonBounds = {
  /** Lists and objects inside one another. */
  readonly depthMax?: number;
  /** Values in all, lists and objects included. */
  readonly nodesMax?: number;
};

/** Reads JSON text. Objects have no prototype, so that a key can shadow nothing. Throws `JsonFault`. */
export function parseJson(text: string, bounds: JsonBounds = {}): JsonValue {
  const { depthMax = 64, nodesMax = 100_000 } = bounds;
  return readWhole({ text, at: 0, depthLeft: depthMax, nodesLeft: nodesMax, number: exactNumber });
}

/** The same with each number as the text that it was written as, however long: for values that are passed on as texts. */
export function parseAsWritten(text: string): JsonValue {
  return readWhole({ text, at: 0, depthLeft: 64, nodesLeft: 100_000, number: (_, token) => token });
}

function readWhole(scan: Scan): JsonValue {
  const value = readValue(scan);
  skipSpace(scan);
  if (scan.at !== scan.text.length) throw fault(scan, 'Something follows the JSON value');
  return value;
}

type Scan = {
  readonly text: string;
  at: number;
  depthLeft: number;
  nodesLeft: number;
  readonly number: (scan: Scan, token: string) => JsonValue;
};

function fault(scan: Scan, says: string, at = scan.at): JsonFault {
  return new JsonFault(`${says} (character ${at + 1} of the JSON text).`, at);
}

function skipSpace(scan: Scan): void {
  while (true) {
    const code = scan.text.charCodeAt(scan.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    scan.at++;
  }
}

function readValue(scan: Scan): JsonValue {
  skipSpace(scan);
  if (scan.nodesLeft-- <= 0) throw fault(scan, 'There are more values than are read here');
  switch (scan.text[scan.at]) {
    case '{':
      return deeper(scan, readObject);
    case '[':
      return deeper(scan, readList);
    case '"':
      return readString(scan);
    case 't':
      return readWord(scan, 'true', true);
    case 'f':
      return readWord(scan, 'false', false);
    case 'n':
      return readWord(scan, 'null', null);
    default:
      return readNumber(scan);
  }
}

function deeper<T>(scan: Scan, read: (scan: Scan) => T): T {
  if (scan.depthLeft-- <= 0) throw fault(scan, 'Lists and objects are nested deeper than is read here');
  scan.at++;
  const value = read(scan);
  scan.depthLeft++;
  return value;
}

function readWord<T>(scan: Scan, word: string, value: T): T {
  if (!scan.text.startsWith(word, scan.at)) throw fault(scan, 'This is not a JSON value');
  scan.at += word.length;
  return value;
}

function readObject(scan: Scan): JsonObject {
  const object: Record<string, JsonValue> = Object.create(null);
  if (sees(scan, '}')) return object;
  do {
    skipSpace(scan);
    const at = scan.at;
    if (scan.text[at] !== '"') throw fault(scan, 'An object key in double quotes is expected');
    const key = readString(scan);
    if (key in object) throw fault(scan, `The key ${JSON.stringify(key)} stands twice in one object`, at);
    if (!sees(scan, ':')) throw fault(scan, 'A colon is expected after the object key');
    object[key] = readValue(scan);
  } while (sees(scan, ','));
  if (!sees(scan, '}')) throw fault(scan, 'A comma or the end of the object is expected');
  return object;
}

function readList(scan: Scan): JsonValue[] {
  const list: JsonValue[] = [];
  if (sees(scan, ']')) return list;
  do list.push(readValue(scan));
  while (sees(scan, ','));
  if (!sees(scan, ']')) throw fault(scan, 'A comma or the end of the list is expected');
  return list;
}

function sees(scan: Scan, char: string): boolean {
  skipSpace(scan);
  if (scan.text[scan.at] !== char) return false;
  scan.at++;
  return true;
}

function readString(scan: Scan): string {
  const start = scan.at;
  const end = endOfString(scan, start);
  const token = scan.text.slice(start, end);
  const text = token.includes('\\') ? unescaped(scan, token) : token.slice(1, -1);
  if (!text.isWellFormed()) throw fault(scan, 'A string holds half of a surrogate pair');
  scan.at = end;
  return text;
}

// RFC 8259 §7: everything but quotes, backslashes and control characters stands for itself.
function endOfString(scan: Scan, start: number): number {
  for (let at = start + 1; at < scan.text.length; at++) {
    const code = scan.text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) throw fault(scan, 'A string holds a control character that is not escaped', at);
    if (code === 0x5c) at++;
  }
  throw fault(scan, 'A string does not end');
}

function unescaped(scan: Scan, token: string): string {
  try {
    return JSON.parse(token);
  } catch {
    throw fault(scan, 'A string holds an escape that JSON does not have');
  }
}

const numberToken = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

function readNumber(scan: Scan): JsonValue {
  numberToken.lastIndex = scan.at;
  const token = numberToken.exec(scan.text)?.[0];
  if (token === undefined)
    throw fault(scan, scan.at < scan.text.length ? 'This is not a JSON value' : 'The text ends early');
  const number = scan.number(scan, token);
  scan.at += token.length;
  return number;
}

function exactNumber(scan: Scan, token: string): JsonNumber {
  const says = numberFault(token);
  if (says !== undefined) throw fault(scan, says);
  return new JsonNumber(token);
}

const plainNumber = /^-?(?:0|[1-9][0-9]*)(?:\.([0-9]+))?$/;

// Fifteen significant decimal digits always survive a double (IEEE 754: DBL_DIG is 15).
function numberFault(text: string): string | undefined {
  const match = plainNumber.exec(text);
  if (match === null) return 'A number is not written as a plain decimal: write it without an exponent';
  const digits = text.replace(/[-.]/g, '').replace(/^0+/, '');
  if (text.startsWith('-') && digits === '') return 'Negative zero has two meanings: write 0';
  if (digits.length > 15 || (match[1]?.length ?? 0) > 15) {
    return 'A number has more than 15 digits and would not survive: write it as a string';
  }
  return undefined;
}

/** JSON text of the value, without spaces, keys as they stand, numbers as they were written. */
export function printJson(value: JsonValue): string {
  if (value instanceof JsonNumber) return value.text;
  if (typeof value === 'string') return printString(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (isList(value)) return `[${value.map(printJson).join(',')}]`;
  return `{${Object.entries(value)
    .map(([name, member]) => `${printString(name)}:${printJson(member)}`)
    .join(',')}}`;
}

function isList(value: readonly JsonValue[] | JsonObject): value is readonly JsonValue[] {
  return Array.isArray(value);
}

// Most strings of the wire stand for themselves, and most are keys and ids: no need to look for what to escape.
const plainAscii = /^[ !#-[\]-~]*$/;

function printString(text: string): string {
  if (plainAscii.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new JsonFault('A string holds half of a surrogate pair.', 0);
  return JSON.stringify(text);
}

/** The same value as plain JavaScript: numbers as doubles, objects still without a prototype. */
export function plainJson(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return value.toNumber();
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map(plainJson);
  const object: Record<string, unknown> = Object.create(null);
  for (const [name, member] of Object.entries(value)) object[name] = plainJson(member);
  return object;
}

const escapedKey = /\\.[^"\\]*"[ \n\r\t]*:/s;

/**
 * What is kept or exported as JSON, as plain JavaScript: what JSON.parse reads, and its keys as they stand. V8 takes a
 * key with an escape for one that it read before, where the key as it is written begins with that one: after
 * `{"a":1,"\\":2}` it reads `{"a":1,"\n":2}` as the same. Agents choose keys, and a detail read so would look changed.
 * Throws where JSON.parse does.
 */
export function parseKept(text: string): unknown {
  if (!text.includes('\\') || !escapedKey.test(text)) return JSON.parse(text);
  const any = (_: Scan, token: string) => Number(token) as unknown as JsonValue;
  return ordinary(
    readWhole({ text, at: 0, depthLeft: keptDepthMax, nodesLeft: Number.POSITIVE_INFINITY, number: any }),
  );
}

function ordinary(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordinary);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, ordinary(member)]));
}

const canonicalDepthMax = 256;
/** Around what was made canonical there are a few more levels. */
const keptDepthMax = canonicalDepthMax + 16;

/**
 * The one text of a value (RFC 8785): keys in order of their UTF-16 code units, numbers as ECMAScript prints them.
 * Takes plain JavaScript JSON and `JsonNumber`; members that are undefined are left out. Throws `JsonFault` for what
 * JSON cannot hold, so that a secret in its wrapper, a date or a buffer never becomes `{}` unseen.
 */
export function canonicalJson(value: unknown): string {
  return print(value, canonicalDepthMax);
}

function print(value: unknown, depthLeft: number): string {
  switch (typeof value) {
    case 'string':
      return printString(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isFinite(value)) throw new JsonFault(`JSON has no number ${value}.`, 0);
      return String(value);
    case 'object':
      return value === null ? 'null' : printWithin(value, depthLeft);
    default:
      throw new JsonFault(`JSON cannot hold a value of type ${typeof value}.`, 0);
  }
}

function printWithin(value: object, depthLeft: number): string {
  if (depthLeft === 0) throw new JsonFault('The value is nested too deeply, or in itself.', 0);
  if (value instanceof JsonNumber) return JSON.stringify(value.toNumber());
  let text = '';
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) text += (i === 0 ? '[' : ',') + print(value[i], depthLeft - 1);
    return text === '' ? '[]' : `${text}]`;
  }
  if (!isPlain(value)) throw new JsonFault('JSON cannot hold an object of a class.', 0);
  for (const name of inOrder(Object.keys(value))) {
    const member = value[name];
    if (member !== undefined) text += (text === '' ? '{' : ',') + printName(name) + print(member, depthLeft - 1);
  }
  return text === '' ? '{}' : `${text}}`;
}

/** By code units. Most objects have few members, and many stand in order already. */
function inOrder(names: string[]): string[] {
  if (names.length > 32) return names.sort();
  for (let i = 1; i < names.length; i++) {
    const name = names[i] as string;
    let at = i;
    for (; at > 0 && (names[at - 1] as string) > name; at--) names[at] = names[at - 1] as string;
    names[at] = name;
  }
  return names;
}

const namesKeptMax = 2000;
const namesKept = new Map<string, string>();

/** The same few hundred names stand in everything that is kept; those that callers choose push each other out. */
function printName(name: string): string {
  const known = namesKept.get(name);
  if (known !== undefined) return known;
  const made = `${printString(name)}:`;
  if (namesKept.size >= namesKeptMax) namesKept.clear();
  // A long name is somebody's own, and not worth the room.
  if (name.length <= 64) namesKept.set(name, made);
  return made;
}

/** An object literal, whichever realm made it, or one without a prototype. */
function isPlain(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}
