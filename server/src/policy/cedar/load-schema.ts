import { asArray, asObject, asText, isObject, type Json, type JsonObject, own, refuse } from './json.ts';
import { asTypeName } from './load-uid.ts';
import { type EntityUid, entityUid, type Kind } from './value.ts';

export type Type =
  | { readonly kind: Exclude<Kind, 'entity' | 'set' | 'record'> }
  | { readonly kind: 'entity'; readonly name: string }
  | { readonly kind: 'set'; readonly element: Type }
  | RecordType;

export type RecordType = { readonly kind: 'record'; readonly attributes: ReadonlyMap<string, Attribute> };
export type Attribute = { readonly type: Type; readonly required: boolean };

export type EntityType = {
  readonly shape: RecordType;
  readonly tags: Type | undefined;
  readonly parents: ReadonlySet<string>;
  /** The only ids of an enumerated type. */
  readonly ids: ReadonlySet<string> | undefined;
};

export type ActionType = {
  readonly uid: EntityUid;
  readonly parents: readonly EntityUid[];
  readonly principals: ReadonlySet<string>;
  readonly resources: ReadonlySet<string>;
  readonly context: RecordType;
};

/** What is needed to read data by its declared types. */
export type Schema = {
  readonly entityTypes: ReadonlyMap<string, EntityType>;
  readonly actions: ReadonlyMap<string, ActionType>;
};

const noAttributes: RecordType = { kind: 'record', attributes: new Map() };

/** Reads the JSON form in which the official build has resolved every name (`Official.resolveSchema`). */
export function readSchema(resolved: Json): Schema {
  const namespaces = Object.entries(asObject(resolved, 'a schema')).map(
    ([name, parts]) => [name === '' ? '' : `${name}::`, asObject(parts, `namespace ${name}`)] as const,
  );
  const common = new Map(
    namespaces.flatMap(([prefix, parts]) => named(parts, 'commonTypes').map(([name, type]) => [prefix + name, type])),
  );
  const readType = typeReader(common);
  return {
    entityTypes: new Map(
      namespaces.flatMap(([prefix, parts]) =>
        named(parts, 'entityTypes').map(([name, type]) => [prefix + name, readEntityType(type, readType)] as const),
      ),
    ),
    actions: new Map(
      namespaces.flatMap(([prefix, parts]) =>
        named(parts, 'actions').map(([id, type]) => {
          const action = readAction(entityUid(`${prefix}Action`, id), type, readType);
          return [action.uid.key, action] as const;
        }),
      ),
    ),
  };
}

function named(parts: JsonObject, name: string): Array<[string, JsonObject]> {
  return Object.entries(asObject(own(parts, name) ?? {}, name)).map(([key, value]) => [key, asObject(value, key)]);
}

type ReadType = (type: Json | undefined) => Type;

const plainTypes: ReadonlyMap<string, Type> = new Map<string, Type>([
  ['Bool', { kind: 'bool' }],
  ['Boolean', { kind: 'bool' }],
  ['Long', { kind: 'long' }],
  ['String', { kind: 'string' }],
  ['decimal', { kind: 'decimal' }],
  ['ipaddr', { kind: 'ip' }],
  ['datetime', { kind: 'datetime' }],
  ['duration', { kind: 'duration' }],
]);

function typeReader(common: ReadonlyMap<string, JsonObject>): ReadType {
  const read: ReadType = (json) => {
    const type = asObject(json, 'a type');
    const name = asText(own(type, 'type'), 'a type');
    switch (name) {
      case 'Set':
        return { kind: 'set', element: read(own(type, 'element')) };
      case 'Record':
        return readRecordType(type, read);
      case 'Entity':
        return { kind: 'entity', name: asTypeName(own(type, 'name'), 'an entity type') };
      case 'Extension':
        return plainTypes.get(asText(own(type, 'name'), 'an extension')) ?? refuse('an extension nobody knows');
      default: {
        const shared = common.get(name);
        if (shared) return read(shared);
        return plainTypes.get(name.replace(/^__cedar::/, '')) ?? refuse(`the schema has no type \`${name}\``);
      }
    }
  };
  return read;
}

function readRecordType(type: JsonObject, read: ReadType): RecordType {
  const attributes = Object.entries(asObject(own(type, 'attributes') ?? {}, 'attributes')).map(([name, json]) => {
    const required = !isObject(json) || own(json, 'required') !== false;
    return [name, { type: read(json), required }] as const;
  });
  return { kind: 'record', attributes: new Map(attributes) };
}

function readShape(json: Json | undefined, read: ReadType): RecordType {
  if (json === undefined) return noAttributes;
  const type = read(json);
  return type.kind === 'record' ? type : refuse('a shape must be a record');
}

function readEntityType(json: JsonObject, read: ReadType): EntityType {
  const ids = own(json, 'enum');
  const tags = own(json, 'tags');
  return {
    shape: readShape(own(json, 'shape'), read),
    tags: tags === undefined ? undefined : read(tags),
    parents: texts(own(json, 'memberOfTypes')),
    ids: ids === undefined ? undefined : texts(ids),
  };
}

function readAction(uid: EntityUid, json: JsonObject, read: ReadType): ActionType {
  const applies = asObject(own(json, 'appliesTo') ?? {}, 'appliesTo');
  const parents = asArray(own(json, 'memberOf') ?? [], 'memberOf').map((parent) => {
    const group = asObject(parent, 'memberOf');
    return entityUid(asText(own(group, 'type') ?? uid.type, 'a group'), asText(own(group, 'id'), 'a group'));
  });
  return {
    uid,
    parents,
    principals: texts(own(applies, 'principalTypes')),
    resources: texts(own(applies, 'resourceTypes')),
    context: readShape(own(applies, 'context'), read),
  };
}

function texts(json: Json | undefined): ReadonlySet<string> {
  return new Set(asArray(json ?? [], 'a list of names').map((name) => asText(name, 'a name')));
}
