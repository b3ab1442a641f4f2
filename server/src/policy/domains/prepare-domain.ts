import { asObject, isObject, type Json, type JsonObject, LoadError, own, parseExactly } from '../cedar/json.ts';
import { loadEntities } from '../cedar/load.ts';
import { readSchema, type Schema } from '../cedar/load-schema.ts';
import { isActionType } from '../cedar/load-typed.ts';
import type { Official } from '../cedar/official.ts';
import { OfficialError } from '../cedar/official-error.ts';
import type { EntityUid } from '../cedar/value.ts';
import { PolicyTextError, preparePolicySet } from '../publish.ts';
import { type Domain, type DomainDraft, entitiesMax, type Told } from './domain.ts';

export type NamedDraft = DomainDraft & Pick<Domain, 'name' | 'number'>;

/**
 * Reads, checks and compiles a domain. Throws a PolicyTextError that says in which part something is wrong and what; an
 * OfficialError where the official build gave no answer.
 */
export async function prepareDomain(draft: NamedDraft, official: Official): Promise<Domain> {
  const resolved = await resolve(draft.schema, official);
  const schema = part('the schema', () => readSchema(resolved));
  const told = readTold(resolved);
  const actions = namedActions(schema);
  for (const uid of actions.values()) requireOwnContext(schema, uid);
  const directory = part('the directory', () => {
    const listed = parseExactly(draft.entities);
    if (Array.isArray(listed) && listed.length > entitiesMax)
      throw new LoadError(`it holds ${listed.length} entities; at most ${entitiesMax} are kept`);
    return loadEntities(listed, schema);
  });
  const set = await preparePolicySet({ text: draft.rules, schema: resolved }, official);
  const [asking] = [...set.asks.keys(), ...set.maxAges.keys()];
  if (asking !== undefined) {
    const says = 'nobody can be asked about what is decided here; leave @ask and @max_age out and forbid, or permit';
    throw new PolicyTextError([{ policy: asking, line: set.about.get(asking)?.line ?? null, says }]);
  }
  const byType = Map.groupBy(
    [...directory.values()].map(({ uid }) => uid).filter(({ type }) => !isActionType(type)),
    ({ type }) => type,
  );
  for (const uids of byType.values()) uids.sort((one, other) => (one.id < other.id ? -1 : 1));
  const { name, number } = draft;
  return { name, number, set, schema, told, directory, byType, actions };
}

async function resolve(schema: string, official: Official): Promise<JsonObject> {
  try {
    return asObject(await official.resolveSchema(schema), 'a schema');
  } catch (error) {
    if (!(error instanceof OfficialError) || error.fault !== 'failed') throw error;
    throw wrong('the schema', error.message);
  }
}

const wrong = (what: string, says: string) =>
  new PolicyTextError([{ policy: null, line: null, says: `${what}: ${says}` }]);

function part<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof LoadError ? wrong(what, error.message) : error;
  }
}

/** Points name an action by its id alone, so an id has to mean one action. */
function namedActions(schema: Schema): ReadonlyMap<string, EntityUid> {
  const named = new Map<string, EntityUid>();
  for (const { uid, principals, resources } of schema.actions.values()) {
    if (principals.size === 0 || resources.size === 0) continue;
    const twin = named.get(uid.id);
    if (twin !== undefined) throw wrong('the schema', `${twin.key} and ${uid.key} have the same name; rename one`);
    named.set(uid.id, uid);
  }
  return named;
}

/** Two members of the context are not the point's to fill: the clock, and what it said of the action. */
function requireOwnContext({ actions }: Schema, { key }: EntityUid): void {
  const { attributes } = actions.get(key)!.context;
  const [now, action] = [attributes.get('now'), attributes.get('action')];
  if (now !== undefined && now.type.kind !== 'datetime')
    throw wrong('the schema', `context.now of ${key} is the time of Ambit’s clock: make it a datetime, or rename it`);
  if (action !== undefined && action.type.kind !== 'record')
    throw wrong(
      'the schema',
      `context.action of ${key} holds the properties of the action: make it a record, or rename it`,
    );
}

function readTold(resolved: JsonObject): Told {
  const types = new Set<string>();
  const attributes = new Map<string, ReadonlySet<string>>();
  let marks = 0;
  for (const [space, parts] of Object.entries(resolved)) {
    for (const [name, type] of Object.entries(asObject(own(asObject(parts, space), 'entityTypes') ?? {}, space))) {
      const full = space === '' ? name : `${space}::${name}`;
      if (isTold(type)) types.add(full);
      const names = Object.entries(attributesOf(type)).flatMap(([attribute, one]) => (isTold(one) ? [attribute] : []));
      attributes.set(full, new Set(names));
      marks += names.length + (isTold(type) ? 1 : 0);
    }
  }
  // A mark where it is not looked for would seem to open something that stays closed.
  if (marks !== marksIn(resolved))
    throw wrong(
      'the schema',
      '@told belongs on an entity type or on an attribute of one, written where it is declared',
    );
  return { types, attributes };
}

const isTold = (json: Json | undefined): boolean => {
  const annotations = isObject(json) ? own(json, 'annotations') : undefined;
  return isObject(annotations) && Object.hasOwn(annotations, 'told');
};

function attributesOf(type: Json): JsonObject {
  const shape = isObject(type) ? own(type, 'shape') : undefined;
  const attributes = isObject(shape) ? own(shape, 'attributes') : undefined;
  return isObject(attributes) ? attributes : {};
}

function marksIn(json: Json): number {
  if (Array.isArray(json)) return json.reduce<number>((sum, one) => sum + marksIn(one), 0);
  if (!isObject(json)) return 0;
  return Object.values(json).reduce<number>((sum, one) => sum + marksIn(one), isTold(json) ? 1 : 0);
}
