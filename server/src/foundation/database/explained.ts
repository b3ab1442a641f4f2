import { hash } from 'node:crypto';
import { canonicalJson, type EntryHeader, equalBytes, leafHash } from '@ambit/protocol';
import type Sqlite from 'better-sqlite3';
import type { AnyTable } from './table.ts';
import type { Fields } from './unit.ts';

/** Column of every governed table: the index of the entry that explains the row as it stands. */
export const entryColumn = '_entry';

const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer');

/** The hash that an entry keeps of a governed row. */
export function rowHash(table: string, tenant: string, row: Fields): string {
  return `sha-256:${hash('sha256', canonicalJson({ table, tenant, row }), 'base64url')}`;
}

/** How an entry names a row. */
export const rowKey = (of: AnyTable, tenant: string, row: Fields): string =>
  `${tenant}|${of.key.map((name) => String(row[name])).join('|')}`;

const headersKept = 64;

/**
 * Whether a row is what the entry it names says it became, and that entry what its leaf in the tree says it is.
 * INVARIANT (state agrees with the log): a row that was edited past the writer gives nothing to anyone. An old row put
 * back with its old entry passes here; `audit verify` finds it.
 */
export function createExplained(file: Sqlite.Database) {
  const select = file.prepare('SELECT header, leaf FROM entries WHERE idx = ?');
  // One entry may explain a thousand rows, e.g. of an import: its header is read once.
  const changes = new Map<number, ReadonlyMap<string, string | null>>();

  function changesOf(index: number): ReadonlyMap<string, string | null> | undefined {
    const known = changes.get(index);
    if (known !== undefined) return known;
    const stored = select.get(index) as { header: string; leaf: Uint8Array } | undefined;
    if (stored === undefined || !equalBytes(leafHash(Buffer.from(stored.header), sha256), stored.leaf))
      return undefined;
    const header = JSON.parse(stored.header) as EntryHeader;
    const read = new Map(header.changes.map((change) => [`${change.table} ${change.key}`, change.hash]));
    if (changes.size >= headersKept) changes.clear();
    changes.set(index, read);
    return read;
  }

  return {
    explains(of: AnyTable, tenant: string, row: Fields, entry: unknown): boolean {
      if (!of.governed) return true;
      if (typeof entry !== 'number') return false;
      return changesOf(entry)?.get(`${of.name} ${rowKey(of, tenant, row)}`) === rowHash(of.name, tenant, row);
    },
    /** After entries were rolled back: their indexes will name others. */
    forget: () => changes.clear(),
  };
}
