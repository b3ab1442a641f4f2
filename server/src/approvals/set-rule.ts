import { entry, type Ground, type PersonCaller, span } from '../foundation/index.ts';
import type { ApprovalRule } from './rule.ts';
import { addRule, changeRule, findRule } from './store.ts';

/** Who may answer, how many, by when. It reaches questions asked from now on, never those already parked. */
export function setApprovalRule(ground: Ground, caller: PersonCaller, rule: ApprovalRule): Promise<ApprovalRule> {
  return span('approvals/set-rule', async () => {
    const before = await findRule(ground, caller.tenant, rule.action);
    await ground.database.commit({
      tenant: caller.tenant,
      changes: [before === undefined ? addRule(rule) : changeRule(rule)],
      entries: [
        entry({
          id: ground.newId('entry'),
          kind: 'approval.rule-set',
          who: caller.who,
          action: rule.action,
          detail: { rule, before: before ?? null },
        }),
      ],
    });
    return rule;
  });
}
