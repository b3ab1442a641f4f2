import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeOf, emptyRange, leafHash, nodeHash, append as protocolAppend, rootOf } from '@ambit/protocol';
import { createEdge, hashesIn, leafOf, nodeStride, sha256, type TreeNode } from './edge.ts';

const sizeMax = 300;
const leaves = Array.from({ length: sizeMax }, (_, i) => leafHash(Buffer.from(`entry ${i}`), sha256));

/** The hash of a whole subtree, from its leaves. */
function hashAt(level: number, index: number): Uint8Array {
  if (level === 0) return leaves[index]!;
  return nodeHash(hashAt(level - 1, 2 * index), hashAt(level - 1, 2 * index + 1), sha256);
}

const named = (nodes: readonly TreeNode[]) =>
  nodes.map(({ level, index, hash }) => [level, index, Buffer.from(hash).toString('hex')]);
const nodesAt = (names: readonly { readonly level: number; readonly index: number }[]) =>
  names.map(({ level, index }) => ({ level, index, hash: hashAt(level, index) }));

test('the edge of a growing tree is the one that the protocol names, with the same root', () => {
  const edge = createEdge(0, []);
  let range = emptyRange;
  for (let size = 0; size < sizeMax; size++) {
    assert.equal(edge.size(), size);
    assert.equal(edge.append(leaves[size]!).index, size);
    range = protocolAppend(range, leaves[size]!, sha256);
    assert.deepEqual(named(edge.nodes()), named(nodesAt(edgeOf(size + 1))));
    assert.deepEqual(
      rootOf({ size: edge.size(), hashes: edge.nodes().map(({ hash }) => hash) }, sha256),
      rootOf(range, sha256),
    );
  }
});

test('every whole subtree of every fourth level is told once, when its last leaf comes', () => {
  const edge = createEdge(0, []);
  for (let size = 1; size <= sizeMax; size++) {
    const { completed } = edge.append(leaves[size - 1]!);
    const expected = [4, 8]
      .filter((level) => size % 2 ** level === 0)
      .map((level) => ({ level, index: size / 2 ** level - 1 }));
    assert.deepEqual(named(completed), named(nodesAt(expected)), `size ${size}`);
  }
  assert.equal(nodeStride, 4);
});

test('an edge goes on from the hashes that were kept, as if it had never stopped', () => {
  for (let size = 0; size < 70; size++) {
    const hashes = nodesAt(edgeOf(size)).map(({ hash }) => hash);
    const edge = createEdge(size, hashesIn(Buffer.concat(hashes)));
    assert.equal(edge.append(leaves[size]!).index, size);
    assert.deepEqual(named(edge.nodes()), named(nodesAt(edgeOf(size + 1))), `size ${size}`);
  }
});

test('what was appended can be taken back to where it was, and something else appended', () => {
  const edge = createEdge(0, []);
  for (const leaf of leaves.slice(0, 7)) edge.append(leaf);
  const before = edge.snapshot();
  for (const leaf of leaves.slice(20, 40)) edge.append(leaf);
  edge.restore(before);
  assert.equal(edge.size(), 7);
  assert.equal(edge.append(leaves[7]!).index, 7);
  assert.deepEqual(named(edge.nodes()), named([{ level: 3, index: 0, hash: hashAt(3, 0) }]));
});

test('a header is the leaf that the protocol makes of its bytes', () => {
  for (const header of ['', '{"seq":1}', 'Zoë – 😀'])
    assert.deepEqual(new Uint8Array(leafOf(header)), new Uint8Array(leafHash(Buffer.from(header), sha256)));
});

test('hashes that lie one behind the other are taken apart', () => {
  assert.deepEqual(hashesIn(new Uint8Array(0)), []);
  assert.deepEqual(
    hashesIn(Buffer.concat(leaves.slice(0, 3))).map((hash) => Buffer.from(hash)),
    leaves.slice(0, 3).map((hash) => Buffer.from(hash)),
  );
});
