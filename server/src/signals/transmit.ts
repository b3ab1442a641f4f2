import type { TenantId } from '@ambit/protocol';
import { findEnforcementPoint } from '../identity/index.ts';
import { delivery } from './names.ts';
import { type Pushing, push } from './push.ts';
import { readLog } from './read-log.ts';
import { listStreams } from './store.ts';

export type Transmitting = {
  /** Takes up what the log told since, and goes on sending. It waits for the log, and for no receiver. */
  readonly tick: (tenant: TenantId) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** What every tick does for each stream of a tenant whose receiver is still registered. */
export function createTransmitting(
  parts: Pushing,
  failed: (tenant: TenantId, error: unknown) => Promise<void>,
): Transmitting {
  const sending = new Map<string, Promise<void>>();
  let stopped = false;
  return {
    async tick(tenant) {
      const { ground, issuer } = parts;
      for (const stream of await listStreams(ground, tenant)) {
        const point = await findEnforcementPoint(ground, tenant, stream.point);
        if (stopped || point?.state !== 'active' || stream.status !== 'enabled') continue;
        await readLog(ground, tenant, stream, issuer.url);
        if (stream.method !== delivery.push || sending.has(stream.id)) continue;
        const done = push(parts, tenant, stream)
          .catch((error: unknown) => failed(tenant, error))
          .finally(() => sending.delete(stream.id));
        sending.set(stream.id, done);
      }
    },
    async stop() {
      stopped = true;
      await Promise.all(sending.values());
    },
  };
}
