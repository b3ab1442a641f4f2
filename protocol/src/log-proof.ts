import { concatBytes, equalBytes, type Sha256 } from './bytes.ts';

/**
 * The Merkle tree of RFC 6962 §2.1 (the same in RFC 9162 §2.1): an append-only log whose root says everything before
 * it. Pure: hashes in, hashes out. Sizes and indexes are whole numbers below 2^53.
 */

/** RFC 6962 §2.1: a leaf and a node never hash alike, because their first byte differs. */
export function leafHash(entry: Uint8Array, sha256: Sha256): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(0), entry));
}

export function nodeHash(left: Uint8Array, right: Uint8Array, sha256: Sha256): Uint8Array {
  return sha256(concatBytes(Uint8Array.of(1), left, right));
}

/** The root of a log without entries: the hash of nothing. */
export function emptyRoot(sha256: Sha256): Uint8Array {
  return sha256(new Uint8Array());
}

/**
 * All that must be kept to go on appending and to know the root: one hash per whole subtree of the tree's right
 * edge, the largest first. Its length is the number of one bits of `size`.
 */
export type CompactRange = { readonly size: number; readonly hashes: readonly Uint8Array[] };

export const emptyRange: CompactRange = { size: 0, hashes: [] };

/** The range after one more leaf. Throws `RangeError` where the range is not one. */
export function append(range: CompactRange, leaf: Uint8Array, sha256: Sha256): CompactRange {
  checkRange(range);
  const hashes = [...range.hashes];
  let hash = leaf;
  // As in binary addition, each one bit at the low end of the size is a subtree that this leaf completes.
  for (let size = range.size; size % 2 === 1; size = Math.floor(size / 2)) hash = nodeHash(hashes.pop()!, hash, sha256);
  return { size: range.size + 1, hashes: [...hashes, hash] };
}

/** The root of the tree that the range ends. */
export function rootOf(range: CompactRange, sha256: Sha256): Uint8Array {
  checkRange(range);
  if (range.size === 0) return emptyRoot(sha256);
  return range.hashes.reduceRight((right, left) => nodeHash(left, right, sha256));
}

function checkRange({ size, hashes }: CompactRange): void {
  if (isCount(size) && hashes.length === edgeOf(size).length) return;
  throw new RangeError(`A range of ${size} leaves does not have ${hashes.length} hashes.`);
}

const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;

/** Names a whole subtree: the 2^level leaves that start at leaf `index · 2^level`. */
export type NodeName = { readonly level: number; readonly index: number };

/** Looks up the hash of a whole subtree. */
export type NodeAt = (level: number, index: number) => Uint8Array | Promise<Uint8Array>;

/** The whole subtrees that the leaves `from` (included) to `to` (excluded) of a tree split into, from left to right. */
function subtreesOf(from: number, to: number): NodeName[] {
  const names: NodeName[] = [];
  for (let start = from; start < to; ) {
    let level = 0;
    while (start % 2 ** (level + 1) === 0 && start + 2 ** (level + 1) <= to) level++;
    names.push({ level, index: start / 2 ** level });
    start += 2 ** level;
  }
  return names;
}

/** The names of a compact range's hashes: what to look up to go on with a tree of that size. */
export function edgeOf(size: number): readonly NodeName[] {
  return subtreesOf(0, size);
}

/** The root of the first `size` leaves, from hashes of whole subtrees. */
export async function rootAt(size: number, nodeAt: NodeAt, sha256: Sha256): Promise<Uint8Array> {
  return size === 0 ? emptyRoot(sha256) : hashOf(0, size, nodeAt, sha256);
}

async function hashOf(from: number, to: number, nodeAt: NodeAt, sha256: Sha256): Promise<Uint8Array> {
  const hashes = await Promise.all(subtreesOf(from, to).map(({ level, index }) => nodeAt(level, index)));
  return hashes.reduceRight((right, left) => nodeHash(left, right, sha256));
}

/** The largest power of two that is smaller than `count` (RFC 6962 §2.1). */
function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

/** PATH(index, D[size]) of RFC 6962 §2.1.1: the hashes that lead from a leaf to the root, the leaf's neighbour first. */
export async function inclusionPath(
  size: number,
  index: number,
  nodeAt: NodeAt,
  sha256: Sha256,
): Promise<Uint8Array[]> {
  if (!isCount(index) || !isCount(size) || index >= size)
    throw new RangeError(`A log of ${size} entries has no entry ${index}.`);
  const spans: [number, number][] = [];
  for (let from = 0, to = size; to - from > 1; ) {
    const middle = from + splitOf(to - from);
    spans.push(index < middle ? [middle, to] : [from, middle]);
    [from, to] = index < middle ? [from, middle] : [middle, to];
  }
  return Promise.all(spans.reverse().map(([from, to]) => hashOf(from, to, nodeAt, sha256)));
}

/** PROOF(older, D[size]) of RFC 6962 §2.1.2: that the first `older` of `size` entries are still the same. */
export async function consistencyPath(
  older: number,
  size: number,
  nodeAt: NodeAt,
  sha256: Sha256,
): Promise<Uint8Array[]> {
  if (!isCount(older) || !isCount(size) || older > size) {
    throw new RangeError(`A log of ${size} entries never had ${older}.`);
  }
  // Nothing comes before everything, and the same tree needs no proof.
  if (older === 0 || older === size) return [];
  const spans: [number, number][] = [];
  let [from, to] = [0, size];
  while (to !== older) {
    const middle = from + splitOf(to - from);
    spans.push(older <= middle ? [middle, to] : [from, middle]);
    [from, to] = older <= middle ? [from, middle] : [middle, to];
  }
  // The verifier knows the old root itself, so it is left out where the old tree is one whole subtree.
  if (from !== 0) spans.push([from, to]);
  return Promise.all(spans.reverse().map(([start, end]) => hashOf(start, end, nodeAt, sha256)));
}

export type InclusionClaim = {
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly path: readonly Uint8Array[];
};

/** RFC 9162 §2.1.3.2. True only if the path proves that the leaf stands at that index of the tree of that root. */
export function verifyInclusion({ leaf, index, size, root, path }: InclusionClaim, sha256: Sha256): boolean {
  if (!isCount(index) || !isCount(size) || index >= size || !areHashes([leaf, root, ...path])) return false;
  let [at, last, hash] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash, sha256);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      hash = nodeHash(hash, sibling, sha256);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && equalBytes(hash, root);
}

export type ConsistencyClaim = {
  readonly older: { readonly size: number; readonly root: Uint8Array };
  readonly newer: { readonly size: number; readonly root: Uint8Array };
  readonly path: readonly Uint8Array[];
};

/** RFC 9162 §2.1.4.2. True only if the path proves that the older tree is the beginning of the newer one. */
export function verifyConsistency({ older, newer, path }: ConsistencyClaim, sha256: Sha256): boolean {
  if (!isCount(older.size) || !isCount(newer.size) || older.size > newer.size) return false;
  if (!areHashes([older.root, newer.root, ...path])) return false;
  if (older.size === newer.size) return path.length === 0 && equalBytes(older.root, newer.root);
  if (older.size === 0) return path.length === 0 && equalBytes(older.root, emptyRoot(sha256));
  // Where the older tree is one whole subtree, its root is the first hash of the path (RFC 9162 §2.1.4.2, step 2).
  const [first, ...rest] = edgeOf(older.size).length === 1 ? [older.root, ...path] : path;
  if (first === undefined) return false;
  let [at, last] = [older.size - 1, newer.size - 1];
  while (at % 2 === 1) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  let [was, is] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      was = nodeHash(sibling, was, sha256);
      is = nodeHash(sibling, is, sha256);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      is = nodeHash(is, sibling, sha256);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && equalBytes(was, older.root) && equalBytes(is, newer.root);
}

const hashBytes = 32;
const areHashes = (hashes: readonly Uint8Array[]) => hashes.every((hash) => hash.length === hashBytes);
