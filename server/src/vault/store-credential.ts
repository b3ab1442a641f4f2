import type { AgentUserId, TenantId, Who } from '@ambit/protocol';
import { entry, type Ground, insert, type Secret, span } from '../foundation/index.ts';
import {
  type Credential,
  type CredentialKind,
  readOrigins,
  requireOrigins,
  requirePlace,
  secretFor,
} from './credential.ts';
import { type Keyring, sealSecret } from './seal.ts';
import { credentials, doors, doorsOf, secrets } from './store.ts';

export type NewCredential = {
  readonly name: string;
  readonly kind: CredentialKind;
  readonly place: string | null;
  readonly origins: readonly string[];
  readonly api: string | null;
  readonly agentUser: AgentUserId | null;
  /** Null where nothing is kept: SVIDs. */
  readonly secret: Secret | null;
};

/** Seals a secret for the origins that a person names. From here on nobody reads it: it is only lent. */
export function storeCredential(
  ground: Ground,
  keyring: Keyring,
  by: { readonly tenant: TenantId; readonly who: Who },
  wanted: NewCredential,
): Promise<Credential> {
  return span('vault/store-credential', async () => {
    requirePlace(wanted.kind, wanted.place);
    requireOrigins(wanted.kind, wanted.origins);
    const secret = secretFor(wanted.kind, wanted.secret);
    const now = ground.clock();
    const credential: Credential = {
      id: ground.newId('credential'),
      name: wanted.name,
      kind: wanted.kind,
      place: wanted.place,
      origins: readOrigins(wanted.origins),
      api: wanted.api,
      agentUser: wanted.agentUser,
      state: 'active',
      version: 1,
      createdAt: now,
      flaggedAt: null,
    };
    const sealed = sealSecret(keyring, by.tenant, credential, 1, secret);
    await ground.database.commit({
      tenant: by.tenant,
      changes: [
        insert(credentials, credential, 'thing.exists'),
        insert(secrets, { credential: credential.id, version: 1, ...sealed, createdAt: now, watchedUntil: null }),
        ...doorsOf(credential).map((door) => insert(doors, door, 'vault.door_taken')),
      ],
      entries: [
        entry({
          id: ground.newId('entry'),
          kind: 'credential.stored',
          who: by.who,
          keys: [credential.id],
          detail: { credential, sealedUnder: sealed.keyId },
        }),
      ],
    });
    return credential;
  });
}
