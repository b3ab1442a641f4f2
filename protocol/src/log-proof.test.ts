import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex, toHex, utf8 } from './bytes.ts';
import {
  append,
  type CompactRange,
  consistencyPath,
  edgeOf,
  emptyRange,
  emptyRoot,
  inclusionPath,
  leafHash,
  nodeHash,
  rootAt,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from './log-proof.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());

// RFC 6962 §2.1, word for word and slow: the oracle of everything below.
function mth(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array());
  if (leaves.length === 1) return leaves[0]!;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(mth(leaves.slice(0, k)), mth(leaves.slice(k)), sha256);
}

const sizeMax = 70;
const leaves = Array.from({ length: sizeMax }, (_, i) => leafHash(utf8(`entry ${i}`), sha256));
const roots = Array.from({ length: sizeMax + 1 }, (_, size) => mth(leaves.slice(0, size)));
const nodes = new Map<string, Uint8Array>();
function nodeAt(level: number, index: number): Uint8Array {
  const name = `${level}/${index}`;
  const node = nodes.get(name) ?? mth(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));
  nodes.set(name, node);
  return node;
}

test('reproduces the tree of the Certificate Transparency examples', () => {
  const entries = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  let range = emptyRange;
  const seen = entries.map((hex) => {
    range = append(range, leafHash(fromHex(hex)!, sha256), sha256);
    return toHex(rootOf(range, sha256));
  });
  assert.equal(toHex(emptyRoot(sha256)), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  assert.match(seen[0]!, /^6e340b9c.*afa01d$/);
  assert.match(seen[1]!, /^fac54203.*00e3c125$/);
  assert.match(seen[2]!, /^aeb6bcfe.*f329e06e77$/);
  assert.equal(seen[7], '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
});

test('a compact range has the root of the whole tree at every size', async () => {
  let range: CompactRange = emptyRange;
  for (let size = 0; size <= sizeMax; size++) {
    assert.deepEqual(rootOf(range, sha256), roots[size], `size ${size}`);
    assert.deepEqual(await rootAt(size, nodeAt, sha256), roots[size]);
    assert.deepEqual(
      range.hashes,
      edgeOf(size).map(({ level, index }) => nodeAt(level, index)),
    );
    if (size < sizeMax) range = append(range, leaves[size]!, sha256);
  }
});

test('a range whose hashes do not fit its size is refused', () => {
  const range = append(emptyRange, leaves[0]!, sha256);
  assert.throws(() => rootOf({ ...range, size: 3 }, sha256), /A range of 3 leaves does not have 1 hashes/);
  assert.throws(() => append({ ...range, size: 0 }, leaves[1]!, sha256), RangeError);
  assert.throws(() => append({ size: 1.5, hashes: range.hashes }, leaves[1]!, sha256), RangeError);
});

test('every leaf of every tree has an inclusion proof, and no other leaf or place has it', async () => {
  for (let size = 1; size <= sizeMax; size++) {
    for (let index = 0; index < size; index++) {
      const claim = {
        leaf: leaves[index]!,
        index,
        size,
        root: roots[size]!,
        path: await inclusionPath(size, index, nodeAt, sha256),
      };
      assert.ok(verifyInclusion(claim, sha256), `leaf ${index} of ${size}`);
      assert.ok(!verifyInclusion({ ...claim, leaf: leaves[(index + 1) % sizeMax]! }, sha256));
      assert.ok(!verifyInclusion({ ...claim, path: [...claim.path, leaves[0]!] }, sha256));
      assert.ok(!verifyInclusion({ ...claim, root: roots[size - 1]! }, sha256));
      if (size > 1) {
        assert.ok(!verifyInclusion({ ...claim, index: (index + 1) % size }, sha256));
        assert.ok(!verifyInclusion({ ...claim, path: claim.path.slice(1) }, sha256));
      }
    }
  }
});

test('every tree has a consistency proof from every earlier one, and from no other', async () => {
  for (let size = 0; size <= sizeMax; size++) {
    for (let older = 0; older <= size; older++) {
      const path = await consistencyPath(older, size, nodeAt, sha256);
      const claim = { older: { size: older, root: roots[older]! }, newer: { size, root: roots[size]! }, path };
      assert.ok(verifyConsistency(claim, sha256), `${older} to ${size}`);
      assert.ok(
        !verifyConsistency({ ...claim, older: { size: older, root: leafHash(utf8('other'), sha256) } }, sha256),
      );
      assert.ok(!verifyConsistency({ ...claim, path: [...path, leaves[0]!] }, sha256));
      if (older > 0 && older < size) {
        assert.ok(!verifyConsistency({ ...claim, newer: { size, root: roots[size - 1]! } }, sha256));
        assert.ok(!verifyConsistency({ ...claim, path: path.slice(1) }, sha256));
        assert.ok(!verifyConsistency({ ...claim, older: { size: older - 1, root: roots[older]! } }, sha256));
      }
    }
  }
});

test('refuses places and sizes that are none', async () => {
  await assert.rejects(inclusionPath(3, 3, nodeAt, sha256), /no entry 3/);
  await assert.rejects(inclusionPath(3, -1, nodeAt, sha256), RangeError);
  await assert.rejects(inclusionPath(3, 0.5, nodeAt, sha256), RangeError);
  await assert.rejects(consistencyPath(4, 3, nodeAt, sha256), /never had 4/);
  const path = await inclusionPath(3, 0, nodeAt, sha256);
  const claim = { leaf: leaves[0]!, index: 0, size: 3, root: roots[3]!, path };
  for (const odd of [-1, 0.5, Number.NaN, 2 ** 53, 3]) assert.ok(!verifyInclusion({ ...claim, index: odd }, sha256));
  for (const odd of [-1, 0, 0.5, Number.NaN, 2 ** 53]) assert.ok(!verifyInclusion({ ...claim, size: odd }, sha256));
  assert.ok(!verifyInclusion({ ...claim, leaf: new Uint8Array(31) }, sha256));
});

test('a place outside of the tree is refused even where the hashes would fit', () => {
  const leaf = leaves[0]!;
  assert.ok(verifyInclusion({ leaf, index: 0, size: 1, root: leaf, path: [] }, sha256));
  assert.ok(!verifyInclusion({ leaf, index: 1, size: 1, root: leaf, path: [] }, sha256));
});

test('a node inside the tree does not pass for a leaf, nor a leaf for something further down', () => {
  const path = [nodeAt(1, 1)];
  assert.ok(!verifyInclusion({ leaf: nodeAt(1, 0), index: 0, size: 4, root: roots[4]!, path }, sha256));
  const [leaf, other] = [leaves[0]!, leaves[1]!];
  const root = nodeHash(other, leaf, sha256);
  assert.ok(!verifyInclusion({ leaf, index: 0, size: 1, root, path: [other] }, sha256));
});

test('a hash of another length proves nothing, wherever it stands', () => {
  const [leaf, short] = [leaves[0]!, leaves[1]!.slice(1)];
  assert.ok(!verifyInclusion({ leaf: short, index: 0, size: 1, root: short, path: [] }, sha256));
  const root = nodeHash(leaf, short, sha256);
  assert.ok(!verifyInclusion({ leaf, index: 0, size: 2, root, path: [short] }, sha256));
  const same = { size: 1, root: short };
  assert.ok(!verifyConsistency({ older: same, newer: same, path: [] }, sha256));
  const newer = { size: 2, root };
  assert.ok(!verifyConsistency({ older: { size: 1, root: leaf }, newer, path: [short] }, sha256));
});

test('trees of sizes that are none, or that shrink, are not consistent', async () => {
  const root = roots[1]!;
  const claimed = (older: number, newer: number) =>
    verifyConsistency({ older: { size: older, root }, newer: { size: newer, root }, path: [] }, sha256);
  assert.ok(claimed(1, 1));
  for (const odd of [-1, 0.5, 2 ** 53, Number.NaN]) assert.ok(!claimed(odd, odd), `${odd}`);
  assert.ok(!claimed(0.5, 1));
  assert.ok(!claimed(2, 1));
  await assert.rejects(consistencyPath(-1, 3, nodeAt, sha256), /never had -1/);
  await assert.rejects(consistencyPath(1, 2.5, nodeAt, sha256), /never had 1/);
});

test('an empty path proves nothing of a tree that is not one whole subtree', () => {
  const claim = { older: { size: 3, root: roots[3]! }, newer: { size: 5, root: roots[5]! } };
  assert.equal(verifyConsistency({ ...claim, path: [] }, sha256), false);
});

test('law: one flipped bit anywhere in a proof makes it fail', async () => {
  const bit = fc.record({
    size: fc.integer({ min: 2, max: sizeMax }),
    at: fc.nat(),
    byte: fc.nat(31),
    mask: fc.constantFrom(1, 2, 64, 128),
  });
  await fc.assert(
    fc.asyncProperty(bit, async ({ size, at, byte, mask }) => {
      const flip = (path: readonly Uint8Array[], which: number) =>
        path.map((hash, i) => (i === which ? hash.map((value, j) => (j === byte ? value ^ mask : value)) : hash));
      const index = at % size;
      const inclusion = await inclusionPath(size, index, nodeAt, sha256);
      const bad = flip(inclusion, at % inclusion.length);
      assert.ok(!verifyInclusion({ leaf: leaves[index]!, index, size, root: roots[size]!, path: bad }, sha256));
      const older = 1 + (at % (size - 1));
      const consistency = await consistencyPath(older, size, nodeAt, sha256);
      const claim = { older: { size: older, root: roots[older]! }, newer: { size, root: roots[size]! } };
      assert.ok(!verifyConsistency({ ...claim, path: flip(consistency, at % consistency.length) }, sha256));
    }),
  );
});

test('sizes beyond 32 bits keep their arithmetic', async () => {
  // A tree of 2^40 + 1 leaves of which only two hashes are ever looked up.
  const [whole, last] = [leafHash(utf8('a million million'), sha256), leafHash(utf8('one more'), sha256)];
  const size = 2 ** 40 + 1;
  const known = (level: number, index: number): Uint8Array => {
    if (level === 40 && index === 0) return whole;
    if (level === 0 && index === 2 ** 40) return last;
    return assert.fail(`looked up ${level}/${index}`);
  };
  const root = nodeHash(whole, last, sha256);
  assert.deepEqual(await rootAt(size, known, sha256), root);
  const path = await inclusionPath(size, 2 ** 40, known, sha256);
  assert.ok(verifyInclusion({ leaf: last, index: 2 ** 40, size, root, path }, sha256));
  const older = { size: 2 ** 40, root: whole };
  assert.ok(
    verifyConsistency(
      { older, newer: { size, root }, path: await consistencyPath(2 ** 40, size, known, sha256) },
      sha256,
    ),
  );
});
