import { refuseTree } from './compile-error.ts';
import { isIn } from './entities.ts';
import type { Frame } from './frame.ts';
import { asArray, asObject, asText, type JsonObject, own } from './json.ts';
import { readUid } from './load-uid.ts';
import type { EntityUid } from './value.ts';

export type Position = 'principal' | 'action' | 'resource';

/** What fills the slots of a template. */
export type Slots = { readonly principal?: EntityUid; readonly resource?: EntityUid };

/**
 * One line of a policy's head. `hooks` names what an entity must show to match (itself, an ancestor, its type), coarser
 * than `matches` but never narrower: the index leaves a policy out only where it cannot match.
 */
type Constraint = {
  readonly hooks: readonly string[];
  readonly matches: (entity: EntityUid, frame: Frame) => boolean;
};

export type Scope = {
  readonly hooks: Readonly<Record<Position, readonly string[]>>;
  readonly applies: (frame: Frame) => boolean;
};

export const anyHook = '*';
export const isHook = (type: string): string => `is ${type}`;
export const inHook = (key: string): string => `in ${key}`;

export function compileScope(tree: JsonObject, slots: Slots): Scope {
  const unused = new Set(Object.keys(slots));
  const [principal, action, resource] = (['principal', 'action', 'resource'] as const).map((position) =>
    compileConstraint(asObject(own(tree, position), position), position, slots, unused),
  ) as [Constraint, Constraint, Constraint];
  if (unused.size > 0) refuseTree(`a value for ?${[...unused][0]}, but no such slot`);
  return {
    hooks: { principal: principal.hooks, action: action.hooks, resource: resource.hooks },
    applies: (frame) =>
      action.matches(frame.action, frame) &&
      principal.matches(frame.principal, frame) &&
      resource.matches(frame.resource, frame),
  };
}

function compileConstraint(constraint: JsonObject, position: Position, slots: Slots, unused: Set<string>): Constraint {
  const entity = (holder: JsonObject): EntityUid => {
    if (!Object.hasOwn(holder, 'slot')) return readUid(own(holder, 'entity'), position);
    if (holder.slot !== `?${position}` || position === 'action')
      refuseTree(`slot ${String(holder.slot)} in ${position}`);
    unused.delete(position);
    return slots[position] ?? refuseTree(`no value for ?${position}`);
  };
  switch (constraint.op) {
    case 'All':
      return { hooks: [anyHook], matches: () => true };
    case '==':
      return isExactly(entity(constraint));
    case 'in':
      return Object.hasOwn(constraint, 'entities')
        ? isInAny(asArray(constraint.entities, 'entities').map((each) => readUid(each, position)))
        : isInAny([entity(constraint)]);
    case 'is': {
      const type = asText(constraint.entity_type, 'entity_type');
      const within = own(constraint, 'in');
      return isOfType(type, within === undefined ? undefined : isInAny([entity(asObject(within, 'in'))]));
    }
    default:
      return refuseTree(`scope operator ${String(constraint.op)}`);
  }
}

function isExactly(wanted: EntityUid): Constraint {
  return { hooks: [wanted.key], matches: ({ key }) => key === wanted.key };
}

/** An empty list matches nothing. */
function isInAny(groups: readonly EntityUid[]): Constraint {
  return {
    hooks: groups.map(({ key }) => inHook(key)),
    matches: (entity, { entities }) => groups.some((group) => isIn(entity, group, entities)),
  };
}

function isOfType(type: string, within: Constraint | undefined): Constraint {
  return {
    hooks: within?.hooks ?? [isHook(type)],
    matches: (entity, frame) => entity.type === type && (within?.matches(entity, frame) ?? true),
  };
}
