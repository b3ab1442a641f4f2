import type { EntryId, PersonId, TenantId } from '@ambit/protocol';
import { type Change, type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { isAdministrator, type Person, type Role, requireRole } from './person.ts';
import { personResource, record } from './record.ts';
import { changePerson, countAdministrators, findPerson, findTenant, listPersons } from './store.ts';

/** Sets all roles of another person. */
export function setRoles(
  ground: Ground,
  by: PersonCaller,
  { person: id, roles }: { readonly person: PersonId; readonly roles: readonly Role[] },
): Promise<{ person: Person; entry: EntryId }> {
  return span('identity/set-roles', async () => {
    requireRole(by, 'administrator');
    if (by.person === id) throw refuse('person.own_roles', `${id} asked to change their own roles`);
    const before = await requirePerson(ground, by.tenant, id);
    const person: Person = { ...before, roles, epoch: before.epoch + 1 };
    const entry = await record(ground, by, {
      kind: 'identity.roles-set',
      keys: [personResource(id)],
      changes: [changePerson(before, { roles }), ...(await administratorsAfter(ground, by.tenant, before, person))],
      detail: { person: id, before: before.roles, after: roles },
    });
    return { person, entry };
  });
}

export async function requirePerson(ground: Ground, tenant: TenantId, id: PersonId): Promise<Person> {
  const person = await findPerson(ground, tenant, id);
  if (person === undefined) throw refuse('thing.not_found', `no person ${id}`);
  return person;
}

/** The change that goes along when an administrator comes or goes: units that read the same state cannot both commit. */
export async function administratorsMoved(ground: Ground, tenantId: TenantId): Promise<readonly Change[]> {
  const tenant = await findTenant(ground, tenantId);
  if (tenant === undefined) throw refuse('thing.not_found', `no tenant ${tenantId}`);
  return [countAdministrators(tenant)];
}

/** INVARIANT (somebody can repair it): an active administrator is left, whoever acts at the same time. */
export async function administratorsAfter(
  ground: Ground,
  tenant: TenantId,
  before: Person,
  after: Person,
): Promise<readonly Change[]> {
  if (isAdministrator(before) === isAdministrator(after)) return [];
  // The count is read before the persons, so that whoever changes them in between moves it.
  const moved = await administratorsMoved(ground, tenant);
  if (!isAdministrator(after) && !(await anotherAdministrator(ground, tenant, before.id))) {
    throw refuse('person.last_administrator', `${before.id} is the last administrator`);
  }
  return moved;
}

async function anotherAdministrator(ground: Ground, tenant: TenantId, than: PersonId): Promise<boolean> {
  const pageSize = 500;
  for (let after = ''; ; ) {
    const persons = await listPersons(ground, tenant, { after, limit: pageSize });
    if (persons.some((person) => person.id !== than && isAdministrator(person))) return true;
    const last = persons.at(-1);
    if (last === undefined || persons.length < pageSize) return false;
    after = last.id;
  }
}
