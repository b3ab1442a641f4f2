import type { CredentialId, EntryId, TenantId, Who } from '@ambit/protocol';
import { entry, type Ground, span, update } from '../foundation/index.ts';
import { credentials } from './store.ts';

/**
 * Marks a credential whose secret came back in an answer. The answer was cut, so nobody read it here; but what sends
 * secrets back may send them elsewhere too, and a person should rotate it.
 */
export function flagCredential(
  ground: Ground,
  by: { readonly tenant: TenantId; readonly who: Who },
  seen: { readonly credential: CredentialId; readonly about: EntryId; readonly because: string },
): Promise<void> {
  return span('vault/flag-credential', async () => {
    await ground.database.commit({
      tenant: by.tenant,
      changes: [
        update(
          credentials,
          { id: seen.credential },
          { flaggedAt: ground.clock() },
          { otherwise: 'vault.credential_unknown' },
        ),
      ],
      entries: [
        entry({
          id: ground.newId('entry'),
          kind: 'credential.flagged',
          who: by.who,
          about: seen.about,
          keys: [seen.credential],
          detail: { credential: seen.credential, because: seen.because },
        }),
      ],
    });
  });
}
