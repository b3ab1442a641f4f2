import { anyHook, inHook, isHook, type Position, type Scope } from './compile-scope.ts';
import { noKeys } from './entities.ts';
import type { Frame } from './frame.ts';
import type { EntityUid } from './value.ts';

/**
 * Policies by what their head asks of the action, then the principal, then the resource. A request looks only under the
 * hooks that its own entities show, so its cost follows the policies that could match, not all that were published.
 */
export type ScopeIndex = {
  readonly places: Level;
  /** Whether any policy asks for one resource, or for what is in one. */
  readonly namesResources: boolean;
};

type Level = Map<string, Level | number[]>;

const order: readonly Position[] = ['action', 'principal', 'resource'];

export function indexByScope(scopes: readonly Scope[]): ScopeIndex {
  const places: Level = new Map();
  scopes.forEach((scope, place) => {
    insert(places, scope, place, 0);
  });
  const namesResources = scopes.some(({ hooks }) => hooks.resource.some((hook) => hook !== anyHook));
  return { places, namesResources };
}

function insert(level: Level, scope: Scope, place: number, depth: number): void {
  for (const hook of new Set(scope.hooks[order[depth]!])) {
    if (depth === order.length - 1) leaf(level, hook).push(place);
    else insert(branch(level, hook), scope, place, depth + 1);
  }
}

function leaf(level: Level, hook: string): number[] {
  const found = level.get(hook) as number[] | undefined;
  if (found) return found;
  const made: number[] = [];
  level.set(hook, made);
  return made;
}

function branch(level: Level, hook: string): Level {
  const found = level.get(hook) as Level | undefined;
  if (found) return found;
  const made: Level = new Map();
  level.set(hook, made);
  return made;
}

/** Places of the policies that may match, ascending, each once. */
export function candidates(index: ScopeIndex, frame: Frame): readonly number[] {
  return placesUnder(
    index,
    order.map((position) => hooksShownBy(frame[position], frame)),
  );
}

/** The same where no policy asks for a resource: whichever it is, these are the ones. */
export function candidatesWithoutOwn(index: ScopeIndex, frame: Frame): readonly number[] {
  return placesUnder(
    index,
    order.map((position) => (position === 'resource' ? [anyHook] : hooksShownBy(frame[position], frame))),
  );
}

function placesUnder(index: ScopeIndex, shown: readonly (readonly string[])[]): readonly number[] {
  const found = new Set<number>();
  collect(index.places, shown, 0, found);
  return [...found].sort((left, right) => left - right);
}

function hooksShownBy(entity: EntityUid, { entities }: Frame): readonly string[] {
  const hooks = [anyHook, entity.key, isHook(entity.type), inHook(entity.key)];
  for (const ancestor of entities.get(entity.key)?.ancestors ?? noKeys) hooks.push(inHook(ancestor));
  return hooks;
}

function collect(level: Level, shown: readonly (readonly string[])[], depth: number, found: Set<number>): void {
  for (const hook of shown[depth]!) {
    const below = level.get(hook);
    if (below === undefined) continue;
    if (Array.isArray(below)) for (const place of below) found.add(place);
    else collect(below, shown, depth + 1, found);
  }
}
