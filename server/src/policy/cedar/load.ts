import { closeHierarchy, type Entities, type EntityWithParents } from './entities.ts';
import { EvaluationError } from './evaluation-error.ts';
import type { Request } from './frame.ts';
import { asArray, asObject, type Json, LoadError, own, refuse } from './json.ts';
import { readData, readRecord } from './load-data.ts';
import type { ActionType, EntityType, Schema } from './load-schema.ts';
import { declaredUid, isActionType, readTyped, readTypedRecord } from './load-typed.ts';
import { readUid } from './load-uid.ts';
import { type CedarRecord, type EntityUid, equal, type Value } from './value.ts';

/**
 * A request and its entities from JSON, as `isAuthorized` takes them. With a schema, data is read by its declared types
 * and refused where it does not fit; without one, only what is written out counts. Throws a LoadError: a call that
 * cannot be read has no decision, and its caller must treat that as a denial.
 */
export function loadRequest(json: Json, schema?: Schema): Request {
  return reading(() => {
    const call = asObject(json, 'a request');
    const [principal, action, resource] = (['principal', 'action', 'resource'] as const).map((position) =>
      readUid(own(call, position), position),
    ) as [EntityUid, EntityUid, EntityUid];
    const context = own(call, 'context');
    if (!schema) return { principal, action, resource, context: readContext(context) };
    const declared = schema.actions.get(action.key) ?? refuse(`the schema has no action ${action.key}`);
    return {
      principal: fitting(principal, declared.principals, schema, 'principal', action),
      action,
      resource: fitting(resource, declared.resources, schema, 'resource', action),
      context: readTypedRecord(asObject(context, 'context'), declared.context, schema, 'context'),
    };
  });
}

/** A value or constructor that fails inside data fails the whole call. */
function reading<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof EvaluationError) throw new LoadError(error.message, { cause: error });
    throw error;
  }
}

function readContext(json: Json | undefined): CedarRecord {
  const value = readData(json, 'context');
  return value instanceof Map ? value : refuse('context must be a record');
}

function fitting(
  uid: EntityUid,
  types: ReadonlySet<string>,
  schema: Schema,
  what: string,
  action: EntityUid,
): EntityUid {
  if (!types.has(uid.type)) refuse(`the ${what} of ${action.key} cannot be a ${uid.type}`);
  return declaredUid(uid, schema, what);
}

export function loadEntities(json: Json, schema?: Schema): Entities {
  return reading(() => {
    const listed = asArray(json, 'entities').map((entity) => readEntity(entity, schema));
    const distinct = refuseContradictions(listed);
    if (!schema) return closeHierarchy(distinct);
    const supplied = distinct.filter(({ uid }) => !isActionType(uid.type));
    const entities = closeHierarchy([...supplied, ...[...schema.actions.values()].map(actionEntity)]);
    for (const { uid, attributes, tags, parents } of distinct) {
      if (isActionType(uid.type)) refuseRedefinedAction(uid, attributes, tags, parents, entities);
    }
    return entities;
  });
}

function readEntity(json: Json, schema: Schema | undefined): EntityWithParents {
  const entity = asObject(json, 'an entity');
  const uid = readUid(own(entity, 'uid'), 'an entity');
  const attrs = asObject(own(entity, 'attrs'), `attrs of ${uid.key}`);
  const tags = asObject(own(entity, 'tags') ?? {}, `tags of ${uid.key}`);
  const parents = asArray(own(entity, 'parents'), `parents of ${uid.key}`).map((parent) => readUid(parent, 'a parent'));
  if (!schema || isActionType(uid.type)) {
    if (schema) declaredUid(uid, schema, 'an entity');
    return { uid, attributes: readRecord(attrs, uid.key), tags: readRecord(tags, `tags of ${uid.key}`), parents };
  }
  const type = schema.entityTypes.get(uid.type) ?? refuse(`the schema has no entity type ${uid.type}`);
  declaredUid(uid, schema, 'an entity');
  return {
    uid,
    attributes: readTypedRecord(attrs, type.shape, schema, uid.key),
    tags: new Map(Object.entries(tags).map(([name, value]) => [name, readTag(uid, name, value, type, schema)])),
    parents: parents.map((parent) => allowedParent(uid, declaredUid(parent, schema, 'a parent'), type)),
  };
}

function readTag(uid: EntityUid, name: string, value: Json, type: EntityType, schema: Schema): Value {
  if (!type.tags) refuse(`${uid.key} has the tag \`${name}\`, but its type has no tags`);
  return readTyped(value, type.tags, schema, `tag ${name} of ${uid.key}`);
}

function allowedParent(uid: EntityUid, parent: EntityUid, type: EntityType): EntityUid {
  return type.parents.has(parent.type) ? parent : refuse(`${uid.key} cannot have ${parent.key} as a parent`);
}

function actionEntity({ uid, parents }: ActionType): EntityWithParents {
  return { uid, attributes: new Map(), tags: new Map(), parents };
}

/** The same entity twice is fine; two stories about one entity are not. */
function refuseContradictions(listed: readonly EntityWithParents[]): readonly EntityWithParents[] {
  const byKey = new Map<string, EntityWithParents>();
  for (const entity of listed) {
    const known = byKey.get(entity.uid.key);
    if (known && !sameEntity(known, entity)) refuse(`the entity ${entity.uid.key} is given twice, and differs`);
    byKey.set(entity.uid.key, entity);
  }
  return [...byKey.values()];
}

function sameEntity(left: EntityWithParents, right: EntityWithParents): boolean {
  const [leftParents, rightParents] = [left, right].map(({ parents }) => new Set(parents.map(({ key }) => key)));
  return (
    equal(left.attributes, right.attributes) &&
    equal(left.tags, right.tags) &&
    leftParents!.symmetricDifference(rightParents!).size === 0
  );
}

/** The schema says what an action is; an entity list may only repeat it, with parents closed or not. */
function refuseRedefinedAction(
  uid: EntityUid,
  attributes: CedarRecord,
  tags: CedarRecord,
  parents: readonly EntityUid[],
  entities: Entities,
): void {
  const ancestors = new Set<string>();
  for (const { key } of parents) {
    ancestors.add(key);
    for (const ancestor of entities.get(key)?.ancestors ?? []) ancestors.add(ancestor);
  }
  const declared = entities.get(uid.key)!.ancestors;
  const same = attributes.size + tags.size === 0 && ancestors.symmetricDifference(declared).size === 0;
  if (!same) refuse(`the action ${uid.key} differs from the schema`);
}
