import type { TenantId } from '@ambit/protocol';
import type { Ground, SendingNode } from '../../foundation/index.ts';
import type { ChangingChannels } from './change-channels.ts';
import type { Channel } from './channel.ts';
import { deliver } from './deliver.ts';
import { followLog } from './follow-log.ts';
import { type MailParts, mailKind } from './mail.ts';
import { forgetDelivery, listByState, listChannels } from './store.ts';
import { type WebhookParts, webhookKind } from './webhook.ts';

export type ChannelsParts = SendingNode &
  WebhookParts &
  MailParts & {
    /** Records what went wrong where no caller is left to hear of it. */
    readonly failed: (tenant: TenantId, about: string, error: unknown) => Promise<void>;
  };

export type Channels = {
  /** What the routes are made with. */
  readonly changing: ChangingChannels;
  /** What every tick does for a tenant: takes up what the log told since, and goes on sending. It waits for no receiver. */
  readonly tick: (tenant: TenantId) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Every way by which people hear of questions. A new one is mounted here. */
export function openChannels(parts: ChannelsParts): Channels {
  const { ground, seal, failed } = parts;
  const kinds = { webhook: webhookKind(parts), mail: mailKind(parts) };
  const sending = new Map<string, Promise<void>>();
  const forget = createForgetting(ground);
  let stopped = false;
  return {
    changing: { ground, seal, kinds },
    async tick(tenant) {
      for (const channel of await listChannels(ground, tenant, ['active', 'disabled'])) {
        await forget(tenant, channel);
        if (stopped || channel.state !== 'active') continue;
        const kind = kinds[channel.kind];
        await followLog(ground, tenant, channel, kind);
        if (sending.has(channel.id)) continue;
        const done = deliver(parts, tenant, channel, kind)
          .catch((error: unknown) => failed(tenant, 'telling people of questions', error))
          .finally(() => sending.delete(channel.id));
        sending.set(channel.id, done);
      }
    },
    async stop() {
      stopped = true;
      await Promise.all(sending.values());
    },
  };
}

const everyMs = 60_000;
const keptMs = 7 * 86_400_000;
const atOnceMax = 500;

/** What is done with is listed for a week. */
function createForgetting(ground: Ground) {
  const lookedAt = new Map<string, number>();
  return async (tenant: TenantId, { id }: Channel): Promise<void> => {
    const now = ground.clock();
    if (now < (lookedAt.get(id) ?? 0) + everyMs) return;
    lookedAt.set(id, now);
    const done = await listByState(
      ground,
      tenant,
      id,
      ['delivered', 'summed', 'refused', 'over', 'dropped'],
      atOnceMax,
    );
    const old = done.filter(({ notice, triedAt }) => (triedAt ?? notice.at) < now - keptMs);
    if (old.length > 0) await ground.database.commit({ tenant, changes: old.map(forgetDelivery), entries: [] });
  };
}
