import type { ChannelId, DeliveryId, PersonId, TenantId } from '@ambit/protocol';
import { type Change, type Ground, insert, remove, table, update } from '../../foundation/index.ts';
import type { Channel, Delivery, Position } from './channel.ts';
import type { Preference } from './preference.ts';

const channels = table<Channel>('approval_channels', {
  columns: {
    id: 'text',
    kind: 'text',
    name: 'text',
    url: 'text',
    signing: 'text',
    secrets: 'json',
    state: 'text',
    reason: 'text',
    addedBy: 'text',
    addedAt: 'integer',
    epoch: 'integer',
  },
  key: ['id'],
  governed: true,
});

// Not governed: they follow the log, and move with every question. What was told stands in the log itself.
const positions = table<Position>('approval_channel_positions', {
  columns: {
    channel: 'text',
    next: 'integer',
    holder: 'text',
    failures: 'integer',
    retryAt: 'integer',
    failingSince: 'integer',
  },
  key: ['channel'],
  governed: false,
});

const deliveries = table<Delivery>('approval_deliveries', {
  columns: {
    id: 'text',
    channel: 'text',
    person: 'text',
    approval: 'text',
    notice: 'json',
    place: 'integer',
    state: 'text',
    attempts: 'integer',
    triedAt: 'integer',
    said: 'text',
  },
  key: ['id'],
  indexes: [
    ['channel', 'place'],
    ['channel', 'state', 'place'],
    ['channel', 'person', 'state', 'place'],
  ],
  governed: false,
});

const preferences = table<Preference>('approval_mail_preferences', {
  columns: { person: 'text', mail: 'text' },
  key: ['person'],
  governed: true,
});

type Store = Pick<Ground, 'database'>;

/** Channels of one tenant that are not removed: more are refused. */
export const channelsMax = 20;
const listMax = 1000;

export const findChannel = ({ database }: Store, tenant: TenantId, id: ChannelId) =>
  database.find(channels, tenant, { id });
export const listChannels = ({ database }: Store, tenant: TenantId, state: Channel['state'][]) =>
  database.list(channels, tenant, { where: { state }, order: ['id', 'asc'], limit: listMax });
export const findPosition = ({ database }: Store, tenant: TenantId, channel: ChannelId) =>
  database.find(positions, tenant, { channel });
export const findDelivery = ({ database }: Store, tenant: TenantId, id: DeliveryId) =>
  database.find(deliveries, tenant, { id });
export const listDeliveries = ({ database }: Store, tenant: TenantId, channel: ChannelId, limit: number) =>
  database.list(deliveries, tenant, { where: { channel }, order: ['place', 'desc'], limit });
export const listByState = (
  { database }: Store,
  tenant: TenantId,
  channel: ChannelId,
  state: Delivery['state'][],
  limit: number,
) => database.list(deliveries, tenant, { where: { channel, state }, order: ['place', 'asc'], limit });
export const listOfPerson = (
  { database }: Store,
  tenant: TenantId,
  where: { readonly channel: ChannelId; readonly person: PersonId; readonly state: Delivery['state'] },
  limit: number,
) => database.list(deliveries, tenant, { where, order: ['place', 'desc'], limit });
export const countWaiting = ({ database }: Store, tenant: TenantId, channel: ChannelId, person?: PersonId) =>
  database.count(deliveries, tenant, { where: { channel, state: 'waiting', ...(person !== undefined && { person }) } });

export const addChannel = (channel: Channel): Change => insert(channels, channel);
export const changeChannel = ({ id, epoch }: Channel, set: Partial<Channel>): Change =>
  update(channels, { id }, { ...set, epoch: epoch + 1 }, { where: { epoch } });
export const addPosition = (position: Position): Change => insert(positions, position);
/** Compare and set: of two nodes that read the same position, one moves it. */
export const movePosition = ({ channel, next }: Position, to: number): Change =>
  update(positions, { channel }, { next: to }, { where: { next } });
export const changePosition = ({ channel, holder }: Position, set: Partial<Position>): Change =>
  update(positions, { channel }, set, { where: { holder } });
export const addDelivery = (delivery: Delivery): Change => insert(deliveries, delivery);
export const changeDelivery = ({ id, state, attempts }: Delivery, set: Partial<Delivery>): Change =>
  update(deliveries, { id }, set, { where: { state, attempts } });
export const forgetDelivery = ({ id }: Delivery): Change => remove(deliveries, { id });
export const findPreference = ({ database }: Store, tenant: TenantId, person: PersonId) =>
  database.find(preferences, tenant, { person });
export const setPreference = (before: Preference | undefined, preference: Preference): Change =>
  before === undefined
    ? insert(preferences, preference, 'state.changed')
    : update(preferences, { person: before.person }, { mail: preference.mail }, { where: { mail: before.mail } });
