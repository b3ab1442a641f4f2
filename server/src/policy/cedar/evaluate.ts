import type { Compiled, CompiledPolicy } from './compile.ts';
import type { Entities } from './entities.ts';
import type { Frame, Request } from './frame.ts';
import { type Branch, type Found, walk, walkBranch } from './rule-tree.ts';
import { planFor, type Standing } from './standing.ts';

/** What each policy had to say, in the order in which the policies were written. */
export type Matches = {
  readonly permits: readonly CompiledPolicy[];
  readonly forbids: readonly CompiledPolicy[];
  readonly erring: ReadonlyArray<{ readonly policy: CompiledPolicy; readonly message: string }>;
  /** Whether requests of one kind have this object in common. */
  readonly isShared: boolean;
};

/** Cedar's answer: ids of the policies that determined the decision, and of those that could not be evaluated. */
export type Evaluation = {
  readonly decision: 'allow' | 'deny';
  readonly reasons: readonly string[];
  readonly errors: readonly string[];
};

/** Pure: the same policies, request and entities always give the same answer. */
export function evaluate(compiled: Compiled, request: Request, entities: Entities): Evaluation {
  const { permits, forbids, erring } = match(compiled, { ...request, entities });
  const allowed = forbids.length === 0 && permits.length > 0;
  return {
    decision: allowed ? 'allow' : 'deny',
    reasons: (allowed ? permits : forbids).map(({ id }) => id),
    errors: erring.map(({ policy }) => policy.id),
  };
}

/** With `standing`, what is the same for every request of that kind is found out once; the answer is the same. */
export function match(compiled: Compiled, frame: Frame, standing?: Standing): Matches {
  if (standing !== undefined) return matchStanding(compiled, frame, standing);
  const found: Found = { holding: [], erring: [] };
  walk(compiled.tree, frame, found);
  return inOrder(compiled, found, false);
}

/** `matches` is the answer where nothing of what is open holds or errs. */
type Kept = { readonly settled: Found; readonly open: readonly Branch[]; readonly matches: Matches };

const kept = new WeakMap<Compiled, WeakMap<Standing, Kept>>();

function matchStanding(compiled: Compiled, frame: Frame, standing: Standing): Matches {
  const { settled, open, matches } = keptOf(compiled, frame, standing);
  const found: Found = { holding: [], erring: [] };
  for (const branch of open) walkBranch(branch, frame, found);
  if (found.holding.length === 0 && found.erring.length === 0) return matches;
  const all: Found = {
    holding: [...settled.holding, ...found.holding],
    erring: [...settled.erring, ...found.erring],
  };
  return inOrder(compiled, all, false);
}

function keptOf(compiled: Compiled, frame: Frame, standing: Standing): Kept {
  let kinds = kept.get(compiled);
  if (kinds === undefined) {
    kinds = new WeakMap();
    kept.set(compiled, kinds);
  }
  const known = kinds.get(standing);
  if (known !== undefined) return known;
  const plan = planFor(compiled.tree, frame, standing);
  const made = { ...plan, matches: inOrder(compiled, plan.settled, true) };
  kinds.set(standing, made);
  return made;
}

function inOrder({ policies }: Compiled, { holding, erring }: Found, isShared: boolean): Matches {
  const held = holding.toSorted((left, right) => left - right).map((place) => policies[place]!);
  return {
    permits: held.filter(({ effect }) => effect === 'permit'),
    forbids: held.filter(({ effect }) => effect === 'forbid'),
    erring: erring
      .toSorted((left, right) => left.place - right.place)
      .map(({ place, message }) => ({ policy: policies[place]!, message })),
    isShared,
  };
}
