import type { Compiled, CompiledPolicy } from './compile.ts';
import type { Frame } from './frame.ts';
import { isObject } from './json.ts';
import { candidates, candidatesWithoutOwn } from './scope-index.ts';

/**
 * What requests of one kind have in common: the same principal and action, entities that differ in the resource alone,
 * and that of one type and with one set of ancestors. It is told by the identity of an object that its maker keeps.
 */
export type Standing = object;

/** What is found out once about a kind of request, and kept as long as its object. */
export type Plan = {
  /** Policies that may match, in the order in which they were written. */
  readonly places: readonly number[];
  /** Whether the conditions of a policy hold, where that is the same for every request of the kind. */
  readonly holding: Map<number, boolean>;
};

const plans = new WeakMap<Compiled, WeakMap<Standing, Plan>>();

export function planOf(compiled: Compiled, standing: Standing, frame: Frame): Plan {
  let kept = plans.get(compiled);
  if (kept === undefined) {
    kept = new WeakMap();
    plans.set(compiled, kept);
  }
  let plan = kept.get(standing);
  if (plan === undefined) {
    plan = { places: candidatesWithoutOwn(compiled.index, frame), holding: new Map() };
    kept.set(standing, plan);
  }
  return compiled.index.namesResources ? { ...plan, places: candidates(compiled.index, frame) } : plan;
}

/** INVARIANT (standing): only a verdict is kept; what errs is evaluated again, so that it is told each time. */
export function holdsBy(plan: Plan, place: number, policy: CompiledPolicy, frame: Frame): boolean {
  if (!policy.isStanding) return policy.holds(frame);
  const known = plan.holding.get(place);
  if (known !== undefined) return known;
  const holds = policy.holds(frame);
  plan.holding.set(place, holds);
  return holds;
}

/**
 * Whether conditions, as syntax trees, speak of nothing but the principal, the action and plain values. Coarser than it
 * could be: whatever names an entity, or might, counts as speaking of the resource.
 */
export function isStanding(conditions: unknown): boolean {
  // A stack of its own: a long chain of `&&` is a deep tree.
  const open = [conditions];
  while (open.length > 0) {
    const tree = open.pop();
    if (Array.isArray(tree)) open.push(...tree);
    else if (isObject(tree)) {
      for (const [name, value] of Object.entries(tree)) {
        if (speaksOfMore.has(name)) return false;
        if (name === 'Var' && value !== 'principal' && value !== 'action') return false;
        open.push(value);
      }
    }
  }
  return true;
}

const speaksOfMore: ReadonlySet<string> = new Set(['Slot', '__entity', 'entity', 'is', 'in']);
