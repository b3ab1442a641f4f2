import type { PersonId, TenantId } from '@ambit/protocol';
import { type Ground, refuse } from '../foundation/index.ts';
import type { Person } from './person.ts';
import { findPerson } from './store.ts';

export async function requirePerson(ground: Ground, tenant: TenantId, id: PersonId): Promise<Person> {
  const person = await findPerson(ground, tenant, id);
  if (person === undefined) throw refuse('thing.not_found', `no person ${id}`);
  return person;
}
