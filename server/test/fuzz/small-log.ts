import { createHash, createPrivateKey, createPublicKey, hash, sign, verify } from 'node:crypto';
import {
  canonicalJson,
  detailHash,
  type Ed25519Verify,
  type EntryHeader,
  type EntryId,
  type ExportLine,
  jsonDigest,
  printCheckpoint,
  printVerifierKey,
  type Sha256,
  signNote,
  type TenantId,
  verifierKey,
} from '@ambit/protocol';

/** A log of a dozen entries, its keys and its export, the same in every run; and trees by the definition of RFC 6962. */

export const sha256: Sha256 = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest());

// ---- trees, slowly

export const leafOf = (bytes: Uint8Array | string): Uint8Array =>
  sha256(Buffer.concat([Buffer.of(0), Buffer.from(bytes)]));
export const nodeOf = (left: Uint8Array, right: Uint8Array): Uint8Array =>
  sha256(Buffer.concat([Buffer.of(1), left, right]));

/** The largest power of two below `size`. */
export function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** MTH of RFC 6962 §2.1. */
export function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length <= 1) return leaves[0] ?? sha256(new Uint8Array());
  const split = splitOf(leaves.length);
  return nodeOf(treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

/** PATH of RFC 6962 §2.1.1. */
export function pathOf(index: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length <= 1) return [];
  const split = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split ? [...pathOf(index, left), treeHash(right)] : [...pathOf(index - split, right), treeHash(left)];
}

/** SUBPROOF of RFC 6962 §2.1.2. */
export function subproofOf(older: number, leaves: readonly Uint8Array[], isWhole = true): Uint8Array[] {
  if (older === leaves.length) return isWhole ? [] : [treeHash(leaves)];
  const split = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return older <= split
    ? [...subproofOf(older, left, isWhole), treeHash(right)]
    : [...subproofOf(older - split, right, false), treeHash(left)];
}

// ---- a log

const seed = hash('sha256', 'ambit fuzz log', 'buffer');
const signingKey = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
  format: 'der',
  type: 'pkcs8',
});
const raw = new Uint8Array(createPublicKey(signingKey).export({ format: 'der', type: 'spki' }).subarray(-32));

export const logKey = verifierKey('ambit.test/log', raw, sha256);
export const verifyEd25519: Ed25519Verify = (key, message, signature) => {
  const x = Buffer.from(key).toString('base64url');
  return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature);
};

export const tenant = 'ten_acme' as TenantId;

function headerOf(index: number, detail: unknown): EntryHeader {
  const who = { requester: null, agent: null, agentUser: null, initiator: 'Alice', instance: null, environment: null };
  const row = index % 5;
  return {
    v: 1,
    id: `ent_${index}` as EntryId,
    tenant,
    at: index,
    kind: 'test.said',
    who: { ...who, zone: null, channel: 'api', proof: 'none' },
    ...{ task: null, run: null, about: null, action: null, decision: null, code: `word ${index}`, keys: [] },
    changes: [{ table: 'grants', key: `${tenant}|${row}`, hash: index === 9 ? null : jsonDigest(index, sha256) }],
    detailHash: detailHash(`salt ${index}`, canonicalJson(detail), sha256),
  };
}

// What agents may name the members of a body: signs that JSON escapes, names that mean something to JavaScript.
const details: readonly unknown[] = [
  ...[
    { word: 'a' },
    { zz: 1, '\\': 1 },
    { zz: 1, '"': 1 },
    { '\n': 1 },
    { a: 1e21, b: 1e-7, c: -0.5 },
    { é: '😀' },
    [[], {}, null],
  ],
  ...[{ ['__proto__']: { x: 1 } }, 'a text', { 'body.\\': 1 }, { 'body."': 1 }, { constructor: true }],
];

export const headers = details.map((detail, index) => headerOf(index, detail));
export const leaves = headers.map((header) => leafOf(canonicalJson(header)));
export const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

export const checkpointText = (size: number, of: readonly Uint8Array[] = leaves) =>
  printCheckpoint({ origin: logKey.name, size, root: treeHash(of.slice(0, size)), extensions: [] });
export const signedNote = (text: string) => signNote(text, logKey, (message) => sign(null, message, signingKey));

/** What whoever holds the key could make of it: the sixth entry says something else, and all is signed anew. */
export const forgedHeaders = headers.with(5, { ...headers[5]!, code: 'forged' });
const forgedLeaves = forgedHeaders.map((header) => leafOf(canonicalJson(header)));

/** Every text that the log's key ever signed. */
export const signedTexts: readonly string[] = [
  ...[7, forgedLeaves.length].map((size) => checkpointText(size, forgedLeaves)),
  ...Array.from({ length: leaves.length + 1 }, (_, size) => checkpointText(size)),
  printCheckpoint({ origin: 'another.log', size: 3, root: treeHash(leaves.slice(0, 3)), extensions: ['more'] }),
  'a note that is no checkpoint\n',
];

/** A whole export, of this log or of the forged one; every fourth detail is withheld. */
export function exportLines(all: readonly EntryHeader[] = headers): ExportLine[] {
  const hashes = all.map((header) => leafOf(canonicalJson(header)));
  const rows = [0, 1, 2, 3].map((row): ExportLine => {
    const index = all.length - 1 - ((all.length - 1 - row) % 5);
    return { type: 'row', table: 'grants', key: `${tenant}|${row}`, hash: all[index]!.changes[0]!.hash! };
  });
  const whole = (index: number): ExportLine => ({
    type: 'entry',
    index,
    leaf: base64(hashes[index]!),
    header: all[index]!,
    detail: index % 4 === 3 ? 'withheld' : { salt: `salt ${index}`, detail: details[index] },
  });
  return [
    { type: 'log', v: 1, tenant, key: printVerifierKey(logKey), rowsSince: all.length },
    ...rows,
    { type: 'checkpoint', note: signedNote(checkpointText(7, hashes)) },
    { type: 'checkpoint', note: signedNote(checkpointText(hashes.length, hashes)) },
    ...all.map((_, index) => whole(index)),
  ];
}
