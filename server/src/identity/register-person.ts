import type { Authority, EntryId } from '@ambit/protocol';
import { type Ground, type PersonCaller, type Secret, span } from '../foundation/index.ts';
import { administratorsMoved } from './administrators.ts';
import { invite } from './invite.ts';
import { isAdministrator, type Person, type Role, requireRole } from './person.ts';
import { personResource, record } from './record.ts';
import { addPerson, addSubject } from './store.ts';

export type NewPerson = {
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly Role[];
  readonly delegable: Authority;
};

/** Registers a person and answers the one-time code with which they bring their first key. */
export function registerPerson(
  ground: Ground,
  by: PersonCaller,
  { name, email, roles, delegable }: NewPerson,
): Promise<{ person: Person; code: Secret; codeExpiresAt: number; entry: EntryId }> {
  return span('identity/register-person', async () => {
    requireRole(by, 'administrator');
    const createdAt = ground.clock();
    const person: Person = {
      id: ground.newId('person'),
      name,
      email,
      roles,
      rolesSince: createdAt,
      state: 'active',
      delegable,
      createdAt,
      epoch: 0,
    };
    const { code, enrolment, change } = invite(ground, by.tenant, person.id, by.person);
    const counted = isAdministrator(person) ? await administratorsMoved(ground, by.tenant) : [];
    const entry = await record(ground, by, {
      kind: 'identity.person-registered',
      keys: [personResource(person.id)],
      changes: [addPerson(person), addSubject(person.id, by.tenant), change, ...counted],
      detail: { person: person.id, name, roles, delegable, enrolment: enrolment.id },
    });
    return { person, code, codeExpiresAt: enrolment.expiresAt, entry };
  });
}
