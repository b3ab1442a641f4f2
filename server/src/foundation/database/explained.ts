import { hash } from 'node:crypto';
import { canonicalJson, type EntryHeader } from '@ambit/protocol';
import { leafOf } from './edge.ts';
import type { AnyTable } from './table.ts';
import type { Fields } from './unit.ts';

/** Column of every governed table: the index of the entry that explains the row as it stands. */
export const entryColumn = '_entry';

/** The hash that an entry keeps of a governed row. */
export function rowHash({ name, added = [] }: AnyTable, tenant: string, row: Fields): string {
  const lacks = (column: string) => added.includes(column) && (row[column] ?? null) === null;
  const whole = added.some(lacks) ? Object.fromEntries(Object.entries(row).filter(([column]) => !lacks(column))) : row;
  return `sha-256:${hash('sha256', canonicalJson({ table: name, tenant, row: whole }), 'base64url')}`;
}

/** How an entry names a row. */
export const rowKey = (of: AnyTable, tenant: string, row: Fields): string =>
  `${tenant}|${of.key.map((name) => String(row[name])).join('|')}`;

/** An entry as it lies in the store: the text that was hashed, and the leaf that the tree holds. */
export type StoredHeader = { readonly header: string; readonly leaf: Uint8Array };

/** What an entry says of rows: `table key` and the hash of what it became. */
export type Changes = ReadonlyMap<string, string | null>;

/** The changes of an entry, or undefined where it is not what its leaf in the tree says it is. */
export function changesIn(stored: StoredHeader | undefined): Changes | undefined {
  if (stored === undefined || !leafOf(stored.header).equals(stored.leaf)) return undefined;
  const header = JSON.parse(stored.header) as EntryHeader;
  return new Map(header.changes.map((change) => [`${change.table} ${change.key}`, change.hash]));
}

/**
 * Whether a row is what the entry it names says it became.
 * INVARIANT (state agrees with the log): a row that was edited past the writer gives nothing to anyone. An old row put
 * back with its old entry passes here; `audit verify` finds it.
 */
export function isExplained(of: AnyTable, tenant: string, row: Fields, changes: Changes | undefined): boolean {
  return !of.governed || changes?.get(`${of.name} ${rowKey(of, tenant, row)}`) === rowHash(of, tenant, row);
}

const headersKept = 64;

/** The same over a store that is read at once. One entry may explain a thousand rows: its header is read once. */
export function createExplained(read: (index: number) => StoredHeader | undefined) {
  const known = new Map<number, Changes>();

  function changesOf(index: number): Changes | undefined {
    const kept = known.get(index);
    if (kept !== undefined) return kept;
    const changes = changesIn(read(index));
    if (changes === undefined) return undefined;
    if (known.size >= headersKept) known.clear();
    known.set(index, changes);
    return changes;
  }

  return {
    explains(of: AnyTable, tenant: string, row: Fields, entry: unknown): boolean {
      if (!of.governed) return true;
      return typeof entry === 'number' && isExplained(of, tenant, row, changesOf(entry));
    },
    /** After entries were undone: those indexes will name others. */
    forgetFrom(index: number): void {
      for (const one of known.keys()) if (one >= index) known.delete(one);
    },
  };
}
