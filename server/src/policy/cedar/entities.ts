import { refuse } from './json.ts';
import type { CedarRecord, EntityUid } from './value.ts';

export type Entity = {
  readonly uid: EntityUid;
  readonly attributes: CedarRecord;
  /** A namespace of its own: `hasTag` never sees an attribute, `has` never a tag. */
  readonly tags: CedarRecord;
  /** Keys of every entity above this one, closed over parents of parents; without itself. */
  readonly ancestors: ReadonlySet<string>;
};

/** By `EntityUid.key`. An entity that is not here exists as a name: it equals itself, is in itself, has nothing. */
export type Entities = Pick<ReadonlyMap<string, Entity>, 'get' | 'has' | 'values'>;

export const noKeys: ReadonlySet<string> = new Set();

/** `in`: reflexive, also for an entity that is not in the store. */
export function isIn(entity: EntityUid, ancestor: EntityUid, entities: Entities): boolean {
  return entity.key === ancestor.key || (entities.get(entity.key)?.ancestors.has(ancestor.key) ?? false);
}

export type EntityWithParents = Omit<Entity, 'ancestors'> & { readonly parents: readonly EntityUid[] };

/** Closes the hierarchy, in whatever order the entities come. Parents may be absent; a cycle is refused. */
export function closeHierarchy(listed: readonly EntityWithParents[]): ReadonlyMap<string, Entity> {
  const byKey = new Map(listed.map((entity) => [entity.uid.key, entity]));
  const closed = new Map<string, ReadonlySet<string>>();
  for (const { uid } of listed) ancestorsOf(uid.key, byKey, closed);
  return new Map(
    listed.map(({ uid, attributes, tags }) => [uid.key, { uid, attributes, tags, ancestors: closed.get(uid.key)! }]),
  );
}

/** Depth first with a stack of its own: a long chain of parents must not exhaust the call stack. */
function ancestorsOf(
  start: string,
  byKey: ReadonlyMap<string, EntityWithParents>,
  closed: Map<string, ReadonlySet<string>>,
): void {
  // Whatever was begun and is not closed is on the way down to here.
  const open = new Set<string>();
  const stack = [start];
  while (stack.length > 0) {
    const key = stack.at(-1)!;
    const parents = byKey.get(key)?.parents ?? [];
    const unvisited = closed.has(key) ? undefined : parents.find((parent) => !closed.has(parent.key));
    if (unvisited) {
      open.add(key);
      if (open.has(unvisited.key)) refuse(`the entity ${key} is its own ancestor`);
      stack.push(unvisited.key);
      continue;
    }
    if (!closed.has(key)) closed.set(key, union(parents, closed));
    stack.pop();
  }
}

function union(parents: readonly EntityUid[], closed: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const all = new Set<string>();
  for (const { key } of parents) {
    all.add(key);
    for (const ancestor of closed.get(key) ?? noKeys) all.add(ancestor);
  }
  return all;
}
