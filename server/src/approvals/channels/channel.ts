import type { ChannelId, PersonId, TenantId } from '@ambit/protocol';
import type { Channel as ChannelTold, Delivery as DeliveryTold } from '@ambit/protocol/wire';
import type { Sender } from '../../foundation/index.ts';
import type { Notice } from './notice.ts';

/** As it is kept. */
export type Channel = Omit<ChannelTold, 'publicKeys' | 'state'> & {
  /** The newest first. Emptied when the channel is removed. */
  readonly secrets: readonly ChannelSecret[];
  /** `disabled`: what happens meanwhile is not told. */
  readonly state: 'active' | 'disabled' | 'removed';
  readonly epoch: number;
};

export const channelKindNames = ['webhook', 'mail'] as const;
export type ChannelKindName = (typeof channelKindNames)[number];

export type Signing = NonNullable<ChannelTold['signing']>;

export type ChannelSecret = {
  readonly sealed: string;
  /** The public half, where there is one. */
  readonly shown: string | null;
  /** Until when it still signs beside a newer one; null for the newest. */
  readonly until: number | null;
};

/** Where a channel stands in the log, which node sends for it, and since when it fails. */
export type Position = Sender & {
  readonly channel: ChannelId;
  /** Index of the entry to read next. */
  readonly next: number;
  /** Begin of the outage that lasts; null while all is well. */
  readonly failingSince: number | null;
};

/** One notice to one receiver. It waits until its receiver took it or nobody needs it any more. */
export type Delivery = Omit<DeliveryTold, 'type' | 'at'> & {
  readonly notice: Notice;
  /** Order of the log. */
  readonly place: number;
};

/** What came of an attempt. After `later` the channel rests for a while; after `gone` it is disabled. */
export type Outcome = {
  readonly kind: 'delivered' | 'summed' | 'refused' | 'over' | 'later' | 'gone';
  readonly said: string;
  /** With `later`: its receiver asks not to be tried before so many seconds. */
  readonly retryAfterSeconds?: number | null;
};

/** What goes out in one piece: one notice, or several told together. */
export type Parcel = {
  readonly deliveries: readonly Delivery[];
  readonly send: (channel: Channel) => Promise<Outcome>;
};

/** What a channel to copy brings: `webhook.ts` is one. */
export type ChannelKind = {
  /** Whether it tells persons, each for themselves: then a tenant has one, and a test goes to whoever asks for it. */
  readonly isPersonal: boolean;
  /** What a new one begins with; refuses what cannot be one. */
  readonly begin: (given: NewChannel) => Pick<Channel, 'url' | 'signing'>;
  /** Whom a notice is for by this channel; null is its endpoint. */
  readonly receivers: (tenant: TenantId, notice: Notice) => Promise<readonly (PersonId | null)[]>;
  /** What of that may go out now, in order. */
  readonly parcels: (tenant: TenantId, channel: Channel, waiting: readonly Delivery[]) => Promise<readonly Parcel[]>;
};

export type NewChannel = {
  readonly kind: ChannelKindName;
  readonly name: string;
  readonly url?: string | undefined;
  readonly signing?: Signing | undefined;
};
