import type { AgentUserId, CredentialId, TenantId } from '@ambit/protocol';
import { type Ground, type Table, table } from '../foundation/index.ts';
import type { Credential } from './credential.ts';

export const credentials: Table<Credential> = table<Credential>('credentials', {
  columns: {
    id: 'text',
    name: 'text',
    kind: 'text',
    place: 'text',
    origins: 'json',
    api: 'text',
    agentUser: 'text',
    state: 'text',
    version: 'integer',
    createdAt: 'integer',
    flaggedAt: 'integer',
  },
  key: ['id'],
  unique: [['name']],
  governed: true,
});

/** One version of a secret, as `seal.ts` closed it. */
export type SealedSecret = {
  readonly credential: CredentialId;
  readonly version: number;
  readonly keyId: string;
  readonly sealed: string;
  readonly createdAt: number;
  /** Answers are still searched for a version that was rotated away, until then; null for the version in use. */
  readonly watchedUntil: number | null;
};

export const secrets: Table<SealedSecret> = table<SealedSecret>('credential_secrets', {
  columns: {
    credential: 'text',
    version: 'integer',
    keyId: 'text',
    sealed: 'text',
    createdAt: 'integer',
    watchedUntil: 'integer',
  },
  key: ['credential', 'version'],
  indexes: [['keyId']],
  governed: true,
});

/** Which credential answers for an origin, an API and an agent user. Empty text stands for any: one row per question. */
export type Door = {
  readonly origin: string;
  readonly api: string;
  readonly agentUser: string;
  readonly credential: CredentialId;
};

export const doors: Table<Door> = table<Door>('credential_doors', {
  columns: { origin: 'text', api: 'text', agentUser: 'text', credential: 'text' },
  key: ['origin', 'api', 'agentUser'],
  governed: true,
});

export function doorsOf(credential: Credential): readonly Door[] {
  const { id, origins, api, agentUser } = credential;
  return origins.map((origin) => ({ origin, api: api ?? '', agentUser: agentUser ?? '', credential: id }));
}

export async function findDoor(
  ground: Ground,
  tenant: TenantId,
  at: { readonly origin: string; readonly api: string | null; readonly agentUser: AgentUserId | null },
): Promise<CredentialId | undefined> {
  const key = { origin: at.origin, api: at.api ?? '', agentUser: at.agentUser ?? '' };
  return (await ground.database.find(doors, tenant, key))?.credential;
}

export function findCredential(ground: Ground, tenant: TenantId, id: CredentialId): Promise<Credential | undefined> {
  return ground.database.find(credentials, tenant, { id });
}

export const credentialsMax = 1_000;

export function listCredentials(ground: Ground, tenant: TenantId): Promise<Credential[]> {
  return ground.database.list(credentials, tenant, { order: ['createdAt', 'asc'], limit: credentialsMax });
}

export const versionsMax = 16;

/** Every version still kept, the newest first. */
export function versionsOf(ground: Ground, tenant: TenantId, credential: CredentialId): Promise<SealedSecret[]> {
  return ground.database.list(secrets, tenant, {
    where: { credential },
    order: ['version', 'desc'],
    limit: versionsMax,
  });
}

/** Versions that one of these keys sealed, at most `limit`. */
export function sealedUnder(
  ground: Ground,
  tenant: TenantId,
  keyIds: readonly string[],
  limit: number,
): Promise<SealedSecret[]> {
  return ground.database.list(secrets, tenant, { where: { keyId: keyIds }, limit });
}
