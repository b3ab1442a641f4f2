import type { EntryId, TenantId } from '@ambit/protocol';
import { type Ground, planeItself, refuse, type Secret, span } from '../foundation/index.ts';
import { invite } from './invite.ts';
import type { Person } from './person.ts';
import { personResource, record } from './record.ts';
import {
  addPerson,
  addSubject,
  findPerson,
  findTenant,
  listOpenEnrolments,
  listPersonKeys,
  nameFirstAdministrator,
  personStands,
  withdrawEnrolment,
} from './store.ts';

export type FirstAdministrator = { readonly person: Person; readonly code: Secret; readonly entry: EntryId };

/**
 * Names the first administrator of a tenant and answers the one-time code that brings their key. There is no password,
 * and no second first administrator: the row of the tenant says who it was.
 */
export function firstAdministrator(ground: Ground, tenant: TenantId, name: string): Promise<FirstAdministrator> {
  return span('identity/first-administrator', async () => {
    const createdAt = ground.clock();
    const person: Person = {
      id: ground.newId('person'),
      name,
      email: null,
      // Not approver: whoever changes the rules does not also answer the questions they raise.
      roles: ['administrator', 'catalog', 'policy', 'auditor'],
      rolesSince: createdAt,
      state: 'active',
      delegable: [],
      createdAt,
      epoch: 0,
    };
    const { code, enrolment, change } = invite(ground, tenant, person.id, null);
    const entry = await record(
      ground,
      { tenant, who: planeItself },
      {
        kind: 'identity.first-administrator-named',
        keys: [personResource(person.id)],
        changes: [addPerson(person), addSubject(person.id, tenant), nameFirstAdministrator(tenant, person.id), change],
        detail: {
          person: person.id,
          name,
          roles: person.roles,
          enrolment: enrolment.id,
          expiresAt: enrolment.expiresAt,
        },
      },
    );
    return { person, code, entry };
  });
}

/** A new code where the first one was lost before it was used. Once a key came, only administrators issue codes. */
export function renewFirstCode(ground: Ground, tenant: TenantId): Promise<FirstAdministrator> {
  return span('identity/renew-first-code', async () => {
    const id = (await findTenant(ground, tenant))?.firstAdministrator ?? undefined;
    const person = id === undefined ? undefined : await findPerson(ground, tenant, id);
    if (person === undefined) throw refuse('thing.not_found', `tenant ${tenant} has no first administrator`);
    const keys = await listPersonKeys(ground, tenant, person.id);
    if (keys.length > 0) throw refuse('tenant.started', `${person.id} has enrolled a key already`);
    const open = await listOpenEnrolments(ground, tenant, person.id);
    const { code, enrolment, change } = invite(ground, tenant, person.id, null);
    const entry = await record(
      ground,
      { tenant, who: planeItself },
      {
        kind: 'identity.first-code-renewed',
        keys: [personResource(person.id)],
        // The one who enrols in the meantime moves the epoch of the person, and this unit is refused.
        checks: [personStands(person)],
        changes: [...open.map((one) => withdrawEnrolment(one.id)), change],
        detail: { person: person.id, enrolment: enrolment.id, expiresAt: enrolment.expiresAt },
      },
    );
    return { person, code, entry };
  });
}
