import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { edgeOf, equalBytes, rootOf } from '@ambit/protocol';
import Sqlite from 'better-sqlite3';
import type { Client } from 'pg';
import { StoreFault } from '../errors.ts';
import { createEdge, sha256 } from './edge.ts';
import { entryColumn } from './explained.ts';
import { markMoved, requireNotMoved, unmarkMoved } from './moved-mark.ts';
import { requireDurable, usualBounds, withClient } from './postgres-link.ts';
import { migrate } from './postgres-schema.ts';
import { whyNotPostgresUrl } from './postgres-url.ts';
import { holdsStore } from './sqlite.ts';
import { takeLock } from './sqlite-lock.ts';
import { derivedTables } from './sqlite-names.ts';
import { onceTable, unpackOnce } from './sqlite-once.ts';
import { treeReader } from './sqlite-rows.ts';
import { type AnyTable, type ColumnKind, declaredTables } from './table.ts';
import type { StoredValue } from './values.ts';

/** How far a move is: so many rows of a table, of so many. */
export type MoveProgress = { readonly table: string; readonly done: number; readonly of: number };

export type Moved = {
  readonly entries: number;
  readonly root: Uint8Array;
  /** Rows of every table, the log's own too. */
  readonly rows: number;
};

/** One table to carry over: what it is called on either side is the same, and so is the order of its key. */
type Carried = {
  readonly name: string;
  /** Where it is declared by a room. */
  readonly declared?: AnyTable;
  readonly columns: readonly (readonly [string, ColumnKind | 'blob'])[];
  readonly key: readonly string[];
};

const own: readonly Carried[] = [
  {
    name: 'entries',
    columns: [
      ['idx', 'integer'],
      ['tenant', 'text'],
      ['id', 'text'],
      ['at', 'integer'],
      ['kind', 'text'],
      ['task', 'text'],
      ['run', 'text'],
      ['header', 'text'],
      ['leaf', 'blob'],
      ['detail', 'blob'],
    ],
    key: ['idx'],
  },
  {
    name: 'nodes',
    columns: [
      ['level', 'integer'],
      ['idx', 'integer'],
      ['hash', 'blob'],
    ],
    key: ['level', 'idx'],
  },
  {
    name: 'counters',
    columns: [
      ['tenant', 'text'],
      ['counter', 'text'],
      ['win', 'integer'],
      ['used', 'text'],
    ],
    key: ['tenant', 'counter', 'win'],
  },
];

const carriedOf = (of: AnyTable): Carried => ({
  name: of.name,
  declared: of,
  columns: [
    ['tenant', 'text'],
    ...Object.entries(of.columns),
    ...(of.governed ? [[entryColumn, 'integer'] as [string, ColumnKind]] : []),
  ],
  key: ['tenant', ...of.key],
});

/**
 * Carries an embedded store over to an empty database, byte for byte, in one transaction: what is read back there before
 * the commit is the same as here, row by row (what counts once as the rows that it stands for), and so are the size and the
 * root of the log. The source is not changed; a
 * mark beside it keeps it from being started by mistake.
 */
export async function moveStore(
  { directory, url }: { readonly directory: string; readonly url: string },
  tell: (progress: MoveProgress) => void,
): Promise<Moved> {
  const why = whyNotPostgresUrl(url);
  if (why !== undefined) throw new StoreFault(why);
  if (!holdsStore(directory)) throw new StoreFault(`there is no store in ${directory}: nothing was moved`);
  requireNotMoved(directory);
  const lock = takeLock(directory);
  const file = new Sqlite(join(directory, 'ambit.db'), { readonly: true });
  try {
    const tables = [...own, ...declaredTables().map(carriedOf)];
    requireKnown(file, tables);
    return await withClient(url, { ...usualBounds, lockMs: 60_000, statementMs: 0, silentMs: 0 }, async (client) => {
      await requireDurable(client);
      await migrate(client, declaredTables());
      return await carryOver({ directory, url, file, client, tables, tell });
    });
  } finally {
    file.close();
    lock.close();
  }
}

type Move = {
  readonly directory: string;
  readonly url: string;
  readonly file: Sqlite.Database;
  readonly client: Client;
  readonly tables: readonly Carried[];
  readonly tell: (progress: MoveProgress) => void;
};

async function carryOver({ directory, url, file, client, tables, tell }: Move): Promise<Moved> {
  await client.query('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
  let isMarked = false;
  try {
    await client.query('SELECT 1 FROM log_head FOR UPDATE');
    await requireEmpty(client, tables);
    let rows = 0;
    for (const of of tables) rows += await copyTable(file, client, of, tell);
    const tree = await requireSameTree(file, client);
    const edge = Buffer.concat(tree.nodes().map(({ hash }) => hash));
    await client.query('UPDATE log_head SET size = $1, edge = $2', [tree.size(), edge]);
    const root = rootOf({ size: tree.size(), hashes: tree.nodes().map(({ hash }) => hash) }, sha256);
    // Before the commit: if we crash between, a store that was moved is never taken for one that was not.
    markMoved(directory, nameOf(url));
    isMarked = true;
    const { command } = await client.query('COMMIT');
    if (command !== 'COMMIT') throw new Error('the database did not commit');
    return { entries: tree.size(), root, rows };
  } catch (error) {
    // It answers only where the transaction is surely over, and then nothing was moved.
    await client.query('ROLLBACK');
    if (isMarked) unmarkMoved(directory);
    throw error;
  }
}

/** Host and database, never the password. */
function nameOf(text: string): string {
  const url = new URL(text);
  return `postgres://${url.host === '' ? (url.searchParams.get('host') ?? '') : url.host}${url.pathname}`;
}

function requireKnown(file: Sqlite.Database, tables: readonly Carried[]): void {
  const known = new Set([...tables.map(({ name }) => name), ...derivedTables, onceTable]);
  const stored = file.prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`).all();
  const unknown = stored.map((row) => (row as { name: string }).name).filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new StoreFault(
    `the store has tables that this release does not know (${unknown.join(', ')}): move it with its own`,
  );
}

async function requireEmpty(client: Client, tables: readonly Carried[]): Promise<void> {
  for (const { name } of tables) {
    const { rows } = await client.query(`SELECT EXISTS (SELECT 1 FROM "${name}") AS taken`);
    if (!(rows[0] as { taken: boolean }).taken) continue;
    throw new StoreFault(`the database is not empty: its table ${name} has rows. Name an empty one; nothing was moved`);
  }
}

const rowsAtOnce = 1000;
const bytesAtOnce = 8_000_000;

/** Copies in the order of the key, and compares what the database has then, in the same order. */
async function copyTable(
  file: Sqlite.Database,
  client: Client,
  of: Carried,
  tell: (progress: MoveProgress) => void,
): Promise<number> {
  const present = new Set((file.pragma(`table_info("${of.name}")`) as { name: string }[]).map(({ name }) => name));
  // A store of an older release lacks tables and columns: what it lacks is empty there.
  if (present.size === 0) return 0;
  const order = of.key.map((name) => `"${name}"`).join(', ');
  const from = of.declared === undefined ? of.name : unpackOnce(file, of.declared);
  const selected = of.columns.map(([name]) => (present.has(name) ? `"${name}"` : `NULL AS "${name}"`)).join(', ');
  const { total } = file.prepare(`SELECT count(*) AS total FROM "${from}"`).get() as { total: number };
  const here = createHash('sha256');
  let batch: StoredValue[][] = [];
  let bytes = 0;
  let done = 0;
  const flush = async () => {
    if (batch.length === 0) return;
    await insertRows(client, of, batch);
    done += batch.length;
    tell({ table: of.name, done, of: total });
    batch = [];
    bytes = 0;
  };
  for (const row of file.prepare(`SELECT ${selected} FROM "${from}" ORDER BY ${order}`).raw().iterate()) {
    const values = row as StoredValue[];
    const text = rowText(values);
    here.update(text);
    batch.push(values);
    bytes += text.length;
    if (batch.length >= rowsAtOnce || bytes >= bytesAtOnce) await flush();
  }
  await flush();
  const there = await digestThere(client, of, order);
  if (there.rows === done && there.digest === here.digest('hex')) return done;
  throw new StoreFault(`the table ${of.name} did not arrive as it was sent: nothing was moved`);
}

/** A row of the embedded store as one line; two rows never share one. */
const rowText = (values: readonly unknown[]): string =>
  `${JSON.stringify(values.map((one) => (one instanceof Uint8Array ? { bytes: Buffer.from(one).toString('hex') } : one)))}\n`;

async function insertRows(client: Client, of: Carried, rows: readonly StoredValue[][]): Promise<void> {
  const arrays: Record<ColumnKind | 'blob', string> = {
    text: 'text[]',
    integer: 'bigint[]',
    json: 'text[]',
    blob: 'bytea[]',
  };
  const columns = of.columns.map(([name]) => `"${name}"`).join(', ');
  const asked = of.columns.map(([, kind], i) => `$${i + 1}::${arrays[kind]}`).join(', ');
  const values = of.columns.map((_, i) => rows.map((row) => row[i] ?? null));
  await client.query(`INSERT INTO "${of.name}" (${columns}) SELECT * FROM unnest(${asked})`, values);
}

async function digestThere(client: Client, of: Carried, order: string): Promise<{ rows: number; digest: string }> {
  const there = createHash('sha256');
  const columns = of.columns.map(([name]) => `"${name}"`).join(', ');
  await client.query(`DECLARE moved NO SCROLL CURSOR FOR SELECT ${columns} FROM "${of.name}" ORDER BY ${order}`);
  let count = 0;
  while (true) {
    const { rows } = await client.query({ text: `FETCH ${rowsAtOnce} FROM moved`, rowMode: 'array' });
    for (const row of rows as unknown[][]) there.update(rowText(row));
    count += rows.length;
    if (rows.length < rowsAtOnce) break;
  }
  await client.query('CLOSE moved');
  return { rows: count, digest: there.digest('hex') };
}

/** The tree over the leaves as they arrived, which must be the one that the source goes on with. */
async function requireSameTree(file: Sqlite.Database, client: Client) {
  const tree = createEdge(0, []);
  await client.query('DECLARE leaves NO SCROLL CURSOR FOR SELECT idx, leaf FROM entries ORDER BY idx');
  while (true) {
    const { rows } = await client.query(`FETCH ${rowsAtOnce} FROM leaves`);
    for (const { idx, leaf } of rows as { idx: number; leaf: Uint8Array }[]) {
      if (tree.append(leaf).index !== idx)
        throw new StoreFault(`the log lacks entry ${tree.size() - 1}: nothing was moved`);
    }
    if (rows.length < rowsAtOnce) break;
  }
  await client.query('CLOSE leaves');
  const read = treeReader(file);
  const here = edgeOf(tree.size()).map(({ level, index }) => read(level, index));
  const isSame = here.every((hash, i) => equalBytes(hash, tree.nodes()[i]?.hash ?? new Uint8Array()));
  if (!isSame)
    throw new StoreFault('the leaves of the log do not make the tree that the store keeps: nothing was moved');
  return tree;
}
