import { refuse } from '../foundation/index.ts';

/** Who may answer questions about an action, how many, by when. The most particular rule counts: action, api, all. */
export type ApprovalRule = {
  /** `shop:refunds.create`, `shop:*` or `*`. */
  readonly action: string;
  readonly role: string;
  readonly answersNeeded: number;
  readonly notRequester: boolean;
  readonly notOwner: boolean;
  readonly ttlSeconds: number;
};

/** Without a rule of the tenant's own: one approver, who is not the person who asked. */
export const ruleByDefault = (ttlSeconds: number): ApprovalRule => ({
  action: '*',
  role: 'approver',
  answersNeeded: 1,
  notRequester: true,
  notOwner: false,
  ttlSeconds,
});

export function ruleFor(rules: readonly ApprovalRule[], action: string, fallback: ApprovalRule): ApprovalRule {
  const api = `${action.slice(0, action.indexOf(':'))}:*`;
  for (const name of [action, api, '*']) {
    const found = rules.find((rule) => rule.action === name);
    if (found !== undefined) return found;
  }
  return fallback;
}

/**
 * Who answers where several actions are asked about at once: as many people, and as little time, as the strictest of
 * their rules wants. Refuses with `elevation.several_approvers` where the rules want people of different roles.
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
  };
}
