import { equalBytes, fromBase64, type Sha256, toBase64, utf8 } from './bytes.ts';
import { detailHash } from './digest.ts';
import type { EntryId } from './ids.ts';
import { canonicalJson } from './json.ts';
import { leafHash } from './log-proof.ts';
import { type Ed25519Verify, NoteFault, openCheckpoint, parseVerifierKey, type VerifierKey } from './note.ts';
import { type Receipt, verifyReceipt } from './receipt.ts';
import { anything, exactly, id, integer, list, object, type ShapeOf, text } from './shape.ts';

const hash = text({ max: 64 });

/** One entry with the proof that it is in the log: what the console saves, and `ambit audit verify-entry` checks. */
export const entryProofShape = object({
  type: exactly('ambit_entry_proof'),
  v: exactly(1),
  /** The log's verifier key, as whoever saved the file saw it. */
  key: text({ max: 500 }),
  header: anything(),
  detail: anything(),
  receipt: object({
    entry: id('entry'),
    index: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    leaf: hash,
    path: list(hash, { max: 64 }),
    checkpoint: text({ max: 10_000 }),
  }),
});
export type EntryProof = ShapeOf<typeof entryProofShape>;

export type EntryProofOptions = {
  readonly sha256: Sha256;
  readonly verify: Ed25519Verify;
  /** The log's verifier key, had from elsewhere than the file. */
  readonly key?: string;
  /** Checkpoints that were kept elsewhere: each shows which key is the log's, and one of the same size fixes its root. */
  readonly anchors?: readonly string[];
};

/** What was found of one entry, with everything that was not checked said as such. */
export type EntryVerdict = {
  readonly ok: boolean;
  readonly entry: EntryId;
  /** Its place in the log, and how long the log was that the checkpoint signs. */
  readonly index: number;
  readonly size: number | null;
  readonly detail: 'whole' | 'not in the file';
  /** By whose word the key is the log's: `file` where there is only that of the file itself. */
  readonly keyFrom: 'given' | 'anchor' | 'file';
  /** Whether a checkpoint that was kept elsewhere has the very root. */
  readonly isAnchored: boolean;
  readonly findings: readonly {
    readonly what: 'key' | 'entry' | 'detail' | 'checkpoint' | 'anchor';
    readonly says: string;
  }[];
  readonly says: string;
};

type Finding = EntryVerdict['findings'][number];

/** Checks with nothing but arithmetic that the file's entry is in the log that its checkpoint signs. Asks nobody, and believes nobody. */
export function verifyEntryProof(
  proof: EntryProof,
  { sha256, verify, key: given, anchors = [] }: EntryProofOptions,
): EntryVerdict {
  const { receipt, header, detail } = proof;
  const findings: Finding[] = [];
  const find = (what: Finding['what'], says: string) => void findings.push({ what, says });
  const key = noted(
    () => parseVerifierKey(given ?? proof.key, sha256),
    (says) => find('key', says),
  );
  if (given !== undefined && given.trim() !== proof.key)
    find('key', 'The file names another key than the one you gave.');
  const signed =
    key &&
    noted(
      () => openCheckpoint(receipt.checkpoint, key, verify),
      (says) => find('checkpoint', says),
    );
  if (key !== undefined && signed !== undefined) requireIncluded(proof, { key, sha256, verify }, find);
  const isWhole = isDetail(detail);
  if (isWhole && detailHash(detail.salt, canonicalJson(detail.detail), sha256) !== hashIn(header))
    find('detail', 'The detail is not the one that was written with the entry.');
  const kept =
    key === undefined
      ? []
      : anchors.map((one) =>
          noted(
            () => openCheckpoint(one, key, verify),
            (says) => find('anchor', `A checkpoint that you kept: ${says}`),
          ),
        );
  const same = signed && kept.filter((one) => one?.size === signed.size);
  if (signed !== undefined && same?.some((one) => one !== undefined && !equalBytes(one.root, signed.root)))
    find(
      'anchor',
      `A checkpoint that you kept has another root for the first ${signed.size} entries: one of the two logs was changed.`,
    );
  const isAnchored = same !== undefined && same.length > 0;
  const keyFrom = given !== undefined ? 'given' : kept.some((one) => one !== undefined) ? 'anchor' : 'file';
  const verdict = {
    entry: receipt.entry,
    index: receipt.index,
    size: signed?.size ?? null,
    keyFrom,
    isAnchored,
    findings,
  } as const;
  return {
    ok: findings.length === 0,
    ...verdict,
    detail: isWhole ? 'whole' : 'not in the file',
    says: sayVerdict(verdict),
  };
}

type Checking = Pick<EntryProofOptions, 'sha256' | 'verify'> & { readonly key: VerifierKey };

function requireIncluded(
  { header, receipt }: EntryProof,
  { key, sha256, verify }: Checking,
  find: (what: 'entry', says: string) => void,
): void {
  const computed: Receipt = { ...receipt, leaf: toBase64(leafHash(utf8(canonicalJson(header)), sha256)) };
  if (idIn(header) !== receipt.entry) find('entry', 'The proof is of another entry than the one in the file.');
  else if (computed.leaf !== receipt.leaf || fromBase64(receipt.leaf) === undefined)
    find('entry', 'The entry was changed: it does not hash to the leaf that the proof is of.');
  else if (!verifyReceipt(computed, key, sha256, verify))
    find('entry', 'The proof does not lead to the root that the checkpoint signs: the entry is not in that log.');
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
const idIn = (header: unknown): unknown => memberOf(header, 'id');
const hashIn = (header: unknown): unknown => memberOf(header, 'detailHash');

const isDetail = (detail: unknown): detail is { readonly salt: string; readonly detail: unknown } =>
  typeof memberOf(detail, 'salt') === 'string' && memberOf(detail, 'detail') !== undefined;

function noted<T>(read: () => T, fault: (says: string) => void): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NoteFault)) throw error;
    fault(error.message);
    return undefined;
  }
}

function sayVerdict({
  entry,
  index,
  size,
  keyFrom,
  isAnchored,
  findings,
}: Omit<EntryVerdict, 'ok' | 'detail' | 'says'>): string {
  if (findings.length > 0) return `This is no proof that ${entry} is in the log.`;
  const in_ = `${entry} is entry ${index} of the log whose first ${size} entries the checkpoint signs`;
  if (isAnchored) return `${in_}, and a checkpoint that you kept has the same root.`;
  if (keyFrom === 'file')
    return `${in_}, if the key that the file names is the log’s: give --log-key or --anchor, had from elsewhere.`;
  return `${in_}, with the key that ${keyFrom === 'given' ? 'you gave' : 'signed the checkpoint that you kept'}.`;
}
