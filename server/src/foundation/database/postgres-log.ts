import { type EntryHeader, nodeHash, rootOf } from '@ambit/protocol';
import { StoreFault } from '../errors.ts';
import type { Log, StoredEntry } from './database.ts';
import { hashesIn, nodeStride, sha256 } from './edge.ts';
import { type Ask, pageMax } from './postgres-reads.ts';
import { openSealed } from './seal.ts';

type EntryRow = {
  readonly idx: number;
  readonly header: string;
  readonly leaf: Uint8Array;
  readonly detail: Uint8Array | null;
};

const columns = 'idx, header, leaf, detail';

const stored = (row: EntryRow): StoredEntry => ({
  index: row.idx,
  header: JSON.parse(row.header) as EntryHeader,
  leaf: row.leaf,
  sealed: row.detail,
});

export function createLog(ask: Ask, detailKey: Uint8Array): Log {
  const node = treeReader(ask);
  return {
    async head() {
      const [row] = await ask<{ size: number; edge: Uint8Array }>('head', 'SELECT size, edge FROM log_head', []);
      if (row === undefined) throw new StoreFault('the head of the log is gone');
      return { size: row.size, root: rootOf({ size: row.size, hashes: hashesIn(row.edge) }, sha256) };
    },
    node,
    async entry(tenant, id) {
      const text = `SELECT ${columns} FROM entries WHERE tenant = $1 AND id = $2`;
      const [row] = await ask<EntryRow>('find entry', text, [tenant, id]);
      return row === undefined ? undefined : stored(row);
    },
    async entries(tenant, wanted) {
      const conditions = ['tenant = $1', 'idx >= $2'];
      const values: (string | number)[] = [tenant, wanted.from ?? 0];
      for (const name of ['run', 'task', 'kind'] as const) {
        if (wanted[name] === undefined) continue;
        values.push(wanted[name]);
        conditions.push(`${name} = $${values.length}`);
      }
      if (wanted.until !== undefined) {
        values.push(wanted.until);
        conditions.push(`idx < $${values.length}`);
      }
      values.push(Math.min(wanted.limit, pageMax));
      const text = `SELECT ${columns} FROM entries WHERE ${conditions.join(' AND ')} ORDER BY idx LIMIT $${values.length}`;
      return (await ask<EntryRow>(undefined, text, values)).map(stored);
    },
    async leaves(from, limit) {
      const text = 'SELECT leaf FROM entries WHERE idx >= $1 ORDER BY idx LIMIT $2';
      return (await ask<{ leaf: Uint8Array }>('leaves', text, [from, limit])).map(({ leaf }) => leaf);
    },
    open: (one) => openSealed(one, detailKey),
    async newestAt() {
      const [row] = await ask<{ at: number }>('newest', 'SELECT at FROM entries ORDER BY idx DESC LIMIT 1', []);
      return row?.at ?? 0;
    },
  };
}

/** Hash of a whole subtree, from the kept levels: one question for the kept nodes or leaves right below it. */
export function treeReader(ask: Ask): (level: number, index: number) => Promise<Uint8Array> {
  return async (level, index) => {
    const kept = level - (level % nodeStride);
    const width = 2 ** (level - kept);
    const from = index * width;
    const rows =
      kept === 0
        ? await ask<{ hash: Uint8Array }>(
            'leaves of node',
            'SELECT leaf AS hash FROM entries WHERE idx >= $1 AND idx < $2 ORDER BY idx',
            [from, from + width],
          )
        : await ask<{ hash: Uint8Array }>(
            'nodes of node',
            'SELECT hash FROM nodes WHERE level = $3 AND idx >= $1 AND idx < $2 ORDER BY idx',
            [from, from + width, kept],
          );
    if (rows.length !== width) throw new StoreFault(`the log lacks what is below node ${index} of level ${level}`);
    let hashes = rows.map(({ hash }) => hash);
    while (hashes.length > 1) {
      const pairs = Array.from({ length: hashes.length / 2 }, (_, i) => [hashes[2 * i], hashes[2 * i + 1]] as const);
      hashes = pairs.map(([left, right]) => nodeHash(left as Uint8Array, right as Uint8Array, sha256));
    }
    return hashes[0] as Uint8Array;
  };
}
