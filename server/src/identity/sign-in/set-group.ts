import type { EntryId, SignInProviderId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../../foundation/index.ts';
import { record } from '../record.ts';
import { requireProvider } from './set-provider.ts';
import { providerResource, type SignInGroup } from './sign-in-provider.ts';
import { addGroup, changeGroup, dropGroup, findGroup, groupsMax, listGroups } from './store.ts';

/** What a group of a provider gives to its members, from when they next sign in. */
export function setGroup(
  ground: Ground,
  by: PersonCaller,
  wanted: Omit<SignInGroup, 'setBy' | 'setAt'>,
): Promise<{ group: SignInGroup; entry: EntryId }> {
  return span('identity/set-sign-in-group', async () => {
    const { groupsClaim, name } = await requireProvider(ground, by, wanted.provider);
    const no = (says: string) => refuse('sign_in.provider_invalid', says, says);
    if (groupsClaim === null) throw no(`Say first which claim of ${name} lists groups.`);
    if (wanted.roles.includes('administrator')) throw no('Nobody becomes an administrator by a group.');
    const before = await findGroup(ground, by.tenant, wanted.provider, wanted.group);
    if (before === undefined && (await listGroups(ground, by.tenant, wanted.provider)).length >= groupsMax)
      throw refuse('state.changed', 'too many groups', `Remove one first: there are at most ${groupsMax}.`);
    const group: SignInGroup = { ...wanted, setBy: by.person, setAt: ground.clock() };
    const entry = await record(ground, by, {
      kind: 'identity.sign-in-group-set',
      keys: [providerResource(wanted.provider)],
      changes: [before === undefined ? addGroup(group) : changeGroup(before, group)],
      detail: { group, before: before ?? null },
    });
    return { group, entry };
  });
}

export function removeGroup(
  ground: Ground,
  by: PersonCaller,
  { provider, group: name }: { readonly provider: SignInProviderId; readonly group: string },
): Promise<{ entry: EntryId }> {
  return span('identity/remove-sign-in-group', async () => {
    const group = await findGroup(ground, by.tenant, provider, name);
    if (group === undefined) throw refuse('thing.not_found', `nothing is given to ${name} of ${provider}`);
    const entry = await record(ground, by, {
      kind: 'identity.sign-in-group-removed',
      keys: [providerResource(provider)],
      changes: [dropGroup(group)],
      detail: { group },
    });
    return { entry };
  });
}
