import type { Person } from '../identity/index.ts';
import type { Approval } from './approval.ts';
import { whyTooLate } from './yes.ts';

/** Who may answer was fixed with the question: a role granted afterwards by a lower gate does not reach back. */
export function whyNotYours(
  approval: Approval,
  person: Person,
): { readonly because: string; readonly says: string } | null {
  if (!person.roles.some((one) => one === approval.role)) {
    return {
      because: `${person.id} does not hold ${approval.role}`,
      says: `Only a person with the role ${approval.role} can answer this.`,
    };
  }
  if (approval.notRequester && approval.requester === person.id) {
    return {
      because: 'the requester may not answer',
      says: 'Whoever asked for the task cannot answer its questions.',
    };
  }
  if (approval.notOwner && approval.owner === person.id) {
    return { because: 'the owner may not answer', says: 'The owner of the agent cannot answer its questions.' };
  }
  if (approval.answers.some((one) => one.person === person.id)) {
    return {
      because: `${person.id} has answered`,
      says: 'You have answered this already; another person is needed.',
    };
  }
  return null;
}

/** Whether an answer of that person would count, as far as it does not hang on the key. */
export const mayAnswer = (approval: Approval, person: Person): boolean =>
  person.state === 'active' && whyNotYours(approval, person) === null && whyTooLate(approval, person) === null;
