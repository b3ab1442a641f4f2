import type { Scalar } from '@ambit/protocol';
import { type BodyShape, memberName } from '../action.ts';
import type { JsonType, ValueSchema } from '../value-schema.ts';
import {
  below,
  entriesOf,
  follow,
  isMap,
  type Json,
  type JsonMap,
  listOf,
  member,
  type Place,
  type Placed,
} from './document.ts';

const depthMax = 6;
const argumentsMax = 400;
const alternativesMax = 16;
const enumMax = 1000;

const jsonTypes = new Set<string>(['null', 'boolean', 'integer', 'number', 'string', 'array', 'object']);

/** What a schema says about one value; what lies deeper than is read says nothing. */
export function valueSchema(root: JsonMap, schema: Json | undefined, place: Place, depth = 0): ValueSchema {
  if (depth > depthMax) return {};
  const at = follow(root, schema, place);
  if (!isMap(at.value)) return {};
  const own = ownSchema(root, at.value, at.place, depth);
  const parts = listOf(at.value.allOf).map((one, i) => valueSchema(root, one, below(at.place, 'allOf', i), depth + 1));
  const either = alternatives(root, at.value, at.place, depth);
  const merged = [own, ...parts].reduce(both);
  return either === undefined ? merged : both(merged, either);
}

function alternatives(root: JsonMap, schema: JsonMap, place: Place, depth: number): ValueSchema | undefined {
  for (const word of ['oneOf', 'anyOf']) {
    const list = listOf(schema[word]);
    if (list.length === 0) continue;
    if (list.length > alternativesMax) return undefined;
    const read = list.map((one, i) => valueSchema(root, one, below(place, word, i), depth + 1));
    return read.length === 1 ? read[0] : { anyOf: read };
  }
  return undefined;
}

/** Both must hold; of two values for one keyword the second counts, as a more special one overrides a general one. */
function both(a: ValueSchema, b: ValueSchema): ValueSchema {
  return { ...a, ...b };
}

function ownSchema(root: JsonMap, schema: JsonMap, place: Place, depth: number): ValueSchema {
  const types = typesOf(schema);
  const values = 'const' in schema ? [schema.const] : listOf(schema.enum);
  const items = isMap(schema.items) ? valueSchema(root, schema.items, below(place, 'items'), depth + 1) : undefined;
  const example = exampleOf(schema);
  return {
    ...(types !== undefined && { types }),
    ...(values.length > 0 && values.length <= enumMax && values.every(isScalar) && { enum: enumOf(values, types) }),
    ...(typeof schema.pattern === 'string' && { pattern: schema.pattern }),
    ...(typeof schema.format === 'string' && { format: schema.format }),
    ...number(schema, 'minLength'),
    ...number(schema, 'maxLength'),
    ...number(schema, 'minimum'),
    ...number(schema, 'maximum'),
    ...number(schema, 'maxItems'),
    ...(items !== undefined && Object.keys(items).length > 0 && { items }),
    ...(example !== undefined && { example }),
  };
}

const isScalar = (value: Json | undefined): value is Scalar =>
  value !== undefined && (value === null || typeof value !== 'object');

function enumOf(values: readonly Scalar[], types: readonly JsonType[] | undefined): readonly Scalar[] {
  return types?.includes('null') && !values.includes(null) ? [...values, null] : values;
}

function typesOf(schema: JsonMap): readonly JsonType[] | undefined {
  const stated = [schema.type].flat().filter((one): one is JsonType => typeof one === 'string' && jsonTypes.has(one));
  if (stated.length === 0) return isMap(schema.properties) ? ['object'] : undefined;
  return schema.nullable === true || schema['x-nullable'] === true ? [...stated, 'null'] : stated;
}

function number<Name extends string>(schema: JsonMap, name: Name): { [N in Name]?: number } {
  const value = schema[name];
  return typeof value === 'number' && Number.isFinite(value) ? ({ [name]: value } as { [N in Name]?: number }) : {};
}

export function exampleOf(holder: JsonMap): Json | undefined {
  if (holder.example !== undefined) return small(holder.example);
  const examples = holder.examples;
  if (Array.isArray(examples)) return small(examples[0]);
  if (isMap(examples)) return small(member(Object.values(examples)[0], 'value'));
  return small(holder.default ?? holder['x-example']);
}

const small = (value: Json | undefined) =>
  value === undefined || JSON.stringify(value).length > 2000 ? undefined : value;

/** The members that a schema may have, from all of its alternatives. */
type ObjectView = {
  readonly members: Map<string, Placed[]>;
  readonly required: Set<string>;
  readonly closed: boolean;
  readonly nullable: boolean;
};

type Path = readonly (Json | undefined)[];

function objectView(root: JsonMap, schema: Placed, path: Path, depth = 0): ObjectView {
  const view: ObjectView = { members: new Map(), required: new Set(), closed: false, nullable: false };
  const at = follow(root, schema.value, schema.place);
  if (!isMap(at.value) || depth > depthMax || path.includes(at.value)) return view;
  for (const [name, value] of entriesOf(at.value.properties))
    add(view.members, name, [{ value, place: below(at.place, 'properties', name) }]);
  for (const name of listOf(at.value.required)) if (typeof name === 'string') view.required.add(name);
  const partsOf = (word: string) =>
    listOf(member(at.value, word)).map((value, i) =>
      objectView(root, { value, place: below(at.place, word, i) }, [...path, at.value], depth + 1),
    );
  const every = partsOf('allOf');
  const some = [...partsOf('oneOf'), ...partsOf('anyOf')];
  for (const part of [...every, ...some]) for (const [name, placed] of part.members) add(view.members, name, placed);
  for (const part of every) for (const name of part.required) view.required.add(name);
  const alone = every.length + some.length === 0;
  const closed = alone && at.value.additionalProperties === false && at.value.patternProperties === undefined;
  return { ...view, closed, nullable: typesOf(at.value)?.includes('null') === true };
}

function add(members: Map<string, Placed[]>, name: string, placed: readonly Placed[]): void {
  const known = members.get(name) ?? [];
  if (known.length < alternativesMax) members.set(name, [...known, ...placed].slice(0, alternativesMax));
}

type Flat = { arguments: Record<string, ValueSchema>; objects: Record<string, BodyShape['objects'][string]> };

/** The arguments of a body: leaves by dotted name. Recursion, depth and number are bounded; below that all is open. */
export function flatten(root: JsonMap, schema: Placed): Pick<BodyShape, 'arguments' | 'objects'> {
  const flat: Flat = { arguments: {}, objects: {} };
  flattenInto(root, flat, 'body', [schema], [], 0);
  return flat;
}

function flattenInto(
  root: JsonMap,
  flat: Flat,
  name: string,
  schemas: readonly Placed[],
  path: Path,
  depth: number,
): void {
  if (Object.keys(flat.arguments).length >= argumentsMax) return;
  const followed = schemas.map((one) => follow(root, one.value, one.place));
  const views = followed.filter((one) => !path.includes(one.value)).map((one) => objectView(root, one, []));
  const members = new Map<string, Placed[]>();
  for (const view of views) for (const [child, placed] of view.members) add(members, child, placed);
  const leaf = leafSchema(root, followed);
  if (members.size === 0 || depth >= depthMax) {
    if (!isBareObject(leaf) || depth > 0) flat.arguments[name] = leaf;
    return;
  }
  const single = views.length === 1 ? views[0] : undefined;
  flat.objects[name] = {
    closed: single?.closed ?? false,
    required: single === undefined ? [] : [...single.required].filter((one) => members.has(one)),
    nullable: views.some((view) => view.nullable),
  };
  if (takesMoreThanObjects(leaf)) flat.arguments[name] = leaf;
  const deeper = [...path, ...followed.map((one) => one.value)];
  for (const [child, placed] of members) flattenInto(root, flat, memberName(name, child), placed, deeper, depth + 1);
}

function leafSchema(root: JsonMap, schemas: readonly Placed[]): ValueSchema {
  const read = schemas.map((one) => valueSchema(root, one.value, one.place));
  return read.length === 1 ? read[0]! : { anyOf: read };
}

const isBareObject = (schema: ValueSchema) =>
  Object.keys(schema).length === 0 ||
  (schema.types?.length === 1 && schema.types[0] === 'object' && schema.anyOf === undefined);

function takesMoreThanObjects(schema: ValueSchema): boolean {
  if (schema.anyOf !== undefined) return schema.anyOf.some(takesMoreThanObjects);
  return schema.types?.some((type) => type !== 'object' && type !== 'null') ?? false;
}
