import type { EntryId, PersonId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, type Secret, span } from '../foundation/index.ts';
import { invite } from './invite.ts';
import { requireRole } from './person.ts';
import { personResource, record } from './record.ts';
import { requirePerson } from './require-person.ts';
import { listOpenEnrolments, personStands, withdrawEnrolment } from './store.ts';

/** A new one-time code for a person who needs another key. Codes that are still open are withdrawn. */
export function issueEnrolment(
  ground: Ground,
  by: PersonCaller,
  id: PersonId,
): Promise<{ code: Secret; expiresAt: number; entry: EntryId }> {
  return span('identity/issue-enrolment', async () => {
    requireRole(by, 'administrator');
    const person = await requirePerson(ground, by.tenant, id);
    if (person.state !== 'active') throw refuse('person.not_active', `${id} is ${person.state}`);
    const open = await listOpenEnrolments(ground, by.tenant, id);
    const { code, enrolment, change } = invite(ground, by.tenant, id, by.person);
    const entry = await record(ground, by, {
      kind: 'identity.enrolment-issued',
      keys: [personResource(id)],
      checks: [personStands(person)],
      changes: [...open.map((one) => withdrawEnrolment(one.id)), change],
      detail: {
        person: id,
        enrolment: enrolment.id,
        expiresAt: enrolment.expiresAt,
        withdrawn: open.map((one) => one.id),
      },
    });
    return { code, expiresAt: enrolment.expiresAt, entry };
  });
}
