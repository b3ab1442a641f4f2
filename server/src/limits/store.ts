import type { TenantId } from '@ambit/protocol';
import { type Ground, type Table, table } from '../foundation/index.ts';
import type { StandingLimit } from './standing-limit.ts';

export const standingLimitsMax = 500;

export const standingLimits: Table<StandingLimit> = table<StandingLimit>('standing_limits', {
  columns: {
    name: 'text',
    subject: 'text',
    whom: 'text',
    actions: 'json',
    limit: 'json',
    reason: 'text',
    setAt: 'integer',
    setBy: 'text',
  },
  key: ['name'],
  governed: true,
});

export function listStandingLimits(ground: Ground, tenant: TenantId): Promise<StandingLimit[]> {
  return ground.database.list(standingLimits, tenant, { order: ['name', 'asc'], limit: standingLimitsMax });
}

export function findStandingLimit(ground: Ground, tenant: TenantId, name: string): Promise<StandingLimit | undefined> {
  return ground.database.find(standingLimits, tenant, { name });
}
