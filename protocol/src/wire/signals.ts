import type { EnforcementPointId, PersonId, StreamId, TransmitterId } from '../ids.ts';

/** What one receiver hears, and how. */
export type SignalStream = {
  readonly id: StreamId;
  /** The point that made it. */
  readonly point: EnforcementPointId;
  /** `urn:ietf:rfc:8935` is pushed, `urn:ietf:rfc:8936` is polled. */
  readonly method: string;
  /** Where to push; null where the receiver polls. */
  readonly endpointUrl: string | null;
  /** What of it is supported is delivered. */
  readonly eventsRequested: readonly string[];
  readonly description: string | null;
  /** `paused`: what happens meanwhile is told later. `disabled`: it is not. */
  readonly status: 'enabled' | 'paused' | 'disabled';
  readonly reason: string | null;
  /** Epoch milliseconds. */
  readonly createdAt: number;
};

export type NewTransmitter = {
  readonly name: string;
  /** `iss` of its SETs. */
  readonly issuer: string;
  readonly jwksUrl: string;
  /** `aud` of its SETs. */
  readonly audience: string;
  /** Where to fetch from (RFC 8936), and the Authorization header for that. Without, it pushes to `pushTo`. */
  readonly pollUrl?: string;
  readonly pollHeader?: string;
  /** Both unless said. */
  readonly disablesOn?: readonly ('session-revoked' | 'account-disabled')[];
  /** What becomes of the agents of a person it had disabled: `suspend` unless said. */
  readonly agents?: 'suspend' | 'reassign';
  readonly successor?: PersonId;
};

/** Which person a subject of a transmitter is. */
export type MappedPerson = { readonly iss: string; readonly sub: string; readonly person: PersonId };

/** Somebody else’s transmitter, such as the organisation’s identity provider, and what its word does here. */
export type Transmitter = {
  readonly id: TransmitterId;
  readonly name: string;
  readonly issuer: string;
  readonly jwksUrl: string;
  /** What `aud` of its SETs must be. */
  readonly audience: string;
  /** Where we fetch from (RFC 8936); null where it pushes to us only. */
  readonly pollUrl: string | null;
  readonly polls: 'with a header' | 'without a header';
  /** Where it pushes to. */
  readonly pushTo: string;
  /** Types of events that disable the person they are about. */
  readonly disablesOn: readonly string[];
  /** What becomes of the agents of a person it had disabled. */
  readonly agents: 'suspend' | 'reassign';
  readonly successor: PersonId | null;
  readonly state: 'active' | 'retired';
  readonly registeredBy: PersonId;
  readonly registeredAt: number;
};
