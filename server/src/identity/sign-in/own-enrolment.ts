import type { EntryId } from '@ambit/protocol';
import { type Ground, type Lowering, refuse, type Secret, span } from '../../foundation/index.ts';
import type { SessionCaller } from '../authenticate-person.ts';
import { invite } from '../invite.ts';
import { lowersByCode } from '../lowers.ts';
import { personResource, record } from '../record.ts';
import { requirePerson } from '../require-person.ts';
import { listOpenEnrolments, listPersonKeys, personStands, withdrawEnrolment } from '../store.ts';

/** How lately the provider must have seen the person, and how long the code is good. */
export const ownEnrolmentSeconds = 300;

/**
 * A one-time code for the first key of whoever has just signed in through a provider. THREATS: self-approval. Who has a
 * key already brings another by a signature of that one: whoever drives their browser does not.
 */
export function issueOwnEnrolment(
  ground: Ground,
  by: SessionCaller,
): Promise<{ code: Secret; expiresAt: number; entry: EntryId }> {
  return span('identity/issue-own-enrolment', async () => {
    const { authTime = null } = by.session.signIn ?? {};
    const now = ground.clock();
    if (authTime === null || now - authTime > ownEnrolmentSeconds * 1000)
      throw refuse('sign_in.not_fresh', `${by.person} signed in at ${authTime}, it is ${now}`);
    const person = await requirePerson(ground, by.tenant, by.person);
    const keys = await listPersonKeys(ground, by.tenant, by.person);
    // One that was revoked counts: revoking takes no signature, and would else make room for somebody else's.
    if (keys.length > 0) throw refuse('sign_in.has_key', `${by.person} has, or had, ${keys.length} keys`);
    const open = await listOpenEnrolments(ground, by.tenant, by.person);
    const { code, enrolment, change } = invite(ground, by.tenant, by.person, by.person, ownEnrolmentSeconds);
    const { id, expiresAt } = enrolment;
    const entry = await record(ground, by, {
      kind: 'identity.enrolment-issued',
      keys: [personResource(by.person)],
      checks: [personStands(person)],
      changes: [...open.map((one) => withdrawEnrolment(one.id)), change],
      detail: {
        person: by.person,
        enrolment: id,
        expiresAt,
        withdrawn: open.map((one) => one.id),
        signIn: { provider: by.session.openedWith, ...by.session.signIn },
      },
    });
    return { code, expiresAt, entry };
  });
}

/** A provider alone would make a key that answers, or hands out: where two persons are wanted, two bring it. */
export async function lowersByOwnCode(ground: Ground, by: SessionCaller): Promise<Lowering | null> {
  const lowering = await lowersByCode(ground, by, by.person);
  const instead = 'Ask an administrator for a one-time code: your organisation wants two persons for it.';
  return lowering && { ...lowering, instead };
}
