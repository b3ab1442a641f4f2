import type { PersonId, StreamId } from '@ambit/protocol';
import type { MappedPerson, SignalStream, Transmitter as TransmitterTold } from '@ambit/protocol/wire';
import type { Sender } from '../foundation/index.ts';
import type { DeliveryMethod, EventType } from './names.ts';
import type { Subject } from './subject.ts';

/** As it is kept (SSF 1.0 §8.1.1). Nobody but the point that made it reads or changes it. */
export type Stream = Omit<SignalStream, 'method'> & {
  readonly method: DeliveryMethod;
  /** The Authorization header that the receiver wants to see, sealed. */
  readonly authorization: string | null;
  readonly epoch: number;
};

export type StreamStatus = Stream['status'];

/** Where a stream stands in the log, who sends for it, and when it may be tried again. */
export type Position = Sender & {
  readonly stream: StreamId;
  /** Index of the entry to read next, and how many of its events were taken already. */
  readonly next: number;
  readonly skip: number;
  readonly verifiedAt: number;
};

/** A SET that is to be delivered. It is signed when it goes out, so that a new key signs what waited. */
export type Waiting = {
  readonly stream: StreamId;
  readonly jti: string;
  /** Order of the log. */
  readonly place: number;
  readonly claims: SetClaims;
};

/** RFC 8417 §2.2 without what belongs to the stream; SSF 1.0 §4.1: one event, a subject, no `sub` and no `exp`. */
export type SetClaims = {
  readonly iat: number;
  readonly txn: string;
  readonly sub_id: Subject;
  readonly events: { readonly [type: string]: object };
};

/** Events about these are not delivered to the stream (`remove`), though it hears of all others. */
export type RemovedSubject = { readonly stream: StreamId; readonly hash: string; readonly subject: Subject };

export type Told = { readonly type: EventType; readonly subject: Subject; readonly event: object };

/** As it is kept. */
export type Transmitter = Omit<TransmitterTold, 'polls' | 'pushTo'> & {
  /** The Authorization header for fetching, sealed. */
  readonly authorization: string | null;
};

/** The explicit rule: this subject of that transmitter is this person. Nobody is found by a mail address or a name. */
export type Mapped = MappedPerson & { readonly transmitter: Transmitter['id'] };

/** A SET that was believed. `received` until its effect is durable, so that a crash does not swallow it. */
export type Received = {
  readonly transmitter: Transmitter['id'];
  readonly jti: string;
  readonly type: string;
  readonly person: PersonId | null;
  readonly state: 'received' | 'applied';
  readonly at: number;
};
