import type { CredentialId, TenantId, Who } from '@ambit/protocol';
import { entry, type Ground, insert, refuse, remove, type Secret, span, update } from '../foundation/index.ts';
import { type Credential, secretFor } from './credential.ts';
import { type Keyring, sealSecret } from './seal.ts';
import { credentials, findCredential, type SealedSecret, secrets, versionsMax, versionsOf } from './store.ts';

/**
 * Puts a new secret in the place of the one in use. From now on the new one is lent; answers are searched for the old
 * one until the overlap ends, since calls it was lent to may still be answered and it may still open the upstream.
 */
export function rotateCredential(
  ground: Ground,
  keyring: Keyring,
  by: { readonly tenant: TenantId; readonly who: Who },
  wanted: { readonly credential: CredentialId; readonly secret: Secret; readonly overlapSeconds: number },
): Promise<Credential> {
  return span('vault/rotate-credential', async () => {
    const credential = await activeCredential(ground, by.tenant, wanted.credential);
    const secret = secretFor(credential.kind, wanted.secret);
    const now = ground.clock();
    const version = credential.version + 1;
    const sealed = sealSecret(keyring, by.tenant, credential, version, secret);
    const kept = await versionsOf(ground, by.tenant, credential.id);
    const gone = outlived(kept, credential.version, now);
    await ground.database.commit({
      tenant: by.tenant,
      changes: [
        update(
          credentials,
          { id: credential.id },
          { version },
          { where: { version: credential.version, state: 'active' } },
        ),
        update(
          secrets,
          { credential: credential.id, version: credential.version },
          { watchedUntil: now + wanted.overlapSeconds * 1000 },
        ),
        insert(secrets, { credential: credential.id, version, ...sealed, createdAt: now, watchedUntil: null }),
        ...gone.map((each) => remove(secrets, { credential: credential.id, version: each.version })),
      ],
      entries: [
        entry({
          id: ground.newId('entry'),
          kind: 'credential.rotated',
          who: by.who,
          keys: [credential.id],
          detail: {
            credential: credential.id,
            version,
            overlapSeconds: wanted.overlapSeconds,
            sealedUnder: sealed.keyId,
          },
        }),
      ],
    });
    return { ...credential, version };
  });
}

/** Versions whose watch has ended, and the oldest ones where a hurried operator rotated more often than that. */
function outlived(kept: readonly SealedSecret[], current: number, now: number): readonly SealedSecret[] {
  const old = kept.filter((each) => each.version !== current);
  return old.filter((each, at) => (each.watchedUntil ?? 0) <= now || at >= versionsMax - 2);
}

export async function activeCredential(ground: Ground, tenant: TenantId, id: CredentialId): Promise<Credential> {
  const credential = await findCredential(ground, tenant, id);
  if (credential === undefined) throw refuse('thing.not_found', `no credential ${id}`);
  if (credential.state !== 'active')
    throw refuse('vault.credential_disabled', `credential ${id} is ${credential.state}`);
  return credential;
}
