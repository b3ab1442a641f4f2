import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Decimal, type EntryHeader, rootAt, type TenantId } from '@ambit/protocol';
import Sqlite from 'better-sqlite3';
import type { Clock } from '../clock.ts';
import { refuse, StoreFault } from '../errors.ts';
import { committing } from './commit.ts';
import type { CounterHeld, Database, Listing, Log, StoredEntry } from './database.ts';
import { sha256 } from './edge.ts';
import { createExplained, entryColumn, rowKey, type StoredHeader } from './explained.ts';
import { keeping } from './kept.ts';
import { createMemory, type Memory } from './memory.ts';
import { requireNotMoved } from './moved-mark.ts';
import { openSealed } from './seal.ts';
import { entriesNamed } from './sqlite-names.ts';
import { isOnce } from './sqlite-once.ts';
import { treeReader } from './sqlite-rows.ts';
import type { SqliteThread } from './sqlite-thread.ts';
import { sqliteTrouble } from './sqlite-trouble.ts';
import { startWriter } from './start-writer.ts';
import { declaredTables, eraseRow, type Table } from './table.ts';
import type { Fields } from './unit.ts';
import { decodeRow, encode, isAskable } from './values.ts';

export type SqliteOptions = {
  readonly directory: string;
  /** 32 bytes, under which details are sealed at rest. */
  readonly detailKey: Uint8Array;
  readonly clock: Clock;
};

export const holdsStore = (directory: string): boolean => existsSync(join(directory, 'ambit.db'));

/** The embedded store: one file, one writer thread, readers on the caller's thread. */
export async function openSqlite({ directory, detailKey, clock }: SqliteOptions): Promise<Database> {
  requireNotMoved(directory);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const tables = declaredTables();
  const writer = await startWriter('sqlite', { directory, tables, detailKey } satisfies SqliteThread);
  const file = guardedIn(directory, () => new Sqlite(join(directory, 'ambit.db'), { readonly: true }));
  const memory = createMemory(tables);
  const guarded: Guarded = (read) => guardedIn(directory, read);
  const reads = createReads(file, memory, guarded);

  return {
    ...reads,
    kept: keeping(memory, reads),
    commit: committing(writer, memory, clock, { isAlone: true }),
    log: createLog(file, detailKey, guarded),
    node: randomUUID(),
    // One process holds the data directory: there is nobody else.
    watch: () => () => undefined,
    sinceHeardMs: () => 0,
    async close() {
      await writer.close();
      file.close();
    },
  };
}

function createReads(
  file: Sqlite.Database,
  memory: Memory,
  guarded: Guarded,
): Pick<Database, 'find' | 'list' | 'count' | 'counter' | 'counters'> {
  const prepared = new Map<string, Sqlite.Statement>();
  const sql = (text: string) => {
    const known = prepared.get(text) ?? file.prepare(text);
    prepared.set(text, known);
    return known;
  };
  const header = file.prepare('SELECT header, leaf FROM entries WHERE idx = ?');
  const { explains } = createExplained((index) => guarded(() => header.get(index)) as StoredHeader | undefined);
  // THREATS: edited-row. What no entry explains is nobody's authority, key or rule.
  const read = <Row extends object>(of: Table<Row>, tenant: TenantId, stored: unknown, asStored?: true): Row => {
    const any = eraseRow(of);
    const row = decodeRow(any, stored as Record<string, unknown>);
    const entry = (stored as Record<string, unknown>)[entryColumn];
    if (asStored === true || explains(any, tenant, row, entry)) return Object.freeze(row) as Row;
    throw refuse('store.row_unexplained', `${of.name} ${rowKey(any, tenant, row)} is not what its entry says`);
  };
  return {
    async find<Row extends object>(of: Table<Row>, tenant: TenantId, key: Partial<Row>) {
      if (!of.key.every((name) => isAskable(key[name]))) return undefined;
      if (isOnce(eraseRow(of), key)) throw new Error(`${of.name}: what counts once is asked for by checks alone`);
      const values = of.key.map((name) => encode(eraseRow(of), name, key[name]));
      return memory.row(of.name, tenant, key as Fields, () => {
        const where = of.key.map((name) => `"${name}" = ?`).join(' AND ');
        const stored = guarded(() =>
          sql(`SELECT * FROM "${of.name}" WHERE tenant = ? AND ${where}`).get(tenant, ...values),
        );
        const value = stored === undefined ? undefined : read(of, tenant, stored);
        return { value, weight: weightOf(stored) };
      });
    },
    async list<Row extends object>(of: Table<Row>, tenant: TenantId, ask: Listing<Row>) {
      const rows = memory.list(of.name, tenant, questionOf(ask), () => {
        const { text, values } = listing(of, tenant, ask);
        const stored = guarded(() => sql(text).all(...values));
        const value = stored.map((row) => read(of, tenant, row, ask.asStored));
        return { value, weight: stored.reduce<number>((sum, row) => sum + weightOf(row), 0) };
      });
      return [...rows];
    },
    async count<Row extends object>(of: Table<Row>, tenant: TenantId, ask: Omit<Listing<Row>, 'limit'>) {
      const { where, values } = conditionsOf(of, tenant, ask);
      const counted = guarded(() => sql(`SELECT COUNT(*) AS rows FROM "${of.name}" WHERE ${where}`).get(...values));
      return (counted as { rows: number }).rows;
    },
    async counter(tenant, counter, window) {
      return memory.counter(tenant, counter, window, () => {
        const row = guarded(() =>
          sql('SELECT used FROM counters WHERE tenant = ? AND counter = ? AND win = ?').get(tenant, counter, window),
        );
        return (row === undefined ? '0' : (row as { used: string }).used) as Decimal;
      });
    },
    async counters(tenant, { after = { counter: '', window: 0 }, limit }) {
      const text = `SELECT counter, win AS window, used FROM counters
        WHERE tenant = ? AND (counter, win) > (?, ?) ORDER BY counter, win LIMIT ?`;
      return guarded(() => sql(text).all(tenant, after.counter, after.window, limit)) as CounterHeld[];
    },
  };
}

/** How much room a stored row takes in memory: about the characters of its texts. */
function weightOf(stored: unknown): number {
  const texts = Object.values(stored ?? {}).filter((value) => typeof value === 'string');
  return texts.reduce((sum, text) => sum + text.length, 0);
}

type Guarded = <T>(read: () => T) => T;

/** Whatever a read throws, e.g. over a damaged page, is a fault of the store: nothing may be assumed from it. */
function guardedIn<T>(directory: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new StoreFault(sqliteTrouble(error, directory) ?? message, { cause: error });
  }
}

const pageMax = 10_000;

/** A listing in one text. The same code asks in the same words: another order of them is only read once more. */
function questionOf<Row extends object>(ask: Listing<Row>): string {
  let undefinedNames = '';
  for (const name in ask.where) if (ask.where[name] === undefined) undefinedNames += ` ${name}`;
  return `${JSON.stringify(ask)}${undefinedNames}`;
}

/** Exported for the test of how SQLite goes about it. */
export function listing<Row extends object>(of: Table<Row>, tenant: TenantId, ask: Listing<Row>) {
  const { where, values } = conditionsOf(of, tenant, ask);
  const [order, direction] = orderOf(of, ask);
  const ties = of.key.filter((name) => name !== order).map((name) => `, "${name}" ${direction}`);
  const text = `SELECT * FROM "${of.name}" WHERE ${where} ORDER BY "${order}" ${direction}${ties.join('')} LIMIT ?`;
  return { text, values: [...values, Math.min(Math.max(ask.limit, 1), pageMax)] };
}

const orderOf = <Row extends object>(of: Table<Row>, { order }: Pick<Listing<Row>, 'order'>) =>
  order ?? ([of.key[0] as string, 'asc'] as const);

/** What a row must be to be listed or counted. */
function conditionsOf<Row extends object>(of: Table<Row>, tenant: TenantId, ask: Omit<Listing<Row>, 'limit'>) {
  const values: (string | number | Uint8Array | null)[] = [tenant];
  const conditions = ['tenant = ?'];
  for (const [name, wanted] of Object.entries(ask.where ?? {})) {
    const options = (Array.isArray(wanted) ? wanted : [wanted]).filter(isAskable);
    if (options.length === 1 && options[0] === null) conditions.push(`"${name}" IS NULL`);
    else conditions.push(`"${name}" IN (${options.map(() => '?').join(', ')})`);
    if (options.length !== 1 || options[0] !== null)
      values.push(...options.map((one) => encode(eraseRow(of), name, one)));
  }
  if (ask.after !== undefined) {
    const [order, direction] = orderOf(of, ask);
    conditions.push(`"${order}" ${direction === 'asc' ? '>' : '<'} ?`);
    values.push(ask.after);
  }
  return { where: conditions.join(' AND '), values };
}

const entryColumns = 'header, leaf, detail';

function entriesText(wanted: readonly ('run' | 'kind' | 'task')[]): string {
  const [first, ...more] = wanted;
  const also = more.map((name) => `AND entries.${name} = @${name}`).join(' ');
  if (first !== undefined && first !== 'task') return entriesNamed(first, entryColumns, also);
  const all = wanted.map((name) => `AND entries.${name} = @${name}`).join(' ');
  return `SELECT idx, ${entryColumns} FROM entries WHERE tenant = @tenant AND idx >= @from AND idx < @until ${all} ORDER BY idx LIMIT @limit`;
}

type EntryRow = { idx: number; header: string; leaf: Uint8Array; detail: Uint8Array | null };

function createLog(file: Sqlite.Database, detailKey: Uint8Array, guarded: Guarded): Log {
  const reader = treeReader(file);
  const node = (level: number, index: number) => guarded(() => reader(level, index));
  const size = file.prepare('SELECT COALESCE(MAX(idx) + 1, 0) AS size FROM entries');
  const newest = file.prepare('SELECT at FROM entries ORDER BY idx DESC LIMIT 1');
  const byId = file.prepare('SELECT idx, header, leaf, detail FROM entries WHERE tenant = ? AND id = ?');
  const leaves = file.prepare('SELECT leaf FROM entries WHERE idx >= ? ORDER BY idx LIMIT ?');
  const asked = new Map<string, Sqlite.Statement>();
  const asking = (wanted: readonly ('run' | 'kind' | 'task')[]) => {
    const known = asked.get(wanted.join()) ?? file.prepare(entriesText(wanted));
    asked.set(wanted.join(), known);
    return known;
  };
  const stored = (row: EntryRow): StoredEntry => ({
    index: row.idx,
    header: JSON.parse(row.header) as EntryHeader,
    leaf: row.leaf,
    sealed: row.detail,
  });
  return {
    async head() {
      const now = guarded(() => (size.get() as { size: number }).size);
      return { size: now, root: await rootAt(now, node, sha256) };
    },
    node: async (level, index) => node(level, index),
    async entry(tenant, id) {
      const row = guarded(() => byId.get(tenant, id));
      return row === undefined ? undefined : stored(row as EntryRow);
    },
    async entries(tenant, { limit, from = 0, until = Number.MAX_SAFE_INTEGER, ...names }) {
      const wanted = (['run', 'kind', 'task'] as const).filter((name) => names[name] !== undefined);
      const rows = guarded(() =>
        asking(wanted).all({ ...names, tenant, from, until, limit: Math.min(limit, pageMax) }),
      );
      return rows.map((row) => stored(row as EntryRow));
    },
    leaves: async (from, limit) =>
      guarded(() => leaves.all(from, limit)).map((row) => (row as { leaf: Uint8Array }).leaf),
    open: (one) => openSealed(one, detailKey),
    async newestAt() {
      return guarded(() => (newest.get() as { at: number } | undefined)?.at ?? 0);
    },
  };
}
