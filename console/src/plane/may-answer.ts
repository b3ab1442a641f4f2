import type { ListedQuestion, Me } from '@ambit/sdk/operator';

/** What of a question tells whose it is: a card has it, and so has the list. */
type Asked = Pick<ListedQuestion, 'role' | 'notRequester' | 'notOwner' | 'requester' | 'owner' | 'keys' | 'askedAt'> & {
  readonly answers: readonly { readonly person: string }[];
};

/** Whether this person may answer it here, as far as the question and their keys say; the plane looks again. */
export function mayAnswer(asked: Asked, me: Me): boolean {
  return whyNot(asked, me) === null;
}

/** Why it is not theirs to answer, or null. */
export function whyNot(asked: Asked, me: Me): string | null {
  const { role, notRequester, notOwner, requester, owner, answers } = asked;
  if (answers.some(({ person }) => person === me.id)) return 'You have answered. Another person’s yes is needed too.';
  if (notRequester && requester === me.id)
    return `You asked for this, so another person with the role ${role} answers.`;
  if (notOwner && owner === me.id) return `The agent is yours, so another person with the role ${role} answers.`;
  if (!me.roles.some((one) => one === role)) return `A person with the role ${role} answers this.`;
  return whyTooLate(asked, me);
}

/** A right or a key that came after the question does not answer it: the plane refuses it after the passkey was asked. */
function whyTooLate({ role, askedAt, keys }: Asked, me: Me): string | null {
  const another = `another person with the role ${role} answers`;
  if (me.rolesSince > askedAt) return `Your roles were changed after this was asked, so ${another}.`;
  const good = me.keys.filter(
    ({ state, kind, addedAt }) => state === 'active' && addedAt <= askedAt && (keys === null || keys.includes(kind)),
  );
  if (good.some(({ passkey }) => passkey !== null)) return null;
  if (good.length > 0)
    return `This was asked before you had a passkey. Answer it at the command line with your older key, or ${another}.`;
  return `You have no passkey that is older than this question, so ${another}.`;
}
