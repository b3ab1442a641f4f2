import type { PersonId, TenantId } from '@ambit/protocol';
import { type Ground, type Table, table } from '../foundation/index.ts';

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
