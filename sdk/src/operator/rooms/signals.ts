import type { TransmitterId } from '@ambit/protocol';
import type { MappedPerson, NewTransmitter, SignalStream, Transmitter } from '@ambit/protocol/wire';
import { at } from '../../wire/path.ts';
import type { Ask } from '../request.ts';

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
