import type { ChannelId, EntryId } from '@ambit/protocol';
import { type Change, entry, type Ground, type PersonCaller, refuse, span } from '../../foundation/index.ts';
import { requireRole } from '../../identity/index.ts';
import type { Channel, ChannelKind, ChannelKindName, Delivery, NewChannel } from './channel.ts';
import { testNotice } from './notice.ts';
import { freshSecret, type Seal } from './secrets.ts';
import type { SigningSecret } from './standard-webhooks.ts';
import {
  addChannel,
  addDelivery,
  addPosition,
  changeChannel,
  changeDelivery,
  changePosition,
  channelsMax,
  findChannel,
  findPosition,
  listByState,
  listChannels,
} from './store.ts';

export type ChangingChannels = {
  readonly ground: Ground;
  readonly seal: Seal;
  readonly kinds: { readonly [K in ChannelKindName]: ChannelKind };
};

type Made = { readonly channel: Channel; readonly made: SigningSecret | null; readonly entry: EntryId };

async function told(
  ground: Ground,
  by: PersonCaller,
  kind: `channel.${string}`,
  changes: readonly Change[],
  { channel, ...detail }: { readonly channel: ChannelId } & Record<string, unknown>,
): Promise<EntryId> {
  requireRole(by, 'administrator');
  const id = ground.newId('entry');
  const keys = [`ambit:channel/${channel}`];
  const draft = entry({ id, kind, who: by.who, keys, detail: { channel, ...detail } });
  await ground.database.commit({ tenant: by.tenant, changes, entries: [draft] });
  return id;
}

export async function requireChannel(ground: Ground, by: PersonCaller, id: ChannelId): Promise<Channel> {
  const found = await findChannel(ground, by.tenant, id);
  if (found !== undefined && found.state !== 'removed') return found;
  throw refuse('thing.not_found', `no channel ${id}`);
}

/** It hears of what happens from here on. The secret is in the answer, once. */
export function addNewChannel(parts: ChangingChannels, by: PersonCaller, given: NewChannel): Promise<Made> {
  return span('approvals/add-channel', async () => {
    const { ground, seal, kinds } = parts;
    const there = await listChannels(ground, by.tenant, ['active', 'disabled']);
    if (there.length >= channelsMax) throw refuse('channel.too_many', `${there.length} channels are there`);
    const { isPersonal, begin: beginOf } = kinds[given.kind];
    if (isPersonal && there.some(({ kind }) => kind === given.kind))
      throw refuse(
        'channel.too_many',
        `there is a channel of kind ${given.kind}`,
        'One of that kind is there already.',
      );
    const id = ground.newId('channel');
    const begin = beginOf(given);
    const fresh = begin.signing === null ? null : freshSecret(seal, id, begin.signing);
    const channel: Channel = {
      id,
      kind: given.kind,
      name: given.name,
      ...begin,
      secrets: fresh === null ? [] : [fresh.kept],
      state: 'active',
      reason: null,
      addedBy: by.person,
      addedAt: ground.clock(),
      epoch: 1,
    };
    const { size } = await ground.database.log.head();
    const start = { channel: id, next: size, holder: null, failures: 0, retryAt: 0, failingSince: null };
    const changes = [addChannel(channel), addPosition(start)];
    const { name, kind, url, signing } = channel;
    const entry = await told(ground, by, 'channel.added', changes, { channel: id, name, kind, url, signing });
    return { channel, made: fresh?.made ?? null, entry };
  });
}

/** A new secret signs from here on; the one before goes on to sign beside it until the overlap ends. */
export function rotateChannel(
  { ground, seal }: ChangingChannels,
  by: PersonCaller,
  { id, overlapSeconds }: { readonly id: ChannelId; readonly overlapSeconds: number },
): Promise<Made> {
  return span('approvals/rotate-channel', async () => {
    const channel = await requireChannel(ground, by, id);
    if (channel.signing === null) throw refuse('channel.no_secret', `${id} signs nothing`);
    const now = ground.clock();
    const fresh = freshSecret(seal, id, channel.signing);
    const [newest] = channel.secrets;
    // Of what was there, one goes on: who rotates twice wants to be rid of the first.
    const before =
      newest === undefined || overlapSeconds === 0 ? [] : [{ ...newest, until: now + overlapSeconds * 1000 }];
    const set = { secrets: [fresh.kept, ...before] };
    const changes = [changeChannel(channel, set)];
    const detail = { channel: id, overlapSeconds, shown: fresh.kept.shown };
    const entry = await told(ground, by, 'channel.rotated', changes, detail);
    return { channel: { ...channel, ...set }, made: fresh.made, entry };
  });
}

/** Puts up a test. It goes the way of every notice; by mail it goes to whoever asks for it. */
export function testChannel(
  { ground, kinds }: ChangingChannels,
  by: PersonCaller,
  id: ChannelId,
): Promise<{ delivery: Delivery; entry: EntryId }> {
  return span('approvals/test-channel', async () => {
    const channel = await requireChannel(ground, by, id);
    if (channel.state !== 'active') throw refuse('channel.disabled', `${id} is ${channel.state}: ${channel.reason}`);
    const person = kinds[channel.kind].isPersonal ? by.person : null;
    const { size } = await ground.database.log.head();
    const delivery: Delivery = {
      id: ground.newId('delivery'),
      channel: id,
      person,
      approval: null,
      notice: testNotice(ground.clock()),
      place: size,
      state: 'waiting',
      attempts: 0,
      triedAt: null,
      said: null,
    };
    const position = await findPosition(ground, by.tenant, id);
    // Whoever tests has just mended something: it is tried at once.
    const now = position === undefined ? [] : [changePosition(position, { retryAt: 0 })];
    const changes = [addDelivery(delivery), ...now];
    return {
      delivery,
      entry: await told(ground, by, 'channel.tested', changes, { channel: id, delivery: delivery.id }),
    };
  });
}

/** What happened while it was disabled is not told. */
export function enableChannel(
  { ground }: ChangingChannels,
  by: PersonCaller,
  id: ChannelId,
): Promise<{ channel: Channel; entry: EntryId }> {
  return span('approvals/enable-channel', async () => {
    const channel = await requireChannel(ground, by, id);
    const position = await findPosition(ground, by.tenant, id);
    if (channel.state !== 'disabled' || position === undefined)
      throw refuse('channel.enabled', `${id} is ${channel.state}`);
    const { size: next } = await ground.database.log.head();
    const set = { state: 'active', reason: null } as const;
    const start = { next, holder: null, failures: 0, retryAt: 0, failingSince: null };
    const changes = [changeChannel(channel, set), changePosition(position, start)];
    return {
      channel: { ...channel, ...set },
      entry: await told(ground, by, 'channel.enabled', changes, { channel: id }),
    };
  });
}

/** It is told nothing any more, and its secrets are forgotten. */
export function removeChannel(
  { ground }: ChangingChannels,
  by: PersonCaller,
  id: ChannelId,
): Promise<{ entry: EntryId }> {
  return span('approvals/remove-channel', async () => {
    const channel = await requireChannel(ground, by, id);
    const waiting = await listByState(ground, by.tenant, id, ['waiting'], 10_000);
    const changes = [
      changeChannel(channel, { state: 'removed', secrets: [] }),
      ...waiting.map((one) => changeDelivery(one, { state: 'dropped', said: 'the channel was removed' })),
    ];
    return { entry: await told(ground, by, 'channel.removed', changes, { channel: id, dropped: waiting.length }) };
  });
}
