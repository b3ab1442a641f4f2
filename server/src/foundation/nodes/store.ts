import { type Table, table } from '../database/index.ts';

/** A node that stands: one process that runs on the store, by a name that none had before. */
export type NodeRow = {
  readonly id: string;
  /** Counts up as long as the node reaches the store. No clock is compared: who looks measures by its own. */
  readonly beat: number;
  /** How long it may say nothing until others declare it dead. */
  readonly lostMs: number;
  /** What has to be the same at all nodes, by the words that a person knows it by. */
  readonly same: Readonly<Record<string, string>>;
  readonly joinedAt: number;
};

// Not governed: a node's row gives nobody any authority, and goes with an entry where others remove it.
export const standingNodes: Table<NodeRow> = table<NodeRow>('standing_nodes', {
  columns: { id: 'text', beat: 'integer', lostMs: 'integer', same: 'json', joinedAt: 'integer' },
  key: ['id'],
  governed: false,
});

/** One row: counts who joined, so that of two that join at once one sees the other. */
type JoinsRow = { readonly id: 'joins'; readonly count: number };
export const nodeJoins: Table<JoinsRow> = table<JoinsRow>('node_joins', {
  columns: { id: 'text', count: 'integer' },
  key: ['id'],
  governed: false,
});
