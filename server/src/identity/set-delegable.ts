import type { Authority, EntryId, PersonId } from '@ambit/protocol';
import { type Ground, type PersonCaller, span } from '../foundation/index.ts';
import { type Person, requireRole } from './person.ts';
import { personResource, record } from './record.ts';
import { requirePerson } from './require-person.ts';
import { changePerson } from './store.ts';

/** Sets what a person may hand to agents. Tasks read it when they open and when they are decided. */
export function setDelegable(
  ground: Ground,
  by: PersonCaller,
  { person: id, delegable }: { readonly person: PersonId; readonly delegable: Authority },
): Promise<{ person: Person; entry: EntryId }> {
  return span('identity/set-delegable', async () => {
    requireRole(by, 'administrator');
    const before = await requirePerson(ground, by.tenant, id);
    const entry = await record(ground, by, {
      kind: 'identity.delegable-set',
      keys: [personResource(id)],
      changes: [changePerson(before, { delegable })],
      detail: { person: id, before: before.delegable, after: delegable },
    });
    return { person: { ...before, delegable, epoch: before.epoch + 1 }, entry };
  });
}
