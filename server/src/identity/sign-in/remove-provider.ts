import type { EntryId, SignInProviderId } from '@ambit/protocol';
import { type Ground, type PersonCaller, span } from '../../foundation/index.ts';
import { record } from '../record.ts';
import { unlinkPerson } from './link-person.ts';
import { requireProvider } from './set-provider.ts';
import { providerResource } from './sign-in-provider.ts';
import { changeProvider, listLinks } from './store.ts';

/**
 * Ends the word of a provider: sessions that it opened are over at once. Then its people are unlinked, one by one, which
 * takes away what their groups gave.
 */
export function removeProvider(
  ground: Ground,
  by: PersonCaller,
  id: SignInProviderId,
): Promise<{ unlinked: number; entry: EntryId }> {
  return span('identity/remove-sign-in-provider', async () => {
    const provider = await requireProvider(ground, by, id);
    const { name, issuer } = provider;
    const entry = await record(ground, by, {
      kind: 'identity.sign-in-provider-removed',
      keys: [providerResource(id)],
      // What opened its doors is erased with it.
      changes: [changeProvider(provider, { state: 'removed', sealed: '' })],
      detail: { provider: id, name, issuer },
    });
    let unlinked = 0;
    for (let links = await listLinks(ground, by.tenant, id); links.length > 0; ) {
      for (const link of links) await unlinkPerson(ground, by, link);
      unlinked += links.length;
      links = await listLinks(ground, by.tenant, id);
    }
    return { unlinked, entry };
  });
}
