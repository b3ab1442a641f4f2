import type { ApprovalId, ChannelId, DeliveryId, PersonId } from '../ids.ts';

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

/** A way by which people hear of questions. It tells of them; nothing is answered by it. Times are epoch milliseconds. */
export type Channel = {
  readonly id: ChannelId;
  readonly kind: NewChannel['kind'];
  readonly name: string;
  /** Where to post; null where there is no endpoint. */
  readonly url: string | null;
  /** Standard Webhooks: HMAC-SHA256 with a shared secret (`v1`), or Ed25519 with a key that only the plane has (`v1a`). */
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
  /**
   * `delivered`; `summed`: told together with others; `refused`: its receiver said that it cannot use it; `over`: nobody
   * needed it any more; `dropped`: the channel was disabled or removed first.
   */
  readonly state: 'waiting' | 'delivered' | 'summed' | 'refused' | 'over' | 'dropped';
  readonly attempts: number;
  readonly triedAt: number | null;
  /** What came of the last attempt, in a sentence. */
  readonly said: string | null;
};
