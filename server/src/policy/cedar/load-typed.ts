import { extensionFunctions } from './extensions/index.ts';
import { isObject, type Json, type JsonObject, refuse } from './json.ts';
import { dataDepthMax, isCall, readCall, readData } from './load-data.ts';
import type { RecordType, Schema, Type } from './load-schema.ts';
import { readUid } from './load-uid.ts';
import { type CedarRecord, type EntityUid, kindOf, setOf, type Value } from './value.ts';

/** The function that makes each extension type from its text. */
const constructors = { decimal: 'decimal', ip: 'ip', datetime: 'datetime', duration: 'duration' } as const;

/** Data by its declared type: entities and extension values need no escape here, and nothing else is let through. */
export function readTyped(json: Json, type: Type, schema: Schema, what: string, depth = 0): Value {
  if (depth > dataDepthMax) refuse(`${what} is nested more than ${dataDepthMax} deep`);
  switch (type.kind) {
    case 'set':
      if (!Array.isArray(json)) refuse(`${what} must be a list`);
      return setOf(json.map((element) => readTyped(element, type.element, schema, what, depth + 1)));
    case 'record':
      if (!isObject(json)) refuse(`${what} must be an object`);
      return readTypedRecord(json, type, schema, what, depth);
    case 'entity':
      return declaredUid(ofType(readUid(json, what), type.name, what), schema, what);
    case 'decimal':
    case 'ip':
    case 'datetime':
    case 'duration':
      return ofKind(readExtension(json, constructors[type.kind], what, depth), type.kind, what);
    default:
      return ofKind(readData(json, what, depth), type.kind, what);
  }
}

export function readTypedRecord(
  json: JsonObject,
  type: RecordType,
  schema: Schema,
  what: string,
  depth = 0,
): CedarRecord {
  for (const [name, { required }] of type.attributes) {
    if (required && !Object.hasOwn(json, name)) refuse(`${what} lacks \`${name}\``);
  }
  return new Map(
    Object.entries(json).map(([name, value]) => {
      const attribute = type.attributes.get(name) ?? refuse(`${what} has \`${name}\`, which the schema does not`);
      return [name, readTyped(value, attribute.type, schema, `${what}.${name}`, depth + 1)];
    }),
  );
}

/** The text alone, `{ fn, arg }`, or the full escape. */
function readExtension(json: Json, name: string, what: string, depth: number): Value {
  if (typeof json === 'string') return extensionFunctions.get(name)!([json]);
  if (isCall(json)) return readCall(json, what, depth);
  return readData(json, what, depth);
}

function ofKind(value: Value, kind: Type['kind'], what: string): Value {
  return kindOf(value) === kind ? value : refuse(`${what} must be of type ${kind}, not ${kindOf(value)}`);
}

function ofType(uid: EntityUid, name: string, what: string): EntityUid {
  return uid.type === name ? uid : refuse(`${what} must be a ${name}, not a ${uid.type}`);
}

/** An enumerated type has no other ids, and an action must be declared. */
export function declaredUid(uid: EntityUid, schema: Schema, what: string): EntityUid {
  const ids = schema.entityTypes.get(uid.type)?.ids;
  if (ids && !ids.has(uid.id)) refuse(`${what}: ${uid.key} is not one of the ids that the schema lists`);
  if (isActionType(uid.type) && !schema.actions.has(uid.key)) refuse(`${what}: the schema has no action ${uid.key}`);
  return uid;
}

export function isActionType(type: string): boolean {
  return type === 'Action' || type.endsWith('::Action');
}
