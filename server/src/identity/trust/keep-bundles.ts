import type { TenantId } from '@ambit/protocol';
import type { Ground } from '../../foundation/index.ts';
import { refreshBundles } from './refresh-bundles.ts';
import type { FetchText } from './trust-domain.ts';

/** Keeps bundles fresh beside all other upkeep, which an address that does not answer must not hold up. */
export function keepBundles(
  ground: Ground,
  fetchText: FetchText,
  complain: (about: string, error: unknown) => void,
): { readonly refresh: (tenant: TenantId) => void; readonly stop: () => Promise<void> } {
  const running = new Map<TenantId, Promise<void>>();
  return {
    refresh(tenant) {
      if (running.has(tenant)) return;
      const one = refreshBundles(ground, tenant, fetchText)
        .catch((error: unknown) => complain('what came of fetching bundles', error))
        .finally(() => running.delete(tenant));
      running.set(tenant, one);
    },
    stop: async () => void (await Promise.all(running.values())),
  };
}
