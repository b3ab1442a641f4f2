import type { EnforcementPointId, PersonId, StreamId, TransmitterId } from '@ambit/protocol';
import type { Sender } from '../foundation/index.ts';
import type { DeliveryMethod, EventType } from './names.ts';
import type { Subject } from './subject.ts';

/** What one receiver wants to hear, and how (SSF 1.0 §8.1.1). */
export type Stream = {
  readonly id: StreamId;
  /** The enforcement point that made it; nobody else reads or changes it. */
  readonly point: EnforcementPointId;
  readonly method: DeliveryMethod;
  /** Where to push; null where the receiver polls. */
  readonly endpointUrl: string | null;
  /** The Authorization header that the receiver wants to see, sealed. */
  readonly authorization: string | null;
  /** What of it is supported is delivered. */
  readonly eventsRequested: readonly string[];
  readonly description: string | null;
  readonly status: StreamStatus;
  readonly reason: string | null;
  readonly createdAt: number;
  readonly epoch: number;
};

/** `paused`: what happens meanwhile is told later. `disabled`: it is not. */
export type StreamStatus = 'enabled' | 'paused' | 'disabled';

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

/** Somebody else's transmitter, such as the organisation's identity provider, and what its word does here. */
export type Transmitter = {
  readonly id: TransmitterId;
  readonly name: string;
  readonly issuer: string;
  readonly jwksUrl: string;
  /** What `aud` of its SETs must be. */
  readonly audience: string;
  /** Where we fetch from (RFC 8936); null where it pushes to us only. */
  readonly pollUrl: string | null;
  /** The Authorization header for that, sealed. */
  readonly authorization: string | null;
  /** Types of events that disable the person they are about. */
  readonly disablesOn: readonly string[];
  /** What becomes of the agents of a person it had disabled. */
  readonly agents: 'suspend' | 'reassign';
  readonly successor: PersonId | null;
  readonly state: 'active' | 'retired';
  readonly registeredBy: PersonId;
  readonly registeredAt: number;
};

/** The explicit rule: this subject of that transmitter is this person. Nobody is found by a mail address or a name. */
export type Mapped = {
  readonly transmitter: Transmitter['id'];
  readonly iss: string;
  readonly sub: string;
  readonly person: PersonId;
};

/** A SET that was believed. `received` until its effect is durable, so that a crash does not swallow it. */
export type Received = {
  readonly transmitter: Transmitter['id'];
  readonly jti: string;
  readonly type: string;
  readonly person: PersonId | null;
  readonly state: 'received' | 'applied';
  readonly at: number;
};
