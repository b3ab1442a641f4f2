import { type Entities, type Entity, noKeys } from '../cedar/entities.ts';
import { EvaluationError } from '../cedar/evaluation-error.ts';
import { type Json, type JsonObject, LoadError, refuse } from '../cedar/json.ts';
import { loadRequest } from '../cedar/load.ts';
import type { RecordType } from '../cedar/load-schema.ts';
import { readTyped } from '../cedar/load-typed.ts';
import { readUid } from '../cedar/load-uid.ts';
import type { EntityUid } from '../cedar/value.ts';
import type { CedarQuestion, Unreadable } from '../question.ts';
import type { Domain } from './domain.ts';

/** Somebody or something as a point names it, with what it tells about it. */
export type NamedThing = { readonly type: string; readonly id: string; readonly properties?: Properties };
export type Properties = Readonly<Record<string, unknown>>;

export type DomainQuestion = {
  readonly subject: NamedThing;
  readonly action: { readonly name: string; readonly properties?: Properties };
  readonly resource: NamedThing;
  readonly context: Properties;
  /** The plane's clock, epoch milliseconds; never the point's. */
  readonly now: number;
};

/**
 * A point's question in Cedar's terms. Pure. `principal` and `resource` are entities of the directory, or of a type that
 * a point may tell of; `context` is what the point sent, as far as the schema knows it, with `context.action` for the
 * properties of the action and `context.now` from the plane's clock. What cannot be read is asked of no rule.
 */
export function domainQuestion(domain: Domain, question: DomainQuestion): CedarQuestion | Unreadable {
  try {
    const action =
      domain.actions.get(question.action.name) ?? refuse(`the domain has no action ${question.action.name}`);
    const subject = castOf(domain, question.subject);
    const resource = castOf(domain, question.resource);
    const context = contextOf(domain, action, question);
    const named = { principal: subject.uid, action, resource: resource.uid, context };
    const request = loadRequest(named as unknown as Json, domain.schema);
    const entities = withThose(domain.directory, [subject, resource]);
    return { kind: 'question', ...request, request, entities, standing: undefined };
  } catch (error) {
    if (!(error instanceof LoadError || error instanceof EvaluationError)) throw error;
    return { kind: 'unreadable', because: [`${error.message}.`] };
  }
}

/** THREATS: forged-facts. The directory first; what a point tells counts where the schema lets it tell. */
function castOf({ directory, schema, told }: Domain, { type, id, properties = {} }: NamedThing): Entity {
  const uid = readUid({ type, id }, type);
  const declared = schema.entityTypes.get(type) ?? refuse(`the domain has no type ${type}`);
  const known = directory.get(uid.key);
  if (known === undefined && !told.types.has(type)) refuse(`the directory has no ${type} ${id}`);
  const attributes = new Map(known?.attributes);
  for (const name of told.attributes.get(type) ?? []) {
    if (attributes.has(name) || !Object.hasOwn(properties, name)) continue;
    attributes.set(name, readTyped(properties[name] as Json, declared.shape.attributes.get(name)!.type, schema, name));
  }
  if (known !== undefined) return attributes.size === known.attributes.size ? known : { ...known, attributes };
  for (const [name, { required }] of declared.shape.attributes) {
    if (required && !attributes.has(name)) refuse(`${uid.key} lacks \`${name}\``);
  }
  return { uid, attributes, tags: new Map(), ancestors: noKeys };
}

/** The directory with those before it. It is not copied: it may be long, and a search asks about all of it. */
function withThose(directory: Entities, cast: readonly Entity[]): Entities {
  const told = new Map(cast.filter((one) => directory.get(one.uid.key) !== one).map((one) => [one.uid.key, one]));
  if (told.size === 0) return directory;
  return {
    get: (key) => told.get(key) ?? directory.get(key),
    has: (key) => told.has(key) || directory.has(key),
    values: () => [...told.values(), ...[...directory.values()].filter(({ uid }) => !told.has(uid.key))].values(),
  };
}

/** Of what a point sends, what the schema declares: the standard lets fields be ignored that nobody knows. */
function contextOf({ schema }: Domain, uid: EntityUid, { context, action, now }: DomainQuestion): JsonObject {
  const declared = schema.actions.get(uid.key)!.context;
  const doing = declared.attributes.get('action')?.type;
  const properties = doing?.kind === 'record' ? declaredOf(doing, action.properties ?? {}) : {};
  return declaredOf(declared, { ...context, action: properties, now: new Date(now).toISOString() });
}

function declaredOf({ attributes }: RecordType, given: Properties): JsonObject {
  const found = [...attributes.keys()].filter((name) => Object.hasOwn(given, name));
  return Object.fromEntries(found.map((name) => [name, given[name] as Json]));
}
