/**
 * C2SP signed-note and tlog-checkpoint, RFC 6962 proofs: what the plane says of its log over HTTP, checked with nothing
 * but SHA-256 and Ed25519, as a stranger with the two documents would.
 */
import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type House, openHouse, order } from '../house.ts';
import { rawAgent } from '../raw-agent.ts';

let house: House;
let entry: string;
before(async () => {
  house = await openHouse();
  const agent = await rawAgent(house, house.refundBot);
  const token = await agent.accept(await house.openTask());
  const response = await agent.call(token, 'GET', `/api/shop/orders/${order}`);
  entry = response.headers.get('ambit-entry') ?? '';
  assert.match(entry, /^ent_/);
});
after(() => house.close());

const log = () => house.carol.operator.log;
const sha256 = (...parts: readonly Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const node = (left: Buffer, right: Buffer) => sha256(Buffer.of(1), left, right);
const bytes = (base64: string) => Buffer.from(base64, 'base64');

/** `<name>+<hash>+<key>`, taken apart as signed-note says. */
function readVerifierKey(text: string) {
  const [name = '', hex = '', base64 = ''] = text.split(/\+(.{8})\+/);
  const typed = bytes(base64);
  return { name, keyId: Buffer.from(hex, 'hex'), type: typed[0], publicKey: typed.subarray(1) };
}

function openNote(note: string, vkey: string): string {
  const key = readVerifierKey(vkey);
  const [, text = '', name, signature = ''] = /^([\s\S]*\n)\n— (\S+) (\S+)\n$/u.exec(note) ?? [];
  const signed = bytes(signature);
  assert.equal(name, key.name);
  assert.deepEqual(signed.subarray(0, 4), key.keyId);
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.publicKey.toString('base64url') };
  const opened = createPublicKey({ key: jwk, format: 'jwk' });
  assert.ok(verify(null, Buffer.from(text), opened, signed.subarray(4)), 'the signature does not verify');
  return text;
}

function readCheckpoint(text: string) {
  const [origin, size, root, ...rest] = text.split('\n');
  assert.deepEqual(rest, [''], 'nothing follows the three lines');
  return { origin, size: Number(size), root: bytes(root ?? '') };
}

async function checkpoint() {
  const { checkpoint: note, key, size } = await log().checkpoint();
  const read = readCheckpoint(openNote(note, key));
  assert.equal(read.size, size);
  return { ...read, key };
}

/** The largest power of two below `n` (RFC 6962 §2.1). */
const split = (n: number) => 2 ** Math.floor(Math.log2(n - 1));

/** RFC 6962 §2.1.1, backwards: the root that a path leads to. */
function climb(leaf: Buffer, index: number, size: number, path: readonly Buffer[]): Buffer {
  const sibling = path.at(-1);
  if (size === 1 || sibling === undefined) {
    assert.ok(size === 1 && path.length === 0, 'the path is too short or too long');
    return leaf;
  }
  const half = split(size);
  const rest = path.slice(0, -1);
  return index < half
    ? node(climb(leaf, index, half, rest), sibling)
    : node(sibling, climb(leaf, index - half, size - half, rest));
}

/** RFC 6962 §2.1.2, backwards: the roots of the old tree and the new one that a proof leads to. `known` is its `b`. */
function climbBoth(older: number, newer: number, path: readonly Buffer[], known: Buffer | null): [Buffer, Buffer] {
  if (older === newer) {
    assert.equal(path.length, known === null ? 1 : 0);
    const hash = known ?? path[0];
    assert.ok(hash);
    return [hash, hash];
  }
  const sibling = path.at(-1);
  assert.ok(sibling, 'the proof is too short');
  const half = split(newer);
  const rest = path.slice(0, -1);
  if (older <= half) {
    const [was, is] = climbBoth(older, half, rest, known);
    return [was, node(is, sibling)];
  }
  const [was, is] = climbBoth(older - half, newer - half, rest, null);
  return [node(sibling, was), node(sibling, is)];
}

test('the checkpoint is a signed note of three lines, by the key that is advertised beside it', async () => {
  const { origin, size, root, key } = await checkpoint();
  const { name, keyId, type, publicKey } = readVerifierKey(key);
  assert.equal(type, 1);
  assert.equal(publicKey.length, 32);
  assert.deepEqual(keyId, sha256(Buffer.from(`${name}\n`), Buffer.of(1), publicKey).subarray(0, 4));
  assert.equal(origin, name);
  assert.ok(size > 10);
  assert.equal(root.length, 32);
});

test('a note of which one character was changed does not verify', async () => {
  const { checkpoint: note, key } = await log().checkpoint();
  const [origin, size, root, ...rest] = note.split('\n');
  const forged = [origin, String(Number(size) + 1), root, ...rest].join('\n');
  assert.throws(() => openNote(forged, key), /does not verify/);
});

test('the inclusion proof of an entry leads from the entry itself to the signed root', async () => {
  const { size, root } = await checkpoint();
  const proof = await log().inclusion(entry as never, size);
  const leaf = bytes(proof.leaf);
  assert.deepEqual(climb(leaf, proof.index, size, proof.path.map(bytes)), root);
  assert.notDeepEqual(climb(sha256(leaf), proof.index, size, proof.path.map(bytes)), root);
});

test('every entry of the export is proved, and together they make the root', async () => {
  const { size, root } = await checkpoint();
  const leaves = await leavesOfExport();
  assert.deepEqual(treeOf(leaves, 0, size), root);
});

test('a leaf is the hash of the entry as it was written, canonical JSON and all (RFC 8785)', async () => {
  const { header } = await log().entry(entry as never);
  const { size } = await checkpoint();
  const { leaf } = await log().inclusion(entry as never, size);
  assert.deepEqual(sha256(Buffer.of(0), Buffer.from(sortedJson(header))), bytes(leaf));
});

test('the consistency proof leads from an older signed root to the newer one, for every size between', async () => {
  const older = await checkpoint();
  await house.openTask();
  await house.alice.operator.tasks.list();
  const newer = await checkpoint();
  assert.ok(newer.size > older.size);
  const { path } = await log().consistency(older.size, newer.size);
  const [was, is] = climbBoth(older.size, newer.size, path.map(bytes), older.root);
  assert.deepEqual(was, older.root);
  assert.deepEqual(is, newer.root);
  const leaves = await leavesOfExport();
  for (let size = 1; size < newer.size; size += 7) {
    const root = treeOf(leaves, 0, size);
    const proof = (await log().consistency(size, newer.size)).path.map(bytes);
    const [again, now] = climbBoth(size, newer.size, proof, root);
    assert.deepEqual([again, now], [root, newer.root], `from ${size}`);
  }
});

test('the receipt of an entry holds its own checkpoint and needs nothing else', async () => {
  const { receipt } = await log().entry(entry as never);
  const { key } = await log().checkpoint();
  const { size, root } = readCheckpoint(openNote(receipt.checkpoint, key));
  assert.deepEqual(climb(bytes(receipt.leaf), receipt.index, size, receipt.path.map(bytes)), root);
});

test('what cannot be proved is refused: a size the log never had, an entry that came later, two sizes the wrong way', async () => {
  const { size } = await checkpoint();
  const refused = (asking: Promise<unknown>) => assert.rejects(asking, { code: /^log\./ } as never);
  await refused(log().inclusion(entry as never, size + 1000));
  await refused(log().inclusion(entry as never, 1));
  await refused(log().consistency(size, 1));
  await refused(log().consistency(1, size + 1000));
});

function treeOf(leaves: readonly Buffer[], from: number, to: number): Buffer {
  const leaf = leaves[from];
  assert.ok(leaf);
  if (to - from === 1) return leaf;
  const middle = from + split(to - from);
  return node(treeOf(leaves, from, middle), treeOf(leaves, middle, to));
}

/** The hashes of all entries in order: own ones from their headers, those of others as they are given. */
async function leavesOfExport(): Promise<Buffer[]> {
  const leaves: Buffer[] = [];
  for await (const line of await log().export()) {
    const one = JSON.parse(line) as ExportLine;
    if (one.type === 'entry') leaves[one.index] = sha256(Buffer.of(0), Buffer.from(sortedJson(one.header)));
    if (one.type === 'leaves') leaves.splice(one.from, one.hashes.length, ...one.hashes.map(bytes));
  }
  return leaves;
}

type ExportLine =
  | { readonly type: 'entry'; readonly index: number; readonly header: object }
  | { readonly type: 'leaves'; readonly from: number; readonly hashes: readonly string[] }
  | { readonly type: 'log' | 'row' | 'checkpoint' };

/** Enough of RFC 8785 for headers, which hold texts, whole numbers, lists and null. */
function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, one]) => `${JSON.stringify(name)}:${sortedJson(one)}`).join(',')}}`;
}
