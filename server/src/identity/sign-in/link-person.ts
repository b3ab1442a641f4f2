import type { EntryId } from '@ambit/protocol';
import { type Change, type Ground, type PersonCaller, refuse, span } from '../../foundation/index.ts';
import { personResource, record } from '../record.ts';
import { requirePerson } from '../require-person.ts';
import { changePerson, personStands } from '../store.ts';
import { grouped } from './apply-groups.ts';
import { requireProvider } from './set-provider.ts';
import { providerResource, type SignInLink } from './sign-in-provider.ts';
import { addLink, dropLink, findLink } from './store.ts';

type Named = Pick<SignInLink, 'provider' | 'subject'>;

/** Says which person a subject of a provider is. */
export function linkPerson(
  ground: Ground,
  by: PersonCaller,
  { provider, subject, person: id }: Named & Pick<SignInLink, 'person'>,
): Promise<{ link: SignInLink; entry: EntryId }> {
  return span('identity/link-sign-in', async () => {
    await requireProvider(ground, by, provider);
    const person = await requirePerson(ground, by.tenant, id);
    const at = { linkedBy: by.person, linkedAt: ground.clock() };
    const link: SignInLink = { provider, subject, person: id, roles: [], delegable: [], ...at };
    const entry = await record(ground, by, {
      kind: 'identity.sign-in-linked',
      keys: [personResource(id), providerResource(provider)],
      checks: [personStands(person)],
      changes: [addLink(link)],
      detail: { provider, subject, person: id },
    });
    return { link, entry };
  });
}

/** Says that a subject is nobody here any more: sessions of it end, and what its groups gave is gone. */
export function unlinkPerson(
  ground: Ground,
  by: PersonCaller,
  { provider, subject }: Named,
): Promise<{ entry: EntryId }> {
  return span('identity/unlink-sign-in', async () => {
    const link = await findLink(ground, by.tenant, provider, subject);
    if (link === undefined) throw refuse('thing.not_found', `${subject} is nobody for ${provider}`);
    const { roles, delegable, person } = link;
    const entry = await record(ground, by, {
      kind: 'identity.sign-in-unlinked',
      keys: [personResource(person), providerResource(provider)],
      changes: [dropLink(link), ...(await withoutGroups(ground, by.tenant, link))],
      detail: { provider, subject, person, gone: { roles, delegable } },
    });
    return { entry };
  });
}

/** Takes from the person what the groups of that link gave. */
export async function withoutGroups(
  ground: Ground,
  tenant: PersonCaller['tenant'],
  link: SignInLink,
): Promise<readonly Change[]> {
  const person = await requirePerson(ground, tenant, link.person);
  const after = grouped(ground, person, link, []);
  if (after === undefined) return [];
  const { roles, rolesSince, delegable } = after.person;
  return [changePerson(person, { roles, rolesSince, delegable })];
}
