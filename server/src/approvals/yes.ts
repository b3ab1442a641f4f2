import type { AnswersDocument, TenantId } from '@ambit/protocol';
import { type Ground, Refusal } from '../foundation/index.ts';
import { findPerson, listPersonKeys, type Person, type PersonKey, signerOf } from '../identity/index.ts';
import { type Answer, type AnswerDocument, type Approval, digestOfQuestion } from './approval.ts';

/**
 * Whose yes the question has, where it has all that it needs. Null where one of them could not give it any more: who
 * lost the role, was disabled, or never signed this very question, whatever the row says.
 */
export async function whoSaidYes(
  ground: Ground,
  tenant: TenantId,
  approval: Approval,
): Promise<readonly Person[] | null> {
  const { answers, answersNeeded, digest } = approval;
  const different = new Set(answers.map((one) => one.person)).size;
  if (different < answersNeeded || different < answers.length || digestOfQuestion(approval) !== digest) return null;
  const givers = await Promise.all(answers.map((one) => giverOf(ground, tenant, approval, one)));
  const standing = givers.flatMap((one) => (one === null ? [] : [one.person]));
  return standing.length === answers.length ? standing : null;
}

/** Who gave that yes, and by which key; null where they could not give it any more. */
export type Giver = { readonly person: Person; readonly key: PersonKey };

export async function giverOf(
  ground: Ground,
  tenant: TenantId,
  approval: Approval,
  answer: Answer,
): Promise<Giver | null> {
  const person = await findPerson(ground, tenant, answer.person);
  if (answer.answer !== 'yes' || person?.state !== 'active' || !holds(person, approval.role)) return null;
  if (!isTo(approval, answer) || whyTooLate(approval, person) !== null) return null;
  try {
    const keys = await listPersonKeys(ground, tenant, person.id);
    const key = signerOf(keys, documentOf(tenant, approval, answer), answer.signature);
    return whyTooLate(approval, person, key) === null && isOfKind(approval, key) ? { person, key } : null;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

const holds = (person: Person, role: string): boolean => person.roles.some((one) => one === role);

/**
 * THREATS: self-approval. A right or a key that came after the question answers it not: whoever hands out roles and
 * enrolment codes could otherwise make the approver that a waiting call needs. A time that is not known is too late.
 */
export function whyTooLate({ askedAt }: Approval, { rolesSince }: Person, key?: PersonKey): string | null {
  if (!isBy(rolesSince, askedAt)) return 'Your roles were changed after this was asked; somebody else has to answer.';
  if (key === undefined || isBy(key.addedAt, askedAt)) return null;
  return 'This key was enrolled after this was asked; answer with an older key, or somebody else has to.';
}

const isBy = (at: number | null, askedAt: number): boolean => at !== null && at <= askedAt;

/** Whether a key of that kind suffices: the rule said so when it was asked. */
export const isOfKind = ({ keys }: Pick<Approval, 'keys'>, { kind }: PersonKey): boolean =>
  keys === null || keys.includes(kind);

/**
 * What the person signed, by themselves or in a list of several. INVARIANT (remembered): bounds are in it wherever the row
 * tells of some, so that none is added to an answer that was signed without.
 */
export function documentOf(
  tenant: TenantId,
  { id, digest, task, action }: Pick<Approval, 'id' | 'digest' | 'task' | 'action'>,
  { answer, reason, person, at, remember, together }: Omit<Answer, 'signature'>,
): AnswerDocument | AnswersDocument {
  const word = { answer, reason, person, at, ...(remember === undefined ? {} : { remember }) };
  if (together === undefined) return { type: 'ambit_approval_answer', tenant, approval: id, digest, ...word };
  return { type: 'ambit_approval_answers', tenant, task, action, approvals: together, ...word };
}

/** Whether the answer is to this question: one that was signed with others names it once, by its digest. */
export function isTo({ id, digest }: Pick<Approval, 'id' | 'digest'>, { together }: Pick<Answer, 'together'>): boolean {
  if (together === undefined) return true;
  const [signed, ...more] = together.filter((one) => one.approval === id);
  return signed?.digest === digest && more.length === 0;
}
