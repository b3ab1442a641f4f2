import type { ApprovalId, ChannelId, DeliveryId, PersonId, TenantId } from '@ambit/protocol';
import type { Sender } from '../../foundation/index.ts';
import type { Notice } from './notice.ts';

/** A way by which an organisation hears of questions. It tells of them; nothing is answered by it. */
export type Channel = {
  readonly id: ChannelId;
  readonly kind: ChannelKindName;
  readonly name: string;
  /** Where to post; null where there is no endpoint. */
  readonly url: string | null;
  readonly signing: Signing | null;
  /** The newest first. Emptied when the channel is removed. */
  readonly secrets: readonly ChannelSecret[];
  /** `disabled`: what happens meanwhile is not told. */
  readonly state: 'active' | 'disabled' | 'removed';
  readonly reason: string | null;
  readonly addedBy: PersonId;
  readonly addedAt: number;
  readonly epoch: number;
};

export const channelKindNames = ['webhook', 'mail'] as const;
export type ChannelKindName = (typeof channelKindNames)[number];

/** Standard Webhooks: HMAC-SHA256 with a shared secret (`v1`), or Ed25519 with a key that only this plane has (`v1a`). */
export type Signing = 'hmac' | 'ed25519';

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
export type Delivery = {
  readonly id: DeliveryId;
  readonly channel: ChannelId;
  /** Whom it is for; null for the endpoint of the channel. */
  readonly person: PersonId | null;
  readonly approval: ApprovalId | null;
  readonly notice: Notice;
  /** Order of the log. */
  readonly place: number;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly triedAt: number | null;
  /** What came of the last attempt, in a sentence of ours. */
  readonly said: string | null;
};

/**
 * `delivered`; `summed`: told together with others; `refused`: its receiver said that it cannot use it; `over`: nobody
 * needed it any more; `dropped`: the channel was disabled or removed first.
 */
export const deliveryStates = ['waiting', 'delivered', 'summed', 'refused', 'over', 'dropped'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

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
