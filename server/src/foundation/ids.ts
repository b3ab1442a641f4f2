import { formatId, type Id, type IdKind } from '@ambit/protocol';
import { randomPart } from './random.ts';

export type NewId = <K extends IdKind>(kind: K) => Id<K>;

/**
 * Ids that nobody can guess, and on which no two nodes need to agree: 104 random bits. Those of entries begin with a
 * number that this process counts up from a random start, and go on with 64 random bits: what is written together lies
 * together in every index of the store, where entirely random ones would change another page for each entry.
 */
export const randomId: NewId = (kind) => formatId(kind, kind === 'entry' ? placed() : randomPart(13));

const placeBytes = 5;
const places = 2 ** (8 * placeBytes);
let place = randomPart(placeBytes).readUIntBE(0, placeBytes);

function placed(): Buffer {
  place = (place + 1) % places;
  const bytes = Buffer.concat([Buffer.alloc(placeBytes), randomPart(8)]);
  bytes.writeUIntBE(place, 0, placeBytes);
  return bytes;
}
