import type { EntryId, PersonId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { administratorsAfter } from './administrators.ts';
import { type Person, type Role, requireRole } from './person.ts';
import { personResource, record } from './record.ts';
import { requirePerson } from './require-person.ts';
import { changePerson } from './store.ts';

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
    const rolesSince = ground.clock();
    const person: Person = { ...before, roles, rolesSince, epoch: before.epoch + 1 };
    const entry = await record(ground, by, {
      kind: 'identity.roles-set',
      keys: [personResource(id)],
      changes: [
        changePerson(before, { roles, rolesSince }),
        ...(await administratorsAfter(ground, by.tenant, before, person)),
      ],
      detail: { person: id, before: before.roles, after: roles },
    });
    return { person, entry };
  });
}
