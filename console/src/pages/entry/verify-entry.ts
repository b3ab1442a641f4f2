import {
  type Checkpoint,
  canonicalJson,
  detailHash,
  type EntryId,
  fromBase64,
  leafHash,
  NoteFault,
  openCheckpoint,
  parseVerifierKey,
  type Receipt,
  toBase64,
  utf8,
  type VerifierKey,
  verifyConsistency,
  verifyReceipt,
} from '@ambit/protocol';
import type { ConsistencyProof, EntryShown, InclusionProof, Checkpoint as SignedCheckpoint } from '@ambit/sdk/operator';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { SeenLog } from '../../plane/verified-log.ts';

/** What the plane answered. Nothing of it is believed. */
export type Claimed = {
  readonly wanted: EntryId;
  readonly shown: EntryShown;
  readonly newest: SignedCheckpoint;
  readonly inclusion: InclusionProof;
  readonly seen: SeenLog | null;
  /** From what this browser saw to the newest; null where it saw nothing yet. */
  readonly consistency: ConsistencyProof | null;
};

export type Proven = {
  /** Made of what was computed here: anybody can check it without this page. */
  readonly receipt: Receipt;
  readonly size: number;
  readonly root: string;
  readonly key: string;
  readonly detail: 'hashes to what the entry says' | 'was deleted' | 'cannot be read';
};

/** Something that the plane answered does not hold. */
export class ProofFault extends Error {
  override readonly name = 'ProofFault';
}

const verifies = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean =>
  ed25519.verify(signature, message, publicKey, { zip215: false });

/** Checks with nothing but arithmetic that the entry, as it is shown, is in the log that the newest checkpoint signs. Throws `ProofFault`. */
export function verifyEntry(claimed: Claimed): Proven {
  const { wanted, shown, newest, inclusion } = claimed;
  const { header, receipt: kept } = shown;
  if (header.id !== wanted) throw new ProofFault('The plane answered with another entry.');
  const key = keyOf(claimed);
  const { size, root } = opened(newest.checkpoint, key);
  const leaf = leafHash(utf8(canonicalJson(header)), sha256);
  const receipt: Receipt = {
    entry: wanted,
    index: inclusion.index,
    leaf: toBase64(leaf),
    path: inclusion.path,
    checkpoint: newest.checkpoint,
  };
  if (!holds(receipt, key))
    throw new ProofFault('The entry as it is shown is not in the log that the checkpoint signs.');
  if (kept.leaf !== receipt.leaf || kept.index !== receipt.index || !holds(kept, key))
    throw new ProofFault('The receipt of the entry is of something else.');
  const detail = requireDetail(shown);
  requireGrown(claimed, { size, root });
  return { receipt, size, root: toBase64(root), key: newest.key, detail };
}

function keyOf({ newest, seen }: Claimed): VerifierKey {
  // INVARIANT (first use): a plane that changes the key of its log is not believed, whatever that key signs.
  if (seen !== null && seen.key !== newest.key)
    throw new ProofFault('The plane names another key for its log than this browser saw before.');
  return noteOf(() => parseVerifierKey(newest.key, sha256));
}

const opened = (note: string, key: VerifierKey): Checkpoint => noteOf(() => openCheckpoint(note, key, verifies));
const holds = (receipt: Receipt, key: VerifierKey): boolean =>
  noteOf(() => verifyReceipt(receipt, key, sha256, verifies));

function noteOf<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof NoteFault) throw new ProofFault(error.message);
    throw error;
  }
}

function requireDetail({ header, detail }: EntryShown): Proven['detail'] {
  if (detail === 'deleted') return 'was deleted';
  if (typeof detail !== 'object' || detail === null || !('salt' in detail) || !('detail' in detail))
    return 'cannot be read';
  if (detailHash(String(detail.salt), canonicalJson(detail.detail), sha256) !== header.detailHash)
    throw new ProofFault('The detail is not the one that was written with the entry.');
  return 'hashes to what the entry says';
}

function requireGrown({ seen, consistency }: Claimed, newer: Pick<Checkpoint, 'size' | 'root'>): void {
  if (seen === null) return;
  const older = { size: seen.size, root: bytesOf(seen.root) };
  if (older.size > newer.size) throw new ProofFault(becameShorter(older.size, newer.size));
  const path = (consistency?.path ?? []).map(bytesOf);
  if (!verifyConsistency({ older, newer, path }, sha256))
    throw new ProofFault(
      'The log does not begin with what this browser saw of it before: something there was changed.',
    );
}

export const becameShorter = (was: number, is: number): string =>
  `This browser saw a log of ${was} entries. Now the plane shows one of ${is}: a log only grows.`;

function bytesOf(base64: string): Uint8Array {
  const bytes = fromBase64(base64);
  if (bytes === undefined) throw new ProofFault('A hash of the proof cannot be read.');
  return bytes;
}
