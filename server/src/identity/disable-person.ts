import type { EntryId, PersonId, TenantId, Who } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { administratorsAfter } from './administrators.ts';
import { type Person, requireRole } from './person.ts';
import { personResource, record } from './record.ts';
import { requirePerson } from './require-person.ts';
import { changePerson } from './store.ts';

type Disabling = { readonly person: PersonId; readonly reason: string };
type Disabled = { readonly person: Person; readonly entry: EntryId };

/** Ends all that a person can do: sessions, tasks and agents of theirs read the state of the person and stop. */
export function disablePerson(ground: Ground, by: PersonCaller, wanted: Disabling): Promise<Disabled> {
  return span('identity/disable-person', async () => {
    requireRole(by, 'administrator');
    return disable(ground, by, wanted);
  });
}

/** The same on the word of a registered transmitter, whose right to it lies in its registration. */
export function disableBySignal(
  ground: Ground,
  by: { readonly tenant: TenantId; readonly who: Who },
  wanted: Disabling,
): Promise<Disabled> {
  return span('identity/disable-by-signal', () => disable(ground, by, wanted));
}

async function disable(
  ground: Ground,
  by: { readonly tenant: TenantId; readonly who: Who },
  { person: id, reason }: Disabling,
): Promise<Disabled> {
  const before = await requirePerson(ground, by.tenant, id);
  if (before.state === 'disabled') throw refuse('person.not_active', `${id} is disabled already`);
  const person: Person = { ...before, state: 'disabled', epoch: before.epoch + 1 };
  const entry = await record(ground, by, {
    kind: 'identity.person-disabled',
    keys: [personResource(id)],
    changes: [
      changePerson(before, { state: 'disabled' }),
      ...(await administratorsAfter(ground, by.tenant, before, person)),
    ],
    detail: { person: id, reason },
  });
  return { person, entry };
}
