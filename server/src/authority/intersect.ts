import {
  type Bound,
  type Constraint,
  type ConstraintKind,
  compareDecimal,
  endsOf,
  exactKey,
  holds,
  kindOf,
  looseKey,
  membersMax,
  type Scalar,
} from '@ambit/protocol';
import { implies, membersOf } from './implies.ts';

/** The constraints that hold exactly where both do. What has no single constraint stays a conjunction. */
export function intersect(a: Constraint, b: Constraint): readonly Constraint[] | 'empty' {
  return reduce([a, b]);
}

/**
 * A shorter conjunction that holds for exactly the same values, or `empty` where it is known that none is left.
 * Finite sets and ranges become one; of nested prefixes, paths, networks and names only the innermost stays.
 */
export function reduce(all: readonly Constraint[]): readonly Constraint[] | 'empty' {
  const finite = all.find((one) => membersOf(one) !== undefined);
  if (finite !== undefined) return reduceFinite(membersOf(finite) ?? [], all);
  const left: Constraint[] = [];
  for (const constraint of all) {
    if (!add(left, constraint)) return 'empty';
  }
  return isTornApart(left) ? 'empty' : left;
}

function reduceFinite(members: readonly Scalar[], all: readonly Constraint[]): readonly Constraint[] | 'empty' {
  const left = members.filter((member) => all.every((one) => holds(one, member)));
  const distinct = [...new Map(left.map((member) => [exactKey(member), member])).values()];
  if (distinct.length === 0) return 'empty';
  return [distinct.length === 1 ? { equals: distinct[0]! } : { oneOf: distinct }];
}

// False where nothing is left of the two constraints of one kind.
function add(left: Constraint[], constraint: Constraint): boolean {
  const kind = kindOf(constraint);
  if (kind === 'any' && left.length > 0 && holds(constraint, null)) return true;
  const only = left[0];
  if (only !== undefined && kindOf(only) === 'any' && holds(only, null)) left.shift();
  const at = left.findIndex((one) => kindOf(one) === kind);
  const joined = at < 0 || kind === undefined ? undefined : join(kind, left[at]!, constraint);
  if (joined === 'empty') return false;
  if (joined === undefined) left.push(constraint);
  else left[at] = joined;
  return true;
}

/** One constraint for two of a kind, `empty`, or undefined where both have to stay. */
function join(kind: ConstraintKind, a: Constraint, b: Constraint): Constraint | 'empty' | undefined {
  if ('range' in a && 'range' in b) return joinRanges(a.range, b.range);
  if ('subsetOf' in a && 'subsetOf' in b)
    return { subsetOf: a.subsetOf.filter((one) => holds({ oneOf: b.subsetOf }, one)) };
  if ('notOneOf' in a && 'notOneOf' in b) {
    const both = [...new Map([...a.notOneOf, ...b.notOneOf].map((one) => [looseKey(one), one])).values()];
    return both.length > membersMax ? undefined : { notOneOf: both };
  }
  if (implies(a, b)) return a;
  if (implies(b, a)) return b;
  return disjointUnlessNested.has(kind) ? 'empty' : undefined;
}

// Two of these either lie one in the other or share no value.
const disjointUnlessNested: ReadonlySet<ConstraintKind> = new Set(['prefix', 'suffix', 'under', 'cidr', 'domain']);

function joinRanges(a: Bound<'range'>, b: Bound<'range'>): Constraint | 'empty' {
  const [[aMin, aMax], [bMin, bMax]] = [endsOf(a), endsOf(b)];
  const min = compareDecimal(aMin, bMin) >= 0 ? { from: a, end: aMin } : { from: b, end: bMin };
  const max = compareDecimal(aMax, bMax) <= 0 ? { from: a, end: aMax } : { from: b, end: bMax };
  if (compareDecimal(min.end, max.end) > 0) return 'empty';
  return {
    range: {
      ...(min.from.min !== undefined && { min: min.end }),
      ...(max.from.max !== undefined && { max: max.end }),
    },
  };
}

// Lists and scalars share nothing, nor do a path and a prefix that part ways.
function isTornApart(left: readonly Constraint[]): boolean {
  const subset = left.find((one) => 'subsetOf' in one);
  if (subset !== undefined) {
    return subset.subsetOf.length === 0 || left.some((one) => !('subsetOf' in one || 'maxLength' in one));
  }
  const under = left.find((one) => 'under' in one);
  const prefix = left.find((one) => 'prefix' in one);
  if (under === undefined || prefix === undefined) return false;
  return !implies(under, prefix) && !prefix.prefix.startsWith(under.under);
}
