import type { TransmitterId } from '@ambit/protocol';
import type { MappedPerson, NewTransmitter } from '@ambit/protocol/wire';
import type { Ask } from '../request.ts';

export type Signals = ReturnType<typeof signalsRoom>;

/** For administrators. Receivers manage their own streams, with the credential of a point of kind `signals`. */
export function signalsRoom({ json }: Ask) {
  return {
    streams: async () => (await json('GET /v1/signals/streams')).streams,
    register: (transmitter: NewTransmitter) => json('POST /v1/signals/transmitters', { body: transmitter }),
    transmitters: async () => (await json('GET /v1/signals/transmitters')).transmitters,
    retire: (transmitter: TransmitterId) =>
      json('DELETE /v1/signals/transmitters/:transmitter', { at: { transmitter } }),
    map: (transmitter: TransmitterId, person: MappedPerson) =>
      json('POST /v1/signals/transmitters/:transmitter/persons', { at: { transmitter }, body: person }),
    unmap: (transmitter: TransmitterId, subject: Omit<MappedPerson, 'person'>) =>
      json('POST /v1/signals/transmitters/:transmitter/persons/forget', { at: { transmitter }, body: subject }),
  };
}
