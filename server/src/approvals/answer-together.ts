import { type ApprovalId, neverTogether, type SignedQuestion, type TenantId, whyNotTogether } from '@ambit/protocol';
import { type Ground, type PersonCaller, Refusal, refuse, span } from '../foundation/index.ts';
import {
  countUse,
  listPersonKeys,
  type Person,
  type PersonKey,
  personKeyStands,
  personStands,
  readSignature,
} from '../identity/index.ts';
import { again } from './again.ts';
import type { Answering } from './answer.ts';
import { answered } from './answered.ts';
import type { Approval } from './approval.ts';
import { requireActive, requireFresh, requireKey, requireOpen, requireRight } from './gates.ts';
import { findApproval } from './store.ts';
import { documentOf } from './yes.ts';

export type AnsweringTogether = Omit<Answering, 'remember'> & {
  /** All that the signature is over, in the order in which they were signed. */
  readonly approvals: readonly ApprovalId[];
};

/** What became of one question of a list: the question with the answer in it, or why it was not answered. */
export type Became = { readonly approval: Approval } | { readonly id: ApprovalId; readonly refused: Refusal };

/**
 * One person's answer to several questions of one task, by one signature over the list of their digests. What the list
 * itself has wrong, or its signature, answers nothing. Each question then has its own gates: one that is over, or not this
 * person's, is told with its refusal and left as it is, and the others are answered in one unit. Where none can be, the
 * refusal of the first is that of all. A yes of this kind is never remembered.
 */
export function answerTogether(
  ground: Ground,
  caller: PersonCaller,
  given: AnsweringTogether,
  runSeconds: number,
): Promise<readonly Became[]> {
  return span('approvals/answer-together', () => again(() => answerOnce(ground, caller, given, runSeconds)));
}

async function answerOnce(
  ground: Ground,
  caller: PersonCaller,
  { approvals: ids, answer: word, reason, at, signature }: AnsweringTogether,
  runSeconds: number,
): Promise<readonly Became[]> {
  const { tenant } = caller;
  const asked = await listed(ground, tenant, ids);
  const person = await requireActive(ground, caller);
  const together: readonly SignedQuestion[] = asked.map(({ id, digest }) => ({ approval: id, digest }));
  const answer = { answer: word, reason, at, signature, person: person.id, together };
  // The same for each of them: of one task and action, and with all of them in it.
  const document = documentOf(tenant, asked[0], answer);
  const used = readSignature(await listPersonKeys(ground, tenant, person.id), document, signature);
  const now = ground.clock();
  requireFresh(at, now);
  const { key } = used;
  const became = asked.map((approval) => {
    const refused = whyNot(approval, { person, key, now });
    if (refused !== null) return { id: approval.id, refused };
    return answered(caller, approval, { id: ground.newId('entry'), answer, document, key, now, runSeconds });
  });
  const going = became.flatMap((one) => ('change' in one ? [one] : []));
  if (going.length === 0) throw became.flatMap((one) => ('refused' in one ? [one.refused] : []))[0];
  await ground.database.commit({
    tenant,
    checks: [personStands(person), personKeyStands(key)],
    changes: [...going.map(({ change }) => change), ...(await countUse(ground, caller, used))],
    entries: going.map(({ entry }) => entry),
  });
  return became.map((one) => ('refused' in one ? one : { approval: one.approval }));
}

/** The questions of a list that one signature can be over. */
async function listed(
  ground: Ground,
  tenant: TenantId,
  ids: readonly ApprovalId[],
): Promise<readonly [Approval, ...Approval[]]> {
  const found = await Promise.all(ids.map((id) => findApproval(ground, tenant, id)));
  const asked = found.filter((one) => one !== undefined);
  const missing = ids.filter((_, i) => found[i] === undefined);
  if (missing.length > 0) throw refuse('thing.not_found', `no approval ${missing.join(', ')}`);
  const never = whyNotTogether(asked);
  const [first, ...others] = asked;
  if (first === undefined || never !== null) {
    const why = never ?? 'none';
    throw refuse('approval.not_together', `${why}: ${ids.join(', ')}`, `${neverTogether[why]} Nothing was answered.`);
  }
  return [first, ...others];
}

/** What stands between this person and one of the questions; null where nothing does. */
function whyNot(
  approval: Approval,
  { person, key, now }: { readonly person: Person; readonly key: PersonKey; readonly now: number },
): Refusal | null {
  try {
    requireOpen(approval, now);
    requireRight(approval, person);
    requireKey(approval, person, key);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
