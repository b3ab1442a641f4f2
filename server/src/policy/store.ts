import type { TenantId } from '@ambit/protocol';
import type { DomainDraft, PublishedDomain as DomainTold, Policy as PublishedPolicy } from '@ambit/protocol/wire';
import { type Ground, type Table, table } from '../foundation/index.ts';

export type { PublishedPolicy };

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

export type PublishedDomain = DomainTold & Pick<DomainDraft, 'entities'>;

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
