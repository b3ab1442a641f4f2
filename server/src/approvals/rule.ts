import { personKeyKinds } from '@ambit/protocol';
import type { ApprovalRule as RuleTold } from '@ambit/protocol/wire';
import { type Lowering, refuse } from '../foundation/index.ts';

/** Who may answer questions about an action, how many, by when. The most particular rule counts: action, api, all. */
export type ApprovalRule = Required<RuleTold>;

/** Without a rule of the tenant's own: one approver, who is not the person who asked, with a key of any kind. */
export const ruleByDefault = (ttlSeconds: number): ApprovalRule => ({
  action: '*',
  role: 'approver',
  answersNeeded: 1,
  notRequester: true,
  notOwner: false,
  ttlSeconds,
  keys: null,
});

/** The names of the rules that could say who answers about an action, the most particular first. */
export const rulesOver = (action: string): readonly string[] => [
  action,
  `${action.slice(0, action.indexOf(':'))}:*`,
  '*',
];

export function ruleFor(rules: readonly ApprovalRule[], action: string, fallback: ApprovalRule): ApprovalRule {
  for (const name of rulesOver(action)) {
    const found = rules.find((rule) => rule.action === name);
    if (found !== undefined) return found;
  }
  return fallback;
}

/** Where fewer, or others, could answer by that rule than by the one that holds now. */
export function lowersByRule(rules: readonly ApprovalRule[], after: ApprovalRule): Lowering | null {
  const before = ruleFor(rules, after.action, ruleByDefault(after.ttlSeconds));
  const isLower =
    after.role !== before.role ||
    after.answersNeeded < before.answersNeeded ||
    (before.notRequester && !after.notRequester) ||
    (before.notOwner && !after.notOwner) ||
    (before.keys !== null && (after.keys ?? personKeyKinds).some((kind) => !before.keys?.includes(kind)));
  if (!isLower) return null;
  return {
    says: `Questions about ${after.action} could be answered by fewer, or by others.`,
    changes: { before, after },
  };
}

/**
 * Who answers where several actions are asked about at once: as many people, and as little time, as the strictest of
 * their rules wants. Refuses with `elevation.several_approvers` where the rules want people of different roles, or keys
 * of different kinds.
 */
export function strictestOf(
  rules: readonly ApprovalRule[],
  actions: readonly [string, ...string[]],
  fallback: ApprovalRule,
): ApprovalRule {
  const all = actions.map((action) => ruleFor(rules, action, fallback));
  const roles = [...new Set(all.map(({ role }) => role))];
  if (roles.length > 1) throw refuse('elevation.several_approvers', `${actions.join(', ')}: ${roles.join(', ')}`);
  return {
    ...all[0]!,
    answersNeeded: Math.max(...all.map((rule) => rule.answersNeeded)),
    notRequester: all.some((rule) => rule.notRequester),
    notOwner: all.some((rule) => rule.notOwner),
    ttlSeconds: Math.min(...all.map((rule) => rule.ttlSeconds)),
    keys: kindsIn(all, actions),
  };
}

/** Those that suffice for every one of them. */
function kindsIn(all: readonly ApprovalRule[], actions: readonly string[]): ApprovalRule['keys'] {
  if (all.every(({ keys }) => keys === null)) return null;
  const kinds = personKeyKinds.filter((kind) => all.every(({ keys }) => keys === null || keys.includes(kind)));
  if (kinds.length > 0) return kinds;
  throw refuse('elevation.several_approvers', `${actions.join(', ')}: no kind of key suffices for all of them`);
}
