import type { ChannelId } from '@ambit/protocol';
import type { Delivery, MailWish, NewChannel } from '@ambit/protocol/wire';
import type { Ask } from '../request.ts';

export type Channels = ReturnType<typeof channelsRoom>;

/** For administrators, except for what everybody wishes for themselves. */
export function channelsRoom({ json }: Ask) {
  return {
    /** Hears of what happens from here on. */
    add: (channel: NewChannel) => json('POST /v1/channels', { body: channel }),
    list: async () => (await json('GET /v1/channels')).channels,
    /** What was told in the last week, the newest first. */
    deliveries: async (channel: ChannelId) =>
      (await json('GET /v1/channels/:channel/deliveries', { at: { channel } })).deliveries,
    delivery: ({ channel, id }: Pick<Delivery, 'channel' | 'id'>) =>
      json('GET /v1/channels/:channel/deliveries/:delivery', { at: { channel, delivery: id } }),
    /** The secret before goes on to sign beside the new one for so long. */
    rotate: (channel: ChannelId, overlapSeconds: number) =>
      json('POST /v1/channels/:channel/rotate', { at: { channel }, body: { overlapSeconds } }),
    test: (channel: ChannelId) => json('POST /v1/channels/:channel/test', { at: { channel } }),
    enable: (channel: ChannelId) => json('POST /v1/channels/:channel/enable', { at: { channel } }),
    /** How one hears of questions by mail oneself. */
    mailWish: async () => (await json('GET /v1/me/notifications')).mail,
    wishMail: async (mail: MailWish) => (await json('PUT /v1/me/notifications', { body: { mail } })).mail,
    remove: (channel: ChannelId) => json('DELETE /v1/channels/:channel', { at: { channel } }),
  };
}
