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
