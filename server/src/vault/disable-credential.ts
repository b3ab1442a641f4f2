import type { CredentialId, TenantId, Who } from '@ambit/protocol';
import { entry, type Ground, remove, span, update } from '../foundation/index.ts';
import type { Credential } from './credential.ts';
import { activeCredential } from './rotate-credential.ts';
import { credentials, doors, doorsOf, secrets, versionsOf } from './store.ts';

/** Ends a credential for good: nothing is lent any more, its doors are free, and every sealed version of it is erased. */
export function disableCredential(
  ground: Ground,
  by: { readonly tenant: TenantId; readonly who: Who },
  wanted: { readonly credential: CredentialId; readonly reason: string },
): Promise<Credential> {
  return span('vault/disable-credential', async () => {
    const credential = await activeCredential(ground, by.tenant, wanted.credential);
    const versions = await versionsOf(ground, by.tenant, credential.id);
    await ground.database.commit({
      tenant: by.tenant,
      changes: [
        update(
          credentials,
          { id: credential.id },
          { state: 'disabled' },
          { where: { state: 'active', version: credential.version } },
        ),
        ...versions.map(({ version }) => remove(secrets, { credential: credential.id, version })),
        ...doorsOf(credential).map(({ origin, api, agentUser }) => remove(doors, { origin, api, agentUser })),
      ],
      entries: [
        entry({
          id: ground.newId('entry'),
          kind: 'credential.disabled',
          who: by.who,
          keys: [credential.id],
          detail: { credential: credential.id, reason: wanted.reason, erased: versions.map(({ version }) => version) },
        }),
      ],
    });
    return { ...credential, state: 'disabled' } satisfies Credential;
  });
}
