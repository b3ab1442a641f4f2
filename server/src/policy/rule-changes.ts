import type { RuleChanges } from '@ambit/protocol/wire';
import type { PolicySet } from './policy-set.ts';

type Texts = Pick<PolicySet, 'texts'>;

/** Pure. A rule that was only written down differently, by blanks around it, is the same. */
export function ruleChanges(before: Texts, after: Texts): RuleChanges {
  const [old, now] = [before.texts, after.texts];
  return {
    added: [...now.keys()].filter((id) => !old.has(id)),
    changed: [...now].flatMap(([id, text]) => (old.has(id) && old.get(id)?.trim() !== text.trim() ? [id] : [])),
    removed: [...old.keys()].filter((id) => !now.has(id)),
  };
}
