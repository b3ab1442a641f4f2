import type { EnforcementPointId, PersonId, StreamId, TransmitterId } from '@ambit/protocol';
import { at } from '../../wire/path.ts';
import type { Ask } from '../request.ts';

/** What one receiver hears, and how. */
export type SignalStream = {
  readonly id: StreamId;
  /** The point that made it. */
  readonly point: EnforcementPointId;
  /** `urn:ietf:rfc:8935` is pushed, `urn:ietf:rfc:8936` is polled. */
  readonly method: string;
  readonly endpointUrl: string | null;
  readonly eventsRequested: readonly string[];
  readonly description: string | null;
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

export type Transmitter = {
  readonly id: TransmitterId;
  readonly name: string;
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly audience: string;
  readonly pollUrl: string | null;
  readonly polls: 'with a header' | 'without a header';
  /** Where it pushes to. */
  readonly pushTo: string;
  readonly disablesOn: readonly string[];
  readonly agents: 'suspend' | 'reassign';
  readonly successor: PersonId | null;
  readonly state: 'active' | 'retired';
  readonly registeredBy: PersonId;
  readonly registeredAt: number;
};

export type Signals = ReturnType<typeof signalsRoom>;

/** For administrators. Receivers manage their own streams, with the credential of a point of kind `signals`. */
export function signalsRoom({ json }: Ask) {
  const transmitters = '/v1/signals/transmitters';
  return {
    streams: async () => (await json<{ streams: readonly SignalStream[] }>('GET', '/v1/signals/streams')).streams,
    register: (transmitter: NewTransmitter) => json<Transmitter>('POST', transmitters, transmitter),
    transmitters: async () =>
      (
        await json<{ transmitters: readonly (Transmitter & { readonly persons: readonly MappedPerson[] })[] }>(
          'GET',
          transmitters,
        )
      ).transmitters,
    retire: (transmitter: TransmitterId) => json<void>('DELETE', at(`${transmitters}/`, transmitter)),
    map: (transmitter: TransmitterId, person: MappedPerson) =>
      json<MappedPerson>('POST', at(`${transmitters}/`, transmitter, '/persons'), person),
    unmap: (transmitter: TransmitterId, subject: Omit<MappedPerson, 'person'>) =>
      json<void>('POST', at(`${transmitters}/`, transmitter, '/persons/forget'), subject),
  };
}
