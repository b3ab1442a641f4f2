import { canonicalJson, type TenantId } from '@ambit/protocol';
import type { Ground } from '../foundation/index.ts';
import { type Approval, digestOfQuestion } from './approval.ts';
import { findApproval } from './store.ts';
import { isTo } from './yes.ts';

/**
 * The other questions that were answered by the very signatures under which this one was: whoever signed saw them with it.
 * One that was left out when the list was answered is none of them.
 */
export async function answeredWith(ground: Ground, tenant: TenantId, approval: Approval): Promise<readonly Approval[]> {
  const { id, answers } = approval;
  const ids = (answers[0]?.together ?? []).map((one) => one.approval).filter((one) => one !== id);
  const found = await Promise.all(ids.map((one) => findApproval(ground, tenant, one)));
  return found.filter((one) => one !== undefined).filter((one) => sharesAnswers(one, approval));
}

function sharesAnswers(other: Approval, { answers }: Approval): boolean {
  const given = new Set(other.answers.map((one) => canonicalJson(one)));
  return (
    digestOfQuestion(other) === other.digest &&
    answers.every((one) => one.together !== undefined && isTo(other, one) && given.has(canonicalJson(one)))
  );
}
