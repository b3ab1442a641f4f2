import { randomPart } from '../random.ts';

/**
 * Digests of SHA-256 that are only ever added, without an object for any of them: their first 16 bytes in one array, of
 * which at most three quarters are taken. Two that begin alike are taken for one, which nobody finds by trying.
 */
export type Digests = {
  readonly size: number;
  has(digest: Buffer): boolean;
  /** The one that begins there; at the beginning unless said. */
  add(digests: Buffer, at?: number): void;
};

const [words, slotsAtFirst] = [4, 64];
/** Odd, and spread over all bits (the golden ratio), so that the upper bits of a product depend on all of them. */
const spread = 0x9e3779b1;

export function createDigests(): Digests {
  // Who chooses what is hashed cannot know which of them would lie together.
  const seed = randomPart(words).readUInt32LE(0);
  let slots = slotsAtFirst;
  let table = new Uint32Array(slots * words);
  let size = 0;

  /** Where it lies, or the free slot in which it would. */
  function slotOf(a: number, b: number, c: number, d: number): number {
    let slot = Math.imul(b ^ seed, spread) >>> (Math.clz32(slots) + 1);
    while (true) {
      const at = slot * words;
      const first = table[at];
      if (first === free || (first === a && table[at + 1] === b && table[at + 2] === c && table[at + 3] === d))
        return at;
      slot = (slot + 1) & (slots - 1);
    }
  }

  function put(a: number, b: number, c: number, d: number): void {
    const at = slotOf(a, b, c, d);
    if (table[at] !== free) return;
    table[at] = a;
    table[at + 1] = b;
    table[at + 2] = c;
    table[at + 3] = d;
    size++;
  }

  function grow(): void {
    const before = table;
    table = new Uint32Array(before.length * 2);
    slots *= 2;
    size = 0;
    for (let at = 0; at < before.length; at += words) {
      const a = before[at] as number;
      if (a !== free) put(a, before[at + 1] as number, before[at + 2] as number, before[at + 3] as number);
    }
  }

  return {
    get size() {
      return size;
    },
    has(digest) {
      const at = slotOf(firstOf(digest, 0), digest.readUInt32LE(4), digest.readUInt32LE(8), digest.readUInt32LE(12));
      return table[at] !== free;
    },
    add(all, at = 0) {
      if ((size + 1) * 4 > slots * 3) grow();
      put(firstOf(all, at), all.readUInt32LE(at + 4), all.readUInt32LE(at + 8), all.readUInt32LE(at + 12));
    },
  };
}

const free = 0;
/** Never what says that a slot is free. */
const firstOf = (digests: Buffer, at: number): number => digests.readUInt32LE(at) || 1;
