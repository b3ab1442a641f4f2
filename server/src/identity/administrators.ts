import type { PersonId, TenantId } from '@ambit/protocol';
import { type Change, type Ground, refuse } from '../foundation/index.ts';
import { isAdministrator, type Person } from './person.ts';
import { countAdministrators, findTenant, listPersons } from './store.ts';

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
