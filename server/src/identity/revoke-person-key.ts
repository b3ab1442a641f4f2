import type { EntryId, KeyId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { requireRole } from './person.ts';
import { personResource, record } from './record.ts';
import { requirePerson } from './require-person.ts';
import { changePerson, findPersonKey, revokePersonKeyRow } from './store.ts';

/** Revokes an enrolled key: one's own, or as administrator. Sessions and standing grants that it made end with it. */
export function revokePersonKey(ground: Ground, by: PersonCaller, id: KeyId): Promise<{ entry: EntryId }> {
  return span('identity/revoke-person-key', async () => {
    const key = await findPersonKey(ground, by.tenant, id);
    if (key === undefined) throw refuse('thing.not_found', `no person key ${id}`);
    if (key.person !== by.person) requireRole(by, 'administrator');
    const person = await requirePerson(ground, by.tenant, key.person);
    const entry = await record(ground, by, {
      kind: 'identity.person-key-revoked',
      keys: [personResource(person.id)],
      changes: [revokePersonKeyRow(key), changePerson(person, {})],
      detail: { person: person.id, key: id, thumbprint: key.thumbprint },
    });
    return { entry };
  });
}
