import type { Frame } from './frame.ts';
import type { Reads } from './reads.ts';
import { type Branch, type Found, followed, type RuleTree } from './rule-tree.ts';

/**
 * What requests of one kind have in common: the same principal and action, the same values (or absence) of the context
 * attributes that are named here, and entities that differ in the resource alone, which is among them and differs in
 * nothing but its name. No attribute of another entity refers to a resource. The kind is told by the identity of this
 * object, which its maker keeps.
 */
export type Standing = { readonly context: ReadonlySet<string> };

/** What is found out once about a kind of request, and what each request must still be asked. */
export type Plan = { readonly settled: Found; readonly open: readonly Branch[] };

/** Follows what is the same for every request of the kind, as far as that goes. */
export function planFor(tree: RuleTree, frame: Frame, standing: Standing): Plan {
  const settled: Found = { holding: [], erring: [] };
  const open: Branch[] = [];
  const trees = [tree];
  for (let next = trees.pop(); next !== undefined; next = trees.pop()) {
    settled.holding.push(...next.holding);
    for (const branch of next.branches) {
      if (isStanding(branch.reads, standing)) trees.push(...followed(branch, frame, settled));
      else open.push(branch);
    }
  }
  return { settled, open };
}

const isStanding = ({ context, other }: Reads, standing: Standing): boolean =>
  !other && context.isSubsetOf(standing.context);
