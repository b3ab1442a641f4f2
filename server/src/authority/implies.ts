import {
  type Bound,
  type Constraint,
  type ConstraintKind,
  compareDecimal,
  endsOf,
  exactKey,
  holds,
  isInOrder,
  isSameOrBelow,
  isUnder,
  isWithin,
  kindOf,
  looseKey,
  parseDnsName,
  parseNetwork,
  type Scalar,
  trunkOf,
} from '@ambit/protocol';

type Pair<C extends ConstraintKind, P extends ConstraintKind> = readonly [
  child: C,
  parent: P,
  when: string,
  implies: (child: Bound<C>, parent: Bound<P>) => boolean,
];

/**
 * The published table of narrowing: every pair of kinds for which one constraint can be known to lie within another.
 * A pair that is not here is "no". Finite sets (`equals`, `oneOf`) lie within any kind that holds for each member.
 * INVARIANT (narrowing): a row may say yes only where every value within the child is within the parent.
 */
export const pairs = [
  pair('range', 'range', 'both ends lie inside', (child, parent) => {
    const [[childMin, childMax], [parentMin, parentMax]] = [endsOf(child), endsOf(parent)];
    return !isInOrder(childMin, childMax) || (isInOrder(parentMin, childMin) && isInOrder(childMax, parentMax));
  }),
  pair('range', 'notOneOf', 'every excluded number lies outside', (child, excluded) =>
    excluded.every(isOutside(child)),
  ),
  pair('notOneOf', 'notOneOf', 'all that the parent excludes is excluded', (child, parent) => {
    const keys = new Set(child.map(looseKey));
    return parent.every((one) => keys.has(looseKey(one)));
  }),
  pair('prefix', 'prefix', 'it begins with the parent', (child, parent) => child.startsWith(parent)),
  pair('suffix', 'suffix', 'it ends with the parent', (child, parent) => child.endsWith(parent)),
  pair('under', 'under', 'it is the parent or lies below it', (child, parent) => isUnder(child, parent)),
  // Whatever lies under a path begins with that path without its last slash; the root's begins with a slash.
  pair('under', 'prefix', 'the path begins with the parent', (child, start) =>
    (trunkOf(child) || '/').startsWith(start),
  ),
  pair('cidr', 'cidr', 'the network lies inside', (child, parent) => {
    const [inner, outer] = [parseNetwork(child), parseNetwork(parent)];
    return inner !== undefined && outer !== undefined && isWithin(inner, outer);
  }),
  pair('domain', 'domain', 'it is the parent or a name below it', (child, parent) => {
    const [inner, outer] = [parseDnsName(child), parseDnsName(parent)];
    return inner !== undefined && outer !== undefined && isSameOrBelow(inner, outer);
  }),
  pair('subsetOf', 'subsetOf', 'every member is one of the parent', (child, parent) => {
    const keys = new Set(parent.map(exactKey));
    return child.every((one) => keys.has(exactKey(one)));
  }),
  pair('maxLength', 'maxLength', 'it is no longer', (child, parent) => child <= parent),
] as const;

/** Whether every value within `child` is within `parent`. Sound: where it cannot tell it says no. */
export function implies(child: Constraint, parent: Constraint): boolean {
  const [from, to] = [kindOf(child), kindOf(parent)];
  if (from === undefined || to === undefined) return false;
  if (to === 'any') return holds(parent, null);
  const members = membersOf(child);
  if (members !== undefined) return members.every((member) => holds(parent, member));
  const judge = table.get(`${from} ${to}`) ?? unknownPair;
  return judge((child as Record<string, unknown>)[from], (parent as Record<string, unknown>)[to]);
}

/** The values of a finite set; undefined for constraints that have no end of values. */
export function membersOf(constraint: Constraint): readonly Scalar[] | undefined {
  if ('equals' in constraint) return [constraint.equals];
  return 'oneOf' in constraint ? constraint.oneOf : undefined;
}

type Judge = (child: unknown, parent: unknown) => boolean;
const unknownPair: Judge = () => false;
const table: ReadonlyMap<string, Judge> = new Map(
  pairs.map(([child, parent, , judge]) => [`${child} ${parent}`, judge as unknown as Judge]),
);

function pair<C extends ConstraintKind, P extends ConstraintKind>(...row: Pair<C, P>): Pair<C, P> {
  return row;
}

// Rounded to doubles on both sides, as `looseKey` does: rounding keeps order, so what is outside afterwards was before.
function isOutside(range: Bound<'range'>): (excluded: Scalar) => boolean {
  const [min, max] = endsOf(range);
  if (compareDecimal(min, max) > 0) return () => true;
  return (excluded) => {
    const key = looseKey(excluded);
    const number = Number(key?.replace(/^number /, ''));
    return key !== undefined && (!key.startsWith('number ') || number < Number(min) || number > Number(max));
  };
}
