import { extensionFunctions } from './extensions/index.ts';
import { asText, isObject, type Json, type JsonObject, own, refuse } from './json.ts';
import { asTypeName } from './load-uid.ts';
import { longMax, longMin, toLong } from './long.ts';
import { type CedarRecord, entityUid, setOf, type Value } from './value.ts';

/** Data nests no deeper than the official build reads. */
export const dataDepthMax = 120;

/**
 * Data without a schema. Only the two escapes make entities and extension values, and only as the sole member of an
 * object and with fields of the right types; any other object is a record, whatever its names.
 */
export function readData(json: Json | undefined, what: string, depth = 0): Value {
  if (depth > dataDepthMax) refuse(`${what} is nested more than ${dataDepthMax} deep`);
  switch (typeof json) {
    case 'boolean':
      return json;
    case 'string':
      return asText(json, what);
    case 'number':
      return Number.isSafeInteger(json) && !Object.is(json, -0) ? json : refuse(`${what}: ${json} is not an integer`);
    case 'bigint':
      return json >= longMin && json <= longMax ? toLong(json) : refuse(`${what}: the integer does not fit 64 bits`);
    default:
      break;
  }
  if (Array.isArray(json)) return setOf(json.map((element) => readData(element, what, depth + 1)));
  if (!isObject(json)) refuse(`${what} is ${json === null ? 'null' : 'missing'}, which Cedar has no value for`);
  return readEscape(json, what, depth) ?? readRecord(json, what, depth);
}

export function readRecord(json: JsonObject, what: string, depth = 0): CedarRecord {
  return new Map(
    Object.entries(json).map(([name, value]) => {
      return [asText(name, `a name in ${what}`), readData(value, `${what}.${name}`, depth + 1)];
    }),
  );
}

function readEscape(json: JsonObject, what: string, depth: number): Value | undefined {
  const [name, ...others] = Object.keys(json);
  if (name === undefined || others.length > 0) return undefined;
  const inner = json[name];
  switch (name) {
    case '__entity':
      return isUid(inner) ? entityUid(asTypeName(inner.type, what), asText(inner.id, what)) : undefined;
    case '__extn':
      return isCall(inner) ? readCall(inner, what, depth) : undefined;
    case '__expr':
      return typeof inner === 'string' ? refuse(`${what}: the escape __expr is no longer read`) : undefined;
    default:
      return undefined;
  }
}

export function isUid(json: Json | undefined): json is { type: string; id: string } {
  return isObject(json) && typeof own(json, 'type') === 'string' && typeof own(json, 'id') === 'string';
}

export type FunctionCall = { fn: string; arg?: Json; args?: Json };

export function isCall(json: Json | undefined): json is FunctionCall & JsonObject {
  if (!isObject(json) || typeof own(json, 'fn') !== 'string') return false;
  return Object.hasOwn(json, 'arg') || Array.isArray(own(json, 'args'));
}

/** Any extension function may stand here, with data as its arguments; one that fails, fails the whole call. */
export function readCall(call: FunctionCall, what: string, depth: number): Value {
  const run = extensionFunctions.get(call.fn) ?? refuse(`${what}: there is no extension function \`${call.fn}\``);
  const args = Object.hasOwn(call, 'arg') ? [call.arg!] : (call.args as Json[]);
  return run(args.map((arg) => readData(arg, what, depth + 1)));
}
