import type { Me, Proposal, Role } from '@ambit/sdk/operator';

/** Whether this person may confirm it here, as far as it and their keys say; the plane looks again. */
export const mayConfirm = (proposal: Proposal, me: Me, now: number): boolean =>
  isWaiting(proposal, now) && whyNotConfirm(proposal, me) === null;

/** Still to be answered, at this time of the plane. */
export const isWaiting = ({ state, expiresAt }: Proposal, now: number): boolean => state === 'open' && now < expiresAt;

/** Why they cannot confirm it, or null. */
export function whyNotConfirm(proposal: Proposal, me: Me): string | null {
  const { proposedBy, gains, role } = proposal;
  if (proposedBy === me.id) return `You asked for it, so another person with the role ${role} confirms it.`;
  if (gains === me.id) return `You would gain by it, so another person with the role ${role} confirms it.`;
  return whyNotAnswer(proposal, me);
}

/** Why they can neither confirm nor end it, or null. Whoever asked may end it, too. */
export function whyNotAnswer({ role, proposedAt }: Proposal, me: Me): string | null {
  if (!holds(me, role)) return `A person with the role ${role} answers this.`;
  const another = `another person with the role ${role} answers`;
  if (me.rolesSince > proposedAt) return `Your roles were changed after this was put up, so ${another}.`;
  const good = me.keys.filter(({ state, addedAt }) => state === 'active' && addedAt <= proposedAt);
  if (good.some(({ passkey }) => passkey !== null)) return null;
  if (good.length > 0)
    return `This was put up before you had a passkey. Answer it at the command line with your older key, or ${another}.`;
  return `You have no passkey that is older than this, so ${another}.`;
}

/** An administrator may what an owner may, an auditor what a reviewer may. */
const holds = ({ roles }: Me, role: Role): boolean =>
  roles.some(
    (one) =>
      one === role || (role === 'owner' && one === 'administrator') || (role === 'reviewer' && one === 'auditor'),
  );
