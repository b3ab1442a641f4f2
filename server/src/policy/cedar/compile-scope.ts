import { refuseTree } from './compile-error.ts';
import { type Conjunct, textOf } from './conjunct.ts';
import type { Code } from './frame.ts';
import { asArray, asObject, asText, type JsonObject, own } from './json.ts';
import { readUid } from './load-uid.ts';
import type { Reads } from './reads.ts';
import type { EntityUid } from './value.ts';

type Position = 'principal' | 'action' | 'resource';

/** What fills the slots of a template. */
export type Slots = { readonly principal?: EntityUid; readonly resource?: EntityUid };

const subjects: Readonly<Record<Position, Code>> = {
  principal: (frame) => frame.principal,
  action: (frame) => frame.action,
  resource: (frame) => frame.resource,
};

/** The head of a policy; it never errs. The action comes first: it tells most policies apart. */
export function compileScope(tree: JsonObject, slots: Slots): readonly Conjunct[] {
  const unused = new Set(Object.keys(slots));
  const [principal, action, resource] = (['principal', 'action', 'resource'] as const).map((position) =>
    compileConstraint(asObject(own(tree, position), position), position, slots, unused),
  ) as [Conjunct[], Conjunct[], Conjunct[]];
  if (unused.size > 0) refuseTree(`a value for ?${[...unused][0]}, but no such slot`);
  return [...action, ...principal, ...resource];
}

function compileConstraint(
  constraint: JsonObject,
  position: Position,
  slots: Slots,
  unused: Set<string>,
): readonly Conjunct[] {
  const entity = (holder: JsonObject): EntityUid => {
    if (!Object.hasOwn(holder, 'slot')) return readUid(own(holder, 'entity'), position);
    if (holder.slot !== `?${position}` || position === 'action')
      refuseTree(`slot ${String(holder.slot)} in ${position}`);
    unused.delete(position);
    return slots[position] ?? refuseTree(`no value for ?${position}`);
  };
  switch (constraint.op) {
    case 'All':
      return [];
    case '==':
      return [isExactly(position, entity(constraint))];
    case 'in':
      return Object.hasOwn(constraint, 'entities')
        ? [
            isInAny(
              position,
              asArray(constraint.entities, 'entities').map((each) => readUid(each, position)),
            ),
          ]
        : [isInAny(position, [entity(constraint)])];
    case 'is': {
      const type = isOfType(position, asText(constraint.entity_type, 'entity_type'));
      const within = own(constraint, 'in');
      return within === undefined ? [type] : [type, isInAny(position, [entity(asObject(within, 'in'))])];
    }
    default:
      return refuseTree(`scope operator ${String(constraint.op)}`);
  }
}

const nothing: Reads = { context: new Set(), other: false };
const itself = (position: Position): Reads => ({ ...nothing, other: position === 'resource' });
const subjectAt = (position: Position) => ({ subject: subjects[position], about: textOf({ Var: position }) });

function isExactly(position: Position, { key }: EntityUid): Conjunct {
  return { by: 'entity', ...subjectAt(position), keys: [key], reads: itself(position) };
}

/** An empty list matches nothing. */
function isInAny(position: Position, groups: readonly EntityUid[]): Conjunct {
  return { by: 'group', ...subjectAt(position), keys: groups.map(({ key }) => key), reads: itself(position) };
}

function isOfType(position: Position, type: string): Conjunct {
  return { by: 'type', ...subjectAt(position), keys: [type], reads: nothing };
}
