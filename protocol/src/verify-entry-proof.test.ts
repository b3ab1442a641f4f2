import assert from 'node:assert/strict';
import { generateKeyPairSync, hash, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { toBase64, utf8 } from './bytes.ts';
import { detailHash } from './digest.ts';
import type { EntryId } from './ids.ts';
import { canonicalJson } from './json.ts';
import { inclusionPath, leafHash, nodeHash, rootAt } from './log-proof.ts';
import { printCheckpoint, printVerifierKey, signNote, verifierKey } from './note.ts';
import { type EntryProof, verifyEntryProof } from './verify-entry-proof.ts';

const sha256 = (bytes: Uint8Array) => hash('sha256', bytes, 'buffer');
const origin = 'ambit.example/log';
const pair = () => generateKeyPairSync('ed25519');
type Pair = ReturnType<typeof pair>;
const rawKey = ({ publicKey }: Pair) => Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
const keyOf = (one: Pair) => verifierKey(origin, rawKey(one), sha256);
const verifyEd25519 = (raw: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
  [log, mallory].some((one) => Buffer.from(raw).equals(rawKey(one)) && verify(null, message, one.publicKey, signature));
const [log, mallory] = [pair(), pair()];
const given = { sha256, verify: verifyEd25519 };

const entryId = (n: number) => `ent_0000000000000000000${n}` as EntryId;
const detail = { salt: 'c2FsdA', detail: { because: ['the task covers it'] } };
const header = (n: number) => ({
  id: entryId(n),
  kind: 'call.decided',
  at: n,
  detailHash: detailHash(detail.salt, canonicalJson(detail.detail), sha256),
});

async function treeOf(size: number, change: (n: number) => object = header) {
  const leaves = Array.from({ length: size }, (_, n) => leafHash(utf8(canonicalJson(change(n))), sha256));
  const nodeAt = (level: number, index: number): Uint8Array =>
    level === 0 ? leaves[index]! : nodeHash(nodeAt(level - 1, index * 2), nodeAt(level - 1, index * 2 + 1), sha256);
  return { nodeAt, leaves, root: await rootAt(size, nodeAt, sha256) };
}

const noteOf = (size: number, root: Uint8Array, by: Pair = log) =>
  signNote(printCheckpoint({ origin, size, root, extensions: [] }), keyOf(by), (message) =>
    sign(null, message, by.privateKey),
  );

async function proofOf(n: number, size = 7, by: Pair = log): Promise<EntryProof> {
  const { nodeAt, leaves, root } = await treeOf(size);
  const path = await inclusionPath(size, n, nodeAt, sha256);
  return {
    type: 'ambit_entry_proof',
    v: 1,
    key: printVerifierKey(keyOf(by)),
    header: header(n),
    detail,
    receipt: {
      entry: entryId(n),
      index: n,
      leaf: toBase64(leaves[n]!),
      path: path.map(toBase64),
      checkpoint: noteOf(size, root, by),
    },
  };
}
const logKey = printVerifierKey(keyOf(log));

test('an entry is proved against a key that was had from elsewhere, and says how far that goes', async () => {
  const verdict = verifyEntryProof(await proofOf(3), { ...given, key: logKey });
  assert.deepEqual([verdict.ok, verdict.keyFrom, verdict.isAnchored, verdict.size], [true, 'given', false, 7]);
  assert.match(
    verdict.says,
    /entry 3 of the log whose first 7 entries the checkpoint signs, with the key that you gave/,
  );
});

test('without a key or a checkpoint from elsewhere the file only agrees with itself, and that is said', async () => {
  const verdict = verifyEntryProof(await proofOf(3, 7, mallory), given);
  assert.deepEqual([verdict.ok, verdict.keyFrom], [true, 'file']);
  assert.match(verdict.says, /if the key that the file names is the log’s: give --log-key or --anchor/);
});

test('a checkpoint that was kept elsewhere names the key, and of the same size fixes the root', async () => {
  const { root } = await treeOf(7);
  const same = verifyEntryProof(await proofOf(3), { ...given, anchors: [noteOf(7, root)] });
  assert.deepEqual([same.ok, same.keyFrom, same.isAnchored], [true, 'anchor', true]);
  const earlier = await treeOf(5);
  const other = verifyEntryProof(await proofOf(3), { ...given, anchors: [noteOf(5, earlier.root)] });
  assert.deepEqual([other.ok, other.keyFrom, other.isAnchored], [true, 'anchor', false]);
});

test('a log of another key, or one that was rewritten, is found by what was kept', async () => {
  const forged = await proofOf(3, 7, mallory);
  assert.equal(verifyEntryProof(forged, { ...given, key: logKey }).ok, false);
  const { root } = await treeOf(7);
  assert.equal(verifyEntryProof(forged, { ...given, anchors: [noteOf(7, root)] }).ok, false);
  const rewritten = await treeOf(7, (n) => ({ ...header(n), at: 99 }));
  const found = verifyEntryProof(await proofOf(3), { ...given, anchors: [noteOf(7, rewritten.root)] });
  assert.deepEqual([found.ok, found.findings[0]?.what], [false, 'anchor']);
});

test('whatever is changed in the file, the proof fails', async () => {
  const proof = await proofOf(3);
  const { receipt } = proof;
  const changed: readonly EntryProof[] = [
    { ...proof, header: { ...header(3), at: 4 } },
    { ...proof, header: header(2) },
    { ...proof, detail: { ...detail, detail: { because: ['nothing'] } } },
    { ...proof, receipt: { ...receipt, index: 2 } },
    { ...proof, receipt: { ...receipt, path: receipt.path.slice(1) } },
    { ...proof, receipt: { ...receipt, leaf: receipt.path[0]! } },
    { ...proof, receipt: { ...receipt, checkpoint: receipt.checkpoint.replace('\n7\n', '\n8\n') } },
    { ...proof, receipt: { ...receipt, checkpoint: 'no note' } },
    { ...proof, key: 'no key' },
  ];
  for (const one of changed) {
    const verdict = verifyEntryProof(one, given);
    assert.equal(verdict.ok, false, JSON.stringify(one));
    assert.match(verdict.says, /^This is no proof that ent_/);
  }
});

test('of logs of any size, every entry is proved, and no other in its place', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.nat(8), fc.nat(8), async (size, a, b) => {
      const [n, other] = [a % size, b % size];
      const proof = await proofOf(n, size);
      assert.ok(verifyEntryProof(proof, { ...given, key: logKey }).ok);
      if (n === other) return;
      const moved = { ...proof, receipt: { ...proof.receipt, index: other } };
      assert.equal(verifyEntryProof(moved, { ...given, key: logKey }).ok, false);
    }),
    { numRuns: 60 },
  );
});

test('a file without its detail, or whose detail was deleted, is proved without it', async () => {
  const verdict = verifyEntryProof({ ...(await proofOf(0)), detail: 'deleted' }, { ...given, key: logKey });
  assert.deepEqual([verdict.ok, verdict.detail], [true, 'not in the file']);
});
