import type { ChannelId } from '@ambit/protocol';
import type { Channel, ChannelFare, ChannelWithSecret, Delivery, MailWish, NewChannel } from '@ambit/protocol/wire';
import { at } from '../../wire/path.ts';
import type { Ask } from '../request.ts';

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
