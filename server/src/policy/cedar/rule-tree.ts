import { truth } from './compile-expression.ts';
import type { Conjunct, Key } from './conjunct.ts';
import { EvaluationError } from './evaluation-error.ts';
import type { Frame } from './frame.ts';
import type { Reads } from './reads.ts';
import { type EntityUid, expect } from './value.ts';

/**
 * Policies by what must all be so for them to hold, in the order in which each looks at it. What many of them look at in
 * the same place is evaluated once: a request follows the answers that it gives itself, and never meets the policies
 * behind the others. So its cost follows what there is to ask, not how many policies ask it.
 *
 * INVARIANT (exact): a policy holds, does not, or errs as if it were evaluated alone. Before what it looks at first, it
 * cannot have erred; where that errs, each policy behind it does, in the same words.
 */
export type RuleTree = {
  /** Places of the policies for which nothing more must be so. */
  readonly holding: readonly number[];
  readonly branches: readonly Branch[];
};

/** Something to look at, and the policies that look at it next. */
export type Branch = {
  /** Where the policies go on for which it is so; throws an EvaluationError where Cedar errs. */
  readonly follow: (frame: Frame) => readonly RuleTree[];
  readonly reads: Reads;
  /** All policies behind it. */
  readonly places: readonly number[];
};

/** What was found out about policies, by their place, in no order. */
export type Found = {
  readonly holding: number[];
  readonly erring: { readonly place: number; readonly message: string }[];
};

/** Each policy's conjuncts, by its place. */
export function growTree(policies: readonly (readonly Conjunct[])[]): RuleTree {
  return grow(
    policies.map((conjuncts, place) => ({ place, conjuncts })),
    0,
  );
}

/** What a policy still has to look at. */
type Rest = { readonly place: number; readonly conjuncts: readonly Conjunct[] };

/** The tree is walked by recursion, so it is not as deep as the longest chain of `&&`. */
const depthMax = 24;

function grow(rests: readonly Rest[], depth: number): RuleTree {
  const open = rests.filter(({ conjuncts }) => conjuncts.length > 0);
  const firsts = depth < depthMax ? open : open.map(inOne);
  const groups = Map.groupBy(firsts, ({ conjuncts: [first] }) => `${first!.by} ${first!.about}`);
  return {
    holding: rests.filter(({ conjuncts }) => conjuncts.length === 0).map(({ place }) => place),
    branches: [...groups.values()].map((group) => branchOf(group, depth)),
  };
}

/** Everything that is left as one conjunct, which is shared with no other policy. */
function inOne({ place, conjuncts }: Rest): Rest {
  const follows = conjuncts.map((one) => followerOf(one, new Map(one.keys.map((key) => [key, [nothingMore]]))));
  const all: Conjunct = {
    by: 'truth',
    subject: (frame) => follows.every((follow) => follow(frame).length > 0),
    about: `the rest of ${place}`,
    keys: [true],
    reads: {
      context: new Set(conjuncts.flatMap(({ reads }) => [...reads.context])),
      other: conjuncts.some(({ reads }) => reads.other),
    },
  };
  return { place, conjuncts: [all] };
}

const nothingMore: RuleTree = { holding: [], branches: [] };

function branchOf(group: readonly Rest[], depth: number): Branch {
  const trees = new Map<Key, RuleTree[]>();
  const ofSameKeys = Map.groupBy(group, ({ conjuncts: [first] }) => nameOf(first!.keys));
  for (const same of ofSameKeys.values()) {
    const rests = same.map(({ place, conjuncts }) => ({ place, conjuncts: conjuncts.slice(1) }));
    const tree = grow(rests, depth + 1);
    for (const key of new Set(same[0]!.conjuncts[0]!.keys)) trees.set(key, [...(trees.get(key) ?? []), tree]);
  }
  const first = group[0]!.conjuncts[0]!;
  return { follow: followerOf(first, trees), reads: first.reads, places: group.map(({ place }) => place) };
}

const nameOf = (keys: readonly Key[]) => JSON.stringify(keys.map((key) => [typeof key, String(key)]));

const none: readonly RuleTree[] = [];

function followerOf({ by, subject }: Pick<Conjunct, 'by' | 'subject'>, trees: ReadonlyMap<Key, readonly RuleTree[]>) {
  const at = (key: Key) => trees.get(key) ?? none;
  switch (by) {
    case 'truth':
      return (frame: Frame) => at(truth(subject, frame));
    case 'scalar':
      // A value of another kind is no key, and equals none.
      return (frame: Frame) => at(subject(frame) as Key);
    case 'entity':
      return (frame: Frame) => {
        const value = subject(frame);
        return typeof value === 'object' && 'key' in value ? at(value.key) : none;
      };
    case 'type':
      return (frame: Frame) => at(expect(subject(frame), 'entity').type);
    case 'group':
      return (frame: Frame) => inGroups(expect(subject(frame), 'entity'), frame, trees);
  }
}

/** An entity is in itself and in whatever is above it. */
function inGroups(entity: EntityUid, { entities }: Frame, trees: ReadonlyMap<Key, readonly RuleTree[]>) {
  const found = trees.get(entity.key);
  const ancestors = entities.get(entity.key)?.ancestors;
  if (ancestors === undefined || ancestors.size === 0) return found ?? none;
  // Policies that name several groups stand under each of them.
  const all = new Set(found);
  for (const key of ancestors) for (const tree of trees.get(key) ?? none) all.add(tree);
  return [...all];
}

/** Looks up every policy of the tree for a request. */
export function walk(tree: RuleTree, frame: Frame, found: Found): void {
  for (const place of tree.holding) found.holding.push(place);
  for (const branch of tree.branches) walkBranch(branch, frame, found);
}

export function walkBranch(branch: Branch, frame: Frame, found: Found): void {
  for (const tree of followed(branch, frame, found)) walk(tree, frame, found);
}

/** Where the policies of a branch go on. Those that err are written down, and go on nowhere. */
export function followed(branch: Branch, frame: Frame, found: Found): readonly RuleTree[] {
  try {
    return branch.follow(frame);
  } catch (error) {
    // INVARIANT (own errors only): any other exception must fail the request. Taken for a Cedar error, a stack overflow
    // inside a forbid would skip the forbid.
    if (!(error instanceof EvaluationError)) throw error;
    for (const place of branch.places) found.erring.push({ place, message: error.message });
    return none;
  }
}
