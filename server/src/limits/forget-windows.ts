import type { TenantId } from '@ambit/protocol';
import { type Ground, span } from '../foundation/index.ts';

/** By then every call that was counted in the window has long given back what it did not use. */
const keptMilliseconds = 86_400_000;
const everyMilliseconds = 60_000;
const forgottenAtOnceMax = 5000;

/**
 * Forgets the counters of windows that ended a day ago and more, for one tenant at a time, each at most once a minute.
 * What counts in all, of a task or of an agent, has no window and stays.
 */
export function createWindowSweep({ database, clock }: Ground): (tenant: TenantId) => Promise<void> {
  const sweptAt = new Map<TenantId, number>();
  return (tenant) =>
    span('limits/forget-windows', async () => {
      const now = clock();
      if (now - (sweptAt.get(tenant) ?? 0) < everyMilliseconds) return;
      const endedBefore = now - keptMilliseconds;
      const change = { change: 'purge-counters', endedBefore, max: forgottenAtOnceMax } as const;
      await database.commit({ tenant, changes: [change], entries: [] });
      sweptAt.set(tenant, now);
    });
}
