import type { TenantId, Who } from '@ambit/protocol';
import { entry, type Ground, span, update } from '../foundation/index.ts';
import { type Keyring, openSecret, type Sealed, sealSecret } from './seal.ts';
import { findCredential, type SealedSecret, sealedUnder, secrets } from './store.ts';

const perUnit = 100;

/**
 * Seals every secret of a tenant under the newest vault key; afterwards the older keys open nothing of it. Safe to
 * stop and to repeat: each unit is whole. Answers how many were sealed anew.
 */
export function reseal(
  ground: Ground,
  keyring: Keyring,
  by: { readonly tenant: TenantId; readonly who: Who },
): Promise<number> {
  return span('vault/reseal', async () => {
    const [newest, ...older] = keyring;
    const olderIds = older.map((key) => key.id).filter((id) => id !== newest.id);
    let resealed = 0;
    while (olderIds.length > 0) {
      const batch = await sealedUnder(ground, by.tenant, olderIds, perUnit);
      if (batch.length === 0) break;
      const sealed = await Promise.all(batch.map((row) => sealedAnew(ground, keyring, by.tenant, row)));
      await ground.database.commit({
        tenant: by.tenant,
        changes: sealed.map(({ row, anew }) => update(secrets, keyOf(row), anew, { where: { sealed: row.sealed } })),
        entries: [
          entry({
            id: ground.newId('entry'),
            kind: 'credential.resealed',
            who: by.who,
            keys: [...new Set(batch.map((row) => row.credential))],
            detail: { count: batch.length, to: newest.id, from: [...new Set(batch.map((row) => row.keyId))] },
          }),
        ],
      });
      resealed += batch.length;
    }
    return resealed;
  });
}

const keyOf = ({ credential, version }: SealedSecret) => ({ credential, version });

async function sealedAnew(
  ground: Ground,
  keyring: Keyring,
  tenant: TenantId,
  row: SealedSecret,
): Promise<{ row: SealedSecret; anew: Sealed }> {
  const credential = await findCredential(ground, tenant, row.credential);
  if (credential === undefined) throw new Error(`the secret of ${row.credential} has no credential`);
  const plain = openSecret(keyring, tenant, credential, row.version, row.sealed);
  return { row, anew: sealSecret(keyring, tenant, credential, row.version, plain) };
}
