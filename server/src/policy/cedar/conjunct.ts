import type { Code } from './frame.ts';
import type { Json } from './json.ts';
import type { Reads } from './reads.ts';

/** What a text, a number, a truth value, the key of an entity or the name of its type is looked up by. */
export type Key = string | number | bigint | boolean;

/**
 * One of the things that must all be so for a policy to hold, each of its head and of its conditions: that `subject`,
 * once evaluated, has one of the `keys`. It holds, does not, or errs, exactly as what it was written as.
 */
export type Conjunct = {
  /**
   * How keys are read off the subject: its truth value (which it errs without), a scalar it equals, an entity it equals,
   * the type of the entity it is, or an entity it is in (it errs where it is none).
   */
  readonly by: 'truth' | 'scalar' | 'entity' | 'type' | 'group';
  readonly subject: Code;
  /** A text that subjects share only if they always have the same value. */
  readonly about: string;
  readonly keys: readonly Key[];
  readonly reads: Reads;
};

/** A text that two syntax trees share only if they are the same: each list and object announces how much is in it. */
export function textOf(tree: Json): string {
  const parts: string[] = [];
  // A stack of its own: a long chain of `||` is a deep tree.
  const open: Json[] = [tree];
  while (open.length > 0) {
    const node = open.pop()!;
    if (typeof node === 'string') parts.push(JSON.stringify(node));
    else if (typeof node !== 'object' || node === null) parts.push(String(node));
    else {
      const members = Array.isArray(node) ? node : Object.entries(node).flat();
      parts.push(`${Array.isArray(node) ? 'list' : 'object'} ${members.length}`);
      for (const member of members.toReversed()) open.push(member);
    }
  }
  return parts.join();
}
