import type { Approval, Me } from '@ambit/sdk/operator';

/** Whether this person may answer it, as far as the question says; the plane looks again. */
export function mayAnswer(approval: Approval, me: Me): boolean {
  return whyNot(approval, me) === null;
}

/** Why it is not theirs to answer, or null. */
export function whyNot({ role, notRequester, notOwner, requester, owner, answers }: Approval, me: Me): string | null {
  if (answers.some(({ person }) => person === me.id)) return 'You have answered. Another person’s yes is needed too.';
  if (notRequester && requester === me.id)
    return `You asked for this, so another person with the role ${role} answers.`;
  if (notOwner && owner === me.id) return `The agent is yours, so another person with the role ${role} answers.`;
  if (!me.roles.some((one) => one === role)) return `A person with the role ${role} answers this.`;
  return null;
}
