import type { ApprovalId, ChannelId, DeliveryId, PersonId } from '@ambit/protocol';
import { at } from '../../wire/path.ts';
import type { Ask } from '../request.ts';

export type NewChannel =
  | {
      readonly kind: 'webhook';
      readonly name: string;
      /** Where to post; https. */
      readonly url: string;
      /** `hmac` unless said: a shared secret. `ed25519`: the plane keeps the key, and tells its public half. */
      readonly signing?: 'hmac' | 'ed25519';
    }
  /** To everybody who may answer, each as they wish. A tenant has one at most. */
  | { readonly kind: 'mail'; readonly name: string };

/** `each` question; a `digest` once an hour, which says how many wait; or `off`. */
export type MailWish = 'each' | 'digest' | 'off';

/** A way by which people hear of questions. Times are epoch milliseconds. */
export type Channel = {
  readonly id: ChannelId;
  readonly kind: string;
  readonly name: string;
  readonly url: string | null;
  readonly signing: 'hmac' | 'ed25519' | null;
  /** `disabled`: nothing is told until it is enabled. */
  readonly state: 'active' | 'disabled';
  readonly reason: string | null;
  /** `whpk_…`, the newest first, and until when an older one still signs. */
  readonly publicKeys: readonly { readonly key: string; readonly until: number | null }[];
  readonly addedBy: PersonId;
  readonly addedAt: number;
};

/** How it fares: attempts that failed in a row, since when, and when it is tried again. */
export type ChannelFare = Channel & {
  readonly failures: number;
  readonly failingSince: number | null;
  readonly retryAt: number | null;
};

/** `whsec_…`, shown here and never again; absent where the plane keeps a key of its own. */
export type ChannelWithSecret = Channel & { readonly secret?: string };

export type Delivery = {
  readonly id: DeliveryId;
  readonly channel: ChannelId;
  /** Whom it is for; null for the endpoint of the channel. */
  readonly person: PersonId | null;
  readonly approval: ApprovalId | null;
  readonly type: 'approval.asked' | 'approval.answered' | 'approval.expired' | 'channel.test';
  readonly at: number;
  readonly state: 'waiting' | 'delivered' | 'summed' | 'refused' | 'over' | 'dropped';
  readonly attempts: number;
  readonly triedAt: number | null;
  readonly said: string | null;
};

export type Channels = ReturnType<typeof channelsRoom>;

/** For administrators, except for what everybody wishes for themselves. */
export function channelsRoom({ json }: Ask) {
  const channels = '/v1/channels';
  const of = (channel: ChannelId, rest = '') => at(`${channels}/`, channel, rest);
  return {
    /** Hears of what happens from here on. */
    add: (channel: NewChannel) => json<ChannelWithSecret>('POST', channels, channel),
    list: async () => (await json<{ channels: readonly ChannelFare[] }>('GET', channels)).channels,
    /** What was told in the last week, the newest first. */
    deliveries: async (channel: ChannelId) =>
      (await json<{ deliveries: readonly Delivery[] }>('GET', of(channel, '/deliveries'))).deliveries,
    delivery: ({ channel, id }: Pick<Delivery, 'channel' | 'id'>) =>
      json<Delivery>('GET', at(`${channels}/`, channel, '/deliveries/', id)),
    /** The secret before goes on to sign beside the new one for so long. */
    rotate: (channel: ChannelId, overlapSeconds: number) =>
      json<ChannelWithSecret>('POST', of(channel, '/rotate'), { overlapSeconds }),
    test: (channel: ChannelId) => json<Delivery>('POST', of(channel, '/test')),
    enable: (channel: ChannelId) => json<Channel>('POST', of(channel, '/enable')),
    /** How one hears of questions by mail oneself. */
    mailWish: async () => (await json<{ mail: MailWish }>('GET', '/v1/me/notifications')).mail,
    wishMail: async (mail: MailWish) => (await json<{ mail: MailWish }>('PUT', '/v1/me/notifications', { mail })).mail,
    remove: (channel: ChannelId) => json<void>('DELETE', of(channel)),
  };
}
