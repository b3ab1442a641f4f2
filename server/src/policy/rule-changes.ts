import type { PolicySet } from './policy-set.ts';

type Texts = Pick<PolicySet, 'texts'>;

/** What a text would make of the rules in force, by `@id`. */
export type RuleChanges = {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  /** They would bind nobody any more: the plane adds none by itself, not even those that it began with. */
  readonly removed: readonly string[];
};

/** Pure. A rule that was only written down differently, by blanks around it, is the same. */
export function ruleChanges(before: Texts, after: Texts): RuleChanges {
  const [old, now] = [before.texts, after.texts];
  return {
    added: [...now.keys()].filter((id) => !old.has(id)),
    changed: [...now].flatMap(([id, text]) => (old.has(id) && old.get(id)?.trim() !== text.trim() ? [id] : [])),
    removed: [...old.keys()].filter((id) => !now.has(id)),
  };
}
