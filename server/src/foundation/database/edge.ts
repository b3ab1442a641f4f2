import { hash } from 'node:crypto';
import { edgeOf } from '@ambit/protocol';

// By way of a text: bytes in Node's pool cost less to make and to collect than a buffer of their own.
export const sha256 = (bytes: Uint8Array | string): Buffer => Buffer.from(hash('sha256', bytes, 'binary'), 'binary');

/** `leafHash` of the protocol over a header's text, which is well-formed: hashed as it is, without a copy of its bytes. */
export const leafOf = (header: string): Buffer => sha256(`\0${header}`);

const pair = Buffer.of(1, ...new Uint8Array(64));

/** `nodeHash` of the protocol, in bytes that are there already. */
function nodeOf(left: Uint8Array, right: Uint8Array): Buffer {
  pair.set(left, 1);
  pair.set(right, 33);
  return sha256(pair);
}

/** Nodes of every fourth level are kept: a proof reads a few rows, an append writes one row in fifteen. */
export const nodeStride = 4;

export type TreeNode = { readonly level: number; readonly index: number; readonly hash: Uint8Array };

/** The right edge of the tree: the whole subtrees that the next leaf may complete. */
export type Edge = {
  /** Takes a leaf; says its index, and the subtrees that it completed of the levels that are kept. */
  append(leaf: Uint8Array): { readonly index: number; readonly completed: readonly TreeNode[] };
  size(): number;
  nodes(): readonly TreeNode[];
  snapshot(): EdgeState;
  restore(before: EdgeState): void;
};

export type EdgeState = { readonly nodes: readonly TreeNode[]; readonly size: number };

/** @param hashes of the whole subtrees that a tree of that size ends in, the largest first. */
export function createEdge(size: number, hashes: readonly Uint8Array[]): Edge {
  let nodes: readonly TreeNode[] = edgeOf(size).map((name, i) => ({ ...name, hash: hashes[i] as Uint8Array }));
  let leaves = size;
  return {
    append(leaf) {
      const index = leaves++;
      const completed: TreeNode[] = [];
      let node: TreeNode = { level: 0, index, hash: leaf };
      let rest = nodes.length;
      for (let left = nodes[rest - 1]; left?.level === node.level; left = nodes[rest - 1]) {
        rest--;
        node = {
          level: node.level + 1,
          index: Math.floor(node.index / 2),
          hash: nodeOf(left.hash, node.hash),
        };
        if (node.level % nodeStride === 0) completed.push(node);
      }
      nodes = [...nodes.slice(0, rest), node];
      return { index, completed };
    },
    size: () => leaves,
    nodes: () => nodes,
    snapshot: () => ({ nodes, size: leaves }),
    restore(before) {
      nodes = before.nodes;
      leaves = before.size;
    },
  };
}

/** Hashes that lie one behind the other. */
export function hashesIn(edge: Uint8Array): Uint8Array[] {
  return Array.from({ length: edge.length / 32 }, (_, i) => edge.subarray(i * 32, (i + 1) * 32));
}
