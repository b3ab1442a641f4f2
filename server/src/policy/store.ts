import type { PersonId, TenantId } from '@ambit/protocol';
import { type Ground, type Table, table } from '../foundation/index.ts';
import type { DomainDraft } from './domains/domain.ts';

/** A published version of a tenant's rules. Versions are never edited; the newest counts. */
export type PublishedPolicy = {
  /** Rises by one with each publication. */
  readonly number: number;
  readonly text: string;
  /** `sha-256:` of the text alone. */
  readonly digest: string;
  readonly publishedBy: PersonId | 'plane';
  readonly publishedAt: number;
  readonly note: string;
};

export const publishedPolicies: Table<PublishedPolicy> = table<PublishedPolicy>('policies', {
  columns: {
    number: 'integer',
    text: 'text',
    digest: 'text',
    publishedBy: 'text',
    publishedAt: 'integer',
    note: 'text',
  },
  key: ['number'],
  governed: true,
});

export async function newestPolicy(ground: Ground, tenant: TenantId): Promise<PublishedPolicy | undefined> {
  const [newest] = await ground.database.list(publishedPolicies, tenant, { order: ['number', 'desc'], limit: 1 });
  return newest;
}

export const listPolicies = (ground: Ground, tenant: TenantId) =>
  ground.database.list(publishedPolicies, tenant, { order: ['number', 'desc'], limit: 200 });

export const findPolicy = (ground: Ground, tenant: TenantId, number: number) =>
  ground.database.find(publishedPolicies, tenant, { number });

/** A published version of one domain, whole. Versions are never edited; the newest of a name counts. */
export type PublishedDomain = DomainDraft & {
  readonly name: string;
  /** Rises by one with each publication of that name. */
  readonly number: number;
  /** `sha-256:` of all its parts. */
  readonly digest: string;
  readonly publishedBy: PersonId;
  readonly publishedAt: number;
  readonly note: string;
};

export const publishedDomains: Table<PublishedDomain> = table<PublishedDomain>('domains', {
  columns: {
    name: 'text',
    number: 'integer',
    schema: 'text',
    rules: 'text',
    entities: 'text',
    digest: 'text',
    publishedBy: 'text',
    publishedAt: 'integer',
    note: 'text',
  },
  key: ['name', 'number'],
  governed: true,
});

export async function newestDomain(ground: Ground, tenant: TenantId, name: string) {
  const where = { name };
  const [newest] = await ground.database.list(publishedDomains, tenant, { where, order: ['number', 'desc'], limit: 1 });
  return newest;
}

/** The versions of one domain, newest first. Each is whole, so they are read a few at a time. */
export const listDomainVersions = (ground: Ground, tenant: TenantId, name: string) =>
  ground.database.list(publishedDomains, tenant, { where: { name }, order: ['number', 'desc'], limit: 20 });
