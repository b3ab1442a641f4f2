import { fromBase64, type Sha256 } from './bytes.ts';
import type { EntryId } from './ids.ts';
import { verifyInclusion } from './log-proof.ts';
import { type Ed25519Verify, openCheckpoint, type VerifierKey } from './note.ts';

/** Proof, for whoever keeps it, that an entry is in the log: nobody can drop the entry later without being caught. */
export type Receipt = {
  readonly entry: EntryId;
  readonly index: number;
  /** Base64, as all hashes here. */
  readonly leaf: string;
  readonly path: readonly string[];
  /** A signed note (C2SP tlog-checkpoint) of a tree that holds the entry. */
  readonly checkpoint: string;
};

/** True if the checkpoint is the log's and its tree holds the leaf. Throws `NoteFault` where the checkpoint is not. */
export function verifyReceipt(receipt: Receipt, key: VerifierKey, sha256: Sha256, verify: Ed25519Verify): boolean {
  const { size, root } = openCheckpoint(receipt.checkpoint, key, verify);
  const leaf = fromBase64(receipt.leaf);
  const path = receipt.path.map(fromBase64);
  if (leaf === undefined || !path.every((hash) => hash !== undefined)) return false;
  return verifyInclusion({ leaf, index: receipt.index, size, root, path }, sha256);
}

/** What comes with an answer at once, before a checkpoint covers the entry: enough to ask for the receipt later. */
/** The leaf is base64, as all hashes here. */
export type ShortReceipt = { readonly index: number; readonly leaf: string; readonly size: number };

/** The value of `Ambit-Receipt`, a dictionary of RFC 9651: `index=12, leaf=:…:, size=10`. */
export function printShortReceipt({ index, leaf, size }: ShortReceipt): string {
  return `index=${index}, leaf=:${leaf}:, size=${size}`;
}

export function parseShortReceipt(text: string): ShortReceipt | undefined {
  const [, index, base64, size] =
    /^index=(0|[1-9][0-9]{0,14}), leaf=:([A-Za-z0-9+/=]{44}):, size=(0|[1-9][0-9]{0,14})$/.exec(text) ?? [];
  if (base64 === undefined || fromBase64(base64)?.length !== 32) return undefined;
  return { index: Number(index), leaf: base64, size: Number(size) };
}
