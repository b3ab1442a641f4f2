import { integer, object, oneOf, optional, parseId, text } from '@ambit/protocol';
import type { Channel as ChannelTold, Delivery as DeliveryTold } from '@ambit/protocol/wire';
import { type Route, refuse, route } from '../../foundation/index.ts';
import {
  addNewChannel,
  type ChangingChannels,
  enableChannel,
  removeChannel,
  requireChannel,
  rotateChannel,
  testChannel,
} from './change-channels.ts';
import { type Channel, channelKindNames, type Delivery } from './channel.ts';
import { mailWishes, preferenceByDefault, setMailWish } from './preference.ts';
import type { SigningSecret } from './standard-webhooks.ts';
import { findDelivery, findPosition, findPreference, listChannels, listDeliveries } from './store.ts';

const listedMax = 200;
const overlapSecondsMax = 604_800;

/** What administrators do with channels. No secret is shown but in the answer that made it. */
export function channelsRoutes(parts: ChangingChannels): readonly Route[] {
  const { ground } = parts;
  const who = 'administrator';
  return [
    route({
      method: 'POST',
      path: '/v1/channels',
      who,
      body: object({
        kind: oneOf(...channelKindNames),
        name: text({ max: 80 }),
        url: optional(text({ max: 2048 })),
        signing: optional(oneOf('hmac', 'ed25519')),
      }),
      says: 'Adds a channel by which people hear of questions. Its secret is in this answer and in no other.',
      run: async ({ caller, body }) => {
        const { channel, made, entry } = await addNewChannel(parts, caller, body);
        return { status: 201, body: { ...shown(channel), ...secretOnce(made) }, entry };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/channels',
      who,
      says: 'The channels, and how each of them fares.',
      run: async ({ caller }) => {
        const all = await listChannels(ground, caller.tenant, ['active', 'disabled']);
        const channels = await Promise.all(
          all.map(async (one) => {
            const position = await findPosition(ground, caller.tenant, one.id);
            const { failures = 0, failingSince = null, retryAt = 0 } = position ?? {};
            return { ...shown(one), failures, failingSince, retryAt: failures === 0 ? null : retryAt };
          }),
        );
        return { status: 200, body: { channels } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/channels/:channel/deliveries',
      who,
      says: 'What a channel told in the last week, the newest first: to whom, how often it was tried, what came of it.',
      run: async ({ caller, params }) => {
        const channel = await requireChannel(ground, caller, channelIn(params.channel));
        const all = await listDeliveries(ground, caller.tenant, channel.id, listedMax);
        return { status: 200, body: { deliveries: all.map(shownDelivery) } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/channels/:channel/deliveries/:delivery',
      who,
      says: 'What came of one delivery.',
      run: async ({ caller, params }) => {
        const channel = await requireChannel(ground, caller, channelIn(params.channel));
        const wanted = parseId('delivery', params.delivery);
        const found = wanted && (await findDelivery(ground, caller.tenant, wanted));
        if (!found || found.channel !== channel.id) throw refuse('thing.not_found', `no delivery ${params.delivery}`);
        return { status: 200, body: shownDelivery(found) };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/channels/:channel/rotate',
      who,
      body: object({ overlapSeconds: integer({ min: 0, max: overlapSecondsMax }) }),
      says: 'Gives a channel a new secret, which is in this answer and in no other. The old one signs beside it until the overlap ends.',
      run: async ({ caller, params, body }) => {
        const wanted = { id: channelIn(params.channel), ...body };
        const { channel, made, entry } = await rotateChannel(parts, caller, wanted);
        return { status: 200, body: { ...shown(channel), ...secretOnce(made) }, entry };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/channels/:channel/test',
      who,
      says: 'Sends a test by a channel, as it would send a question.',
      run: async ({ caller, params }) => {
        const { delivery, entry } = await testChannel(parts, caller, channelIn(params.channel));
        return { status: 202, body: shownDelivery(delivery), entry };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/channels/:channel/enable',
      who,
      says: 'Enables a channel that was disabled. What happened meanwhile is not told.',
      run: async ({ caller, params }) => {
        const { channel, entry } = await enableChannel(parts, caller, channelIn(params.channel));
        return { status: 200, body: shown(channel), entry };
      },
    }),
    route({
      method: 'DELETE',
      path: '/v1/channels/:channel',
      who,
      says: 'Removes a channel: it is told nothing any more.',
      run: async ({ caller, params }) => ({
        status: 204,
        ...(await removeChannel(parts, caller, channelIn(params.channel))),
      }),
    }),
    route({
      method: 'GET',
      path: '/v1/me/notifications',
      who: 'person',
      says: 'How the caller hears of questions by mail.',
      run: async ({ caller }) => {
        const found = await findPreference(ground, caller.tenant, caller.person);
        return { status: 200, body: { mail: found?.mail ?? preferenceByDefault } };
      },
    }),
    route({
      method: 'PUT',
      path: '/v1/me/notifications',
      who: 'person',
      body: object({ mail: oneOf(...mailWishes) }),
      says: 'Sets how the caller hears of questions by mail: of each, once an hour how many wait, or not at all.',
      run: async ({ caller, body }) => {
        const { preference, entry } = await setMailWish(ground, caller, body.mail);
        return { status: 200, body: { mail: preference.mail }, entry };
      },
    }),
  ];
}

function channelIn(given: string | undefined): Channel['id'] {
  const found = parseId('channel', given);
  if (found === undefined) throw refuse('thing.not_found', `${given} is no id of a channel`);
  return found;
}

const shown = ({ secrets, epoch, state, ...channel }: Channel): ChannelTold => ({
  ...channel,
  // A removed one is found by nobody.
  state: state === 'active' ? state : 'disabled',
  publicKeys: secrets.flatMap(({ shown: key, until }) => (key === null ? [] : [{ key, until }])),
});

const secretOnce = (made: SigningSecret | null): { readonly secret?: string } =>
  made === null || made.shown !== null ? {} : { secret: made.secret };

const shownDelivery = ({ notice, place, ...delivery }: Delivery): DeliveryTold => ({
  ...delivery,
  type: notice.type,
  at: notice.at,
});
