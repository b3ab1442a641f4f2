import { canonicalJson, type PersonId, type TenantId } from '@ambit/protocol';
import { type Check, type Ground, span } from '../foundation/index.ts';
import { type Person, personKeyStands, personStands } from '../identity/index.ts';
import { isRemembered, type Remembered, rememberedStands, standingRemembered, type Task } from '../tasks/index.ts';
import { type Approval, digestOfQuestion } from './approval.ts';
import { type ApprovalRule, ruleByDefault, ruleFor, rulesOver } from './rule.ts';
import { approvalStands, findApproval, listRules, ruleStands } from './store.ts';
import { type Giver, giverOf } from './yes.ts';

/** A remembered yes that its giver could give now, with what must still be so when a call is admitted by it. */
export type StandingYes = {
  readonly remembered: Remembered;
  readonly approval: Approval;
  readonly by: Person;
  readonly stands: readonly Check[];
};

/**
 * The yeses that are remembered for this very task and action, and count. THREATS: stretched-yes. Each is read anew from
 * what was signed: the row says only where that is.
 */
export function standingYeses(
  ground: Ground,
  tenant: TenantId,
  { task, action, owner }: { readonly task: Task; readonly action: string; readonly owner: PersonId },
): Promise<readonly StandingYes[]> {
  return span('approvals/standing-yes', async () => {
    const now = ground.clock();
    const rows = (await standingRemembered(ground, tenant, [task.id])).filter(
      (one) => one.action === action && one.agent === task.agent && isRemembered(one, now),
    );
    if (rows.length === 0) return [];
    const rules = await listRules(ground, tenant);
    const all = await Promise.all(rows.map((one) => standingYes(ground, tenant, one, { rules, owner })));
    return all.filter((one) => one !== null).toSorted((a, b) => a.remembered.rememberedAt - b.remembered.rememberedAt);
  });
}

async function standingYes(
  ground: Ground,
  tenant: TenantId,
  remembered: Remembered,
  { rules, owner }: { readonly rules: readonly ApprovalRule[]; readonly owner: PersonId },
): Promise<StandingYes | null> {
  const approval = await findApproval(ground, tenant, remembered.approval);
  if (approval === undefined || !isSigned(remembered, approval)) return null;
  const [answer] = approval.answers;
  const giver = answer === undefined ? null : await giverOf(ground, tenant, approval, answer);
  if (giver === null || giver.person.id !== remembered.person) return null;
  const rule = ruleFor(rules, approval.action, ruleByDefault(1));
  if (!couldAnswer(rule, { ...approval, owner }, giver) || !couldAnswer(rule, approval, giver)) return null;
  const stands = [
    rememberedStands(remembered),
    approvalStands(approval),
    personStands(giver.person),
    personKeyStands(giver.key),
    ...rulesOver(approval.action).map((name) => ruleStands(name, rules)),
  ];
  return { remembered, approval, by: giver.person, stands };
}

/**
 * INVARIANT (remembered): it counts from when the call that was shown has run, for the task and agent that were shown, and
 * within the bounds that were signed.
 */
function isSigned({ bounds, task, agent, action }: Remembered, approval: Approval): boolean {
  const { state, answers, answersNeeded, shown, digest } = approval;
  const [answer, ...more] = answers;
  const acts = shown.chain?.at(-1);
  return (
    state === 'done' &&
    more.length === 0 &&
    answersNeeded === 1 &&
    answer?.answer === 'yes' &&
    answer.remember !== undefined &&
    canonicalJson(answer.remember) === canonicalJson(bounds) &&
    digestOfQuestion(approval) === digest &&
    acts?.task === task &&
    acts.agent === agent &&
    shown.action === action
  );
}

/** Whoever answers by the rule as it is now: what was made stricter since is stricter for what was remembered, too. */
function couldAnswer(
  rule: ApprovalRule,
  { requester, owner }: Pick<Approval, 'requester' | 'owner'>,
  { person, key }: Giver,
): boolean {
  return (
    rule.answersNeeded === 1 &&
    person.roles.some((one) => one === rule.role) &&
    !(rule.notRequester && requester === person.id) &&
    !(rule.notOwner && owner === person.id) &&
    (rule.keys === null || rule.keys.includes(key.kind))
  );
}
