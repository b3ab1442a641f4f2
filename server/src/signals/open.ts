import type { TenantId } from '@ambit/protocol';
import { sweepSignals } from './apply-signal.ts';
import { createPolling } from './poll-transmitters.ts';
import { createPublishedKeys } from './published-keys.ts';
import type { Receiver } from './receive.ts';
import type { Receiving } from './receiving.ts';
import type { Issuing } from './sign-set.ts';
import { createTransmitting } from './transmit.ts';

export type SignalsParts = Receiving & {
  readonly issuer: Issuing;
  readonly waitMsMax: number;
  /** Records what went wrong where no caller is left to hear of it. */
  readonly failed: (tenant: TenantId, about: string, error: unknown) => Promise<void>;
};

export type Signals = {
  /** What the routes of each side are made with. */
  readonly transmitter: SignalsParts;
  readonly receiver: Receiver;
  /** What every tick does for a tenant: reads the log, sends, fetches, and takes up what a crash left. */
  readonly tick: (tenant: TenantId) => Promise<void>;
  readonly stop: () => Promise<void>;
};

export function openSignals(parts: SignalsParts): Signals {
  const receiver = { ...parts, keys: createPublishedKeys(parts.outbound) };
  const transmitting = createTransmitting(parts, (tenant, error) => parts.failed(tenant, 'sending signals', error));
  const polling = createPolling(receiver, (tenant, error) => parts.failed(tenant, 'fetching signals', error));
  return {
    transmitter: parts,
    receiver,
    async tick(tenant) {
      await transmitting.tick(tenant);
      await polling.tick(tenant);
      await sweepSignals(receiver, tenant);
    },
    async stop() {
      await Promise.all([transmitting.stop(), polling.stop()]);
    },
  };
}
