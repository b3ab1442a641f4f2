import { formatId, type Id, type IdKind } from '@ambit/protocol';
import { randomPart } from './random.ts';

export type NewId = <K extends IdKind>(kind: K) => Id<K>;

/**
 * Ids that nobody can guess, and on which no two nodes need to agree: 104 random bits. Those of what is written often end
 * with 64 random bits, and begin with a number that rises from a random start: what is written together lies together in
 * every index of the store, where entirely random ones would change another page for each row.
 */
export const randomId: NewId = (kind) => formatId(kind, placings[kind]?.() ?? randomPart(13));

const placeBytes = 5;
const places = 2 ** (8 * placeBytes);
const start = () => randomPart(placeBytes).readUIntBE(0, placeBytes);

// Entries are counted. Agents see the ids of their tokens and tasks, and shall not see by them how many others got: theirs
// tell milliseconds, as the times that stand beside them nearly do.
let entries = start();
const beganAt = start();
const byTime = () => placed((beganAt + Math.floor(performance.now())) % places);
const placings: { readonly [K in IdKind]?: () => Buffer } = {
  entry() {
    entries = (entries + 1) % places;
    return placed(entries);
  },
  task: byTime,
  token: byTime,
};

function placed(place: number): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(placeBytes), randomPart(8)]);
  bytes.writeUIntBE(place, 0, placeBytes);
  return bytes;
}
