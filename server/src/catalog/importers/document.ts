import { isAlias, LineCounter, parseDocument, visit } from 'yaml';
import { refuse } from '../../foundation/index.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonMap;
export type JsonMap = { readonly [name: string]: Json };

/** A place in a description, for sentences: `#/paths/~1orders/get/parameters/0`. */
export type Place = string;

export const textBytesMax = 32 * 1024 * 1024;
const yamlBytesMax = 8 * 1024 * 1024;
const referencesMax = 32;

export function invalid(place: Place, says: string): Error {
  const sentence = `${place === '' ? 'The description' : place} ${says}.`;
  return refuse('catalog.description_invalid', sentence, sentence);
}

/** The description's text as plain JSON. Text that starts with a brace is JSON, any other YAML 1.2. */
export function readDocument(text: string): JsonMap {
  const bytes = Buffer.byteLength(text);
  if (bytes > textBytesMax) throw invalid('', `has ${bytes} bytes; at most ${textBytesMax} are read`);
  const value = text.trimStart().startsWith('{') ? readJson(text) : readYaml(text, bytes);
  if (!isMap(value)) throw invalid('', 'is not an object');
  // Only an escape can write one: the text itself is UTF-8.
  if (/\\u/i.test(text)) refuseHalves(value);
  return value;
}

/** Half of a surrogate pair is no text: no entry could say what was imported. */
function refuseHalves(root: JsonMap): void {
  const open: Json[] = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const texts = isMap(value) ? Object.keys(value) : typeof value === 'string' ? [value] : [];
    if (!texts.every((one) => one.isWellFormed())) throw invalid('', 'holds half of a surrogate pair');
    if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) open.push(inner);
  }
}

function readJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw invalid('', `is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readYaml(text: string, bytes: number): Json {
  if (bytes > yamlBytesMax) {
    throw invalid('', `has ${bytes} bytes of YAML; at most ${yamlBytesMax} are read: convert it to JSON first`);
  }
  try {
    const lines = new LineCounter();
    const document = parseDocument(text, { uniqueKeys: true, lineCounter: lines, schema: 'core', merge: false });
    const fault = document.errors[0];
    if (fault !== undefined) throw invalid(`Line ${lines.linePos(fault.pos[0]).line}`, `is not YAML: ${fault.code}`);
    // Aliases can make a small text huge, and a cycle endless: a description has $ref for that.
    visit(document, (_key, node) => {
      if (isAlias(node)) throw invalid('', `uses the YAML alias *${node.source}; write the value out, or use $ref`);
    });
    // Through JSON, so that keys are texts and dates are what JSON would hold.
    return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 0 }))) as Json;
  } catch (error) {
    if (error instanceof RangeError) throw invalid('', 'is nested too deeply to be read');
    throw error;
  }
}

export function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function member(of: Json | undefined, name: string): Json | undefined {
  return isMap(of) && Object.hasOwn(of, name) ? of[name] : undefined;
}

export function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

export function entriesOf(value: Json | undefined): [string, Json][] {
  return isMap(value) ? Object.entries(value) : [];
}

export const below = (place: Place, ...names: readonly (string | number)[]): Place =>
  [place, ...names.map((name) => String(name).replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');

/** A value and where it stands, after following references. */
export type Placed = { readonly value: Json | undefined; readonly place: Place };

/**
 * Follows `$ref` inside the document only: a reference elsewhere would make the plane fetch what a stranger names.
 * Members next to a `$ref` are laid over what it points at (OpenAPI 3.1; earlier versions have none that count).
 */
export function follow(root: JsonMap, value: Json | undefined, place: Place): Placed {
  let at: Placed = { value, place };
  for (let hops = 0; hops < referencesMax; hops++) {
    const reference = member(at.value, '$ref');
    if (typeof reference !== 'string') return at;
    const target = lookUp(root, reference, at.place);
    const beside = Object.entries(at.value as JsonMap).filter(([name]) => name !== '$ref');
    const laid = isMap(target) && beside.length > 0 ? { ...target, ...Object.fromEntries(beside) } : target;
    at = { value: laid, place: reference };
  }
  throw invalid(place, `refers on and on, more than ${referencesMax} times`);
}

function lookUp(root: JsonMap, reference: string, place: Place): Json {
  if (reference === '#') throw invalid(place, 'refers to the whole description');
  if (!reference.startsWith('#/'))
    throw invalid(place, `refers outside of the description, to ${reference}; bundle it into one file`);
  let value: Json | undefined = root;
  for (const name of reference.slice(2).split('/')) {
    const key = decodePointer(name, place);
    value = Array.isArray(value) ? value[Number(key)] : member(value, key);
  }
  if (value === undefined) throw invalid(place, `refers to ${reference}, which is not there`);
  return value;
}

function decodePointer(name: string, place: Place): string {
  try {
    return decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch (error) {
    throw invalid(
      place,
      `has a reference that is not percent-encoded properly (${error instanceof Error ? error.message : ''})`,
    );
  }
}
