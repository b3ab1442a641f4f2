import { hkdfSync } from 'node:crypto';
import type { TenantId } from '@ambit/protocol';
import { openBox, refuse, Secret, sealBox, secretKeyId } from '../foundation/index.ts';
import type { Binding } from './credential.ts';

type VaultKey = { readonly id: string; readonly bytes: Uint8Array };

/** The first key seals; every key opens. */
export type Keyring = readonly [VaultKey, ...VaultKey[]];

/** A keyring from vault keys of 32 bytes, the newest first. Their ids follow from them and tell nothing about them. */
export function createKeyring(newest: Uint8Array, ...older: readonly Uint8Array[]): Keyring {
  return [readKey(newest), ...older.map(readKey)];
}

function readKey(bytes: Uint8Array): VaultKey {
  if (bytes.length !== 32) throw new Error(`a vault key has 32 bytes, not ${bytes.length}`);
  return { id: secretKeyId('vault', bytes), bytes };
}

export type Sealed = { readonly keyId: string; readonly sealed: string };

/**
 * `v1.<key id>.<box>`. The box opens only for this tenant, credential, version, origins and place, so a row that
 * somebody moved or edited stays shut.
 */
export function sealSecret(
  keyring: Keyring,
  tenant: TenantId,
  binding: Binding,
  version: number,
  plain: Secret,
): Sealed {
  const key = keyring[0];
  const box = sealBox(dataKey(key, tenant), Buffer.from(plain.unwrap()), boundTo(key.id, tenant, binding, version));
  return { keyId: key.id, sealed: `v1.${key.id}.${Buffer.from(box).toString('base64url')}` };
}

export function openSecret(
  keyring: Keyring,
  tenant: TenantId,
  binding: Binding,
  version: number,
  sealed: string,
): Secret {
  const [form, keyId, text] = sealed.split('.');
  const key = keyring.find((each) => each.id === keyId);
  const box = Buffer.from(text ?? '', 'base64url');
  if (form !== 'v1' || box.length <= nonceAndTagBytes) throw shut(binding, 'its sealed form cannot be read');
  if (key === undefined) throw shut(binding, `the vault key ${keyId} that sealed it is not here`);
  try {
    const plain = openBox(dataKey(key, tenant), box, boundTo(key.id, tenant, binding, version));
    return new Secret(Buffer.from(plain).toString());
  } catch {
    // GCM says only that something differs: the box, the key, or what it was bound to.
    throw shut(binding, 'it was sealed for another tenant, credential, version or origin, or was changed');
  }
}

const nonceAndTagBytes = 28;

const shut = (binding: Binding, why: string) => refuse('vault.cannot_open', `credential ${binding.id}: ${why}`);

// One data key per tenant: what seals for one opens nothing of another, whatever a row says.
function dataKey(key: VaultKey, tenant: TenantId): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key.bytes, 'ambit vault data v1', tenant, 32));
}

// INVARIANT (a secret knows its door): where it may go is under the seal, not only in the row beside it.
function boundTo(keyId: string, tenant: TenantId, binding: Binding, version: number): string {
  const { id, kind, place, origins, api, agentUser } = binding;
  return JSON.stringify([
    'ambit-vault-v1',
    keyId,
    tenant,
    id,
    version,
    kind,
    place,
    [...origins].sort(),
    api,
    agentUser,
  ]);
}
