import type { Client, QueryResult } from 'pg';
import type { TreeNode } from './edge.ts';
import { entryColumn, type StoredHeader } from './explained.ts';
import {
  type CounterKey,
  type CounterName,
  type Effect,
  type Known,
  learnRow,
  nameOf,
  type RowName,
  type Wanted,
} from './postgres-rows.ts';
import { columnsOf } from './postgres-schema.ts';
import type { AnyTable, ColumnKind } from './table.ts';
import type { StoredRow, StoredValue } from './values.ts';

type Asks = Pick<Client, 'query'>;

const arrays: Record<ColumnKind, string> = { text: 'text[]', integer: 'bigint[]', json: 'text[]' };
const kindIn = (of: AnyTable, name: string): ColumnKind =>
  of.columns[name] ?? (name === entryColumn ? 'integer' : 'text');

/** Sends all at once and waits for all, so that an error of one leaves no answer that nobody waits for. */
async function flight(sent: readonly Promise<QueryResult>[]): Promise<QueryResult[]> {
  const settled = await Promise.allSettled(sent);
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

/** Reads what is wanted and not known yet: one statement for each kind of question, all in one flight. */
export async function readAll(client: Asks, wanted: readonly Wanted[], known: Known): Promise<void> {
  const asked = new Map(wanted.filter((one) => !isKnown(known, one)).map((one) => [nameOf(one), one]));
  const groups = Map.groupBy(asked.values(), groupOf);
  await Promise.all([...groups.values()].map((group) => readGroup(client, group, known)));
}

function isKnown(known: Known, one: Wanted): boolean {
  if (one.what === 'header') return known.headers.has(one.index);
  const name = nameOf(one);
  if (one.what === 'row') return known.rows.has(name);
  if (one.what === 'name') return known.owners.has(name);
  return one.what === 'counter' ? known.counters.has(name) : known.purges.has(name);
}

const groupOf = (one: Wanted): string => {
  if (one.what === 'row') return `row ${one.of.name}`;
  if (one.what === 'name') return `name ${one.of.name} ${one.columns.join(' ')}`;
  return one.what === 'purge' ? nameOf(one) : one.what;
};

async function readGroup(client: Asks, group: readonly Wanted[], known: Known): Promise<void> {
  const [first] = group;
  if (first === undefined) return;
  if (first.what === 'row') return readRows(client, first.of, first.of.key, group as RowName[], known);
  if (first.what === 'name') return readRows(client, first.of, first.columns, group as RowName[], known);
  if (first.what === 'counter') return readCounters(client, group as CounterName[], known);
  if (first.what === 'header')
    return readHeaders(
      client,
      group.map((one) => (one as typeof first).index),
      known,
    );
  return readPurge(client, first, known);
}

async function readRows(
  client: Asks,
  of: AnyTable,
  columns: readonly string[],
  group: readonly Extract<Wanted, { what: 'row' | 'name' }>[],
  known: Known,
): Promise<void> {
  const names = ['tenant', ...columns];
  const asked = names.map((name, i) => `$${i + 1}::${arrays[kindIn(of, name)]}`).join(', ');
  const joined = names.map((name, i) => `t."${name}" = k.k${i}`).join(' AND ');
  const { rows } = await client.query({
    name: `read ${of.name} ${columns.join(' ')}`,
    text: `SELECT ${columnsOf(of, 't.')} FROM unnest(${asked}) AS k(${names.map((_, i) => `k${i}`).join(', ')}) JOIN "${of.name}" t ON ${joined}`,
    values: [group.map((one) => one.tenant), ...columns.map((_, i) => group.map((one) => one.values[i]))],
  });
  for (const { tenant, ...row } of rows as (Record<string, StoredValue> & { tenant: string })[]) {
    learnRow(known, of, tenant, row);
  }
  // What was asked for and did not come is not there.
  for (const one of group) {
    const name = nameOf(one);
    if (one.what === 'row' && !known.rows.has(name)) known.rows.set(name, { name: one, stored: null });
    if (one.what === 'name' && !known.owners.has(name)) known.owners.set(name, null);
  }
}

async function readCounters(client: Asks, group: readonly CounterName[], known: Known): Promise<void> {
  const { rows } = await client.query({
    name: 'read counters',
    text: `SELECT t.tenant, t.counter, t.win AS window, t.used FROM unnest($1::text[], $2::text[], $3::bigint[]) AS k(k0, k1, k2)
      JOIN counters t ON t.tenant = k.k0 AND t.counter = k.k1 AND t.win = k.k2`,
    values: [group.map((one) => one.tenant), group.map((one) => one.counter), group.map((one) => one.window)],
  });
  for (const one of group) known.counters.set(nameOf(one), null);
  for (const { used, ...name } of rows) known.counters.set(nameOf({ what: 'counter', ...name }), used);
}

async function readHeaders(client: Asks, indexes: readonly number[], known: Known): Promise<void> {
  const { rows } = await client.query({
    name: 'read headers',
    text: 'SELECT e.idx, e.header, e.leaf FROM unnest($1::bigint[]) AS k(k0) JOIN entries e ON e.idx = k.k0',
    values: [indexes],
  });
  for (const index of indexes) known.headers.set(index, null);
  for (const { idx, ...stored } of rows as (StoredHeader & { idx: number })[]) known.headers.set(idx, stored);
}

/** As many as may go, and as many more as this batch may have changed: those are judged by what they are in it. */
async function readPurge(client: Asks, one: Extract<Wanted, { what: 'purge' }>, known: Known): Promise<void> {
  const { rows } = await client.query({
    name: 'read purge',
    text: `SELECT counter, win AS window FROM counters
      WHERE tenant = $1 AND win > 0 AND win < $2 AND counter ~ '\\|[0-9]+$'
        AND win + substring(counter from '[0-9]+$')::numeric * 2000 < $2
      ORDER BY win, counter LIMIT $3`,
    values: [one.tenant, one.endedBefore, one.max + known.counters.size + 10_000],
  });
  known.purges.set(nameOf(one), rows as CounterKey[]);
}

export type NewHead = {
  readonly size: number;
  readonly edge: readonly TreeNode[];
  readonly batch: number;
  readonly node: string;
};

/** Writes what became of the batch and commits it, in one flight: durable when it returns. */
export async function writeAll(client: Asks, effect: Effect, head: NewHead): Promise<void> {
  const sent = [
    ...writeRows(client, effect),
    ...writeCounters(client, effect),
    ...writeEntries(client, effect),
    writeHead(client, effect, head),
    client.query('COMMIT'),
  ];
  const answers = await flight(sent);
  // A transaction that failed answers a COMMIT with ROLLBACK.
  if (answers.at(-1)?.command !== 'COMMIT') throw new Error('the database did not commit');
}

const column = <T>(rows: readonly T[], read: (row: T) => StoredValue | undefined) =>
  rows.map((row) => read(row) ?? null);

function writeRows(client: Asks, { rows }: Effect): Promise<QueryResult>[] {
  const byTable = Map.groupBy(rows, ({ name }) => name.of);
  return [...byTable].flatMap(([of, changed]) => {
    // What leaves its name goes first: another row of the same batch may have taken it.
    const gone = changed.filter(({ before, now }) => before !== null && (now === null || isRenamed(of, before, now)));
    const there = changed.filter((one): one is typeof one & { now: StoredRow } => one.now !== null);
    return [
      ...(gone.length > 0
        ? [
            deleteRows(
              client,
              of,
              gone.map(({ name }) => name),
            ),
          ]
        : []),
      ...(there.length > 0 ? [upsertRows(client, of, there)] : []),
    ];
  });
}

const isRenamed = (of: AnyTable, before: StoredRow, now: StoredRow) =>
  of.unique.some((columns) => columns.some((name) => before[name] !== now[name]));

function deleteRows(client: Asks, of: AnyTable, names: readonly RowName[]): Promise<QueryResult> {
  const columns = ['tenant', ...of.key];
  const asked = columns.map((name, i) => `$${i + 1}::${arrays[kindIn(of, name)]}`).join(', ');
  const joined = columns.map((name, i) => `t."${name}" = k.k${i}`).join(' AND ');
  return client.query({
    name: `delete ${of.name}`,
    text: `DELETE FROM "${of.name}" t USING unnest(${asked}) AS k(${columns.map((_, i) => `k${i}`).join(', ')}) WHERE ${joined}`,
    values: [names.map(({ tenant }) => tenant), ...of.key.map((_, i) => column(names, ({ values }) => values[i]))],
  });
}

function upsertRows(
  client: Asks,
  of: AnyTable,
  rows: readonly { readonly name: RowName; readonly now: StoredRow }[],
): Promise<QueryResult> {
  const own = [...Object.keys(of.columns), ...(of.governed ? [entryColumn] : [])];
  const columns = ['tenant', ...own];
  const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');
  const asked = columns.map((name, i) => `$${i + 1}::${arrays[kindIn(of, name)]}`).join(', ');
  const rest = own.filter((name) => !of.key.includes(name)).map((name) => `"${name}" = excluded."${name}"`);
  const action = rest.length === 0 ? 'NOTHING' : `UPDATE SET ${rest.join(', ')}`;
  return client.query({
    name: `write ${of.name}`,
    text: `INSERT INTO "${of.name}" (${quoted(columns)}) SELECT * FROM unnest(${asked})
      ON CONFLICT (tenant, ${quoted(of.key)}) DO ${action}`,
    values: [rows.map(({ name }) => name.tenant), ...own.map((name) => column(rows, ({ now }) => now[name]))],
  });
}

function writeCounters(client: Asks, { counters }: Effect): Promise<QueryResult>[] {
  const [gone, there] = [counters.filter(({ now }) => now === null), counters.filter(({ now }) => now !== null)];
  const names = (of: typeof counters) => [
    of.map(({ name }) => name.tenant),
    of.map(({ name }) => name.counter),
    of.map(({ name }) => name.window),
  ];
  const sent: Promise<QueryResult>[] = [];
  if (gone.length > 0) {
    const text = `DELETE FROM counters t USING unnest($1::text[], $2::text[], $3::bigint[]) AS k(k0, k1, k2)
      WHERE t.tenant = k.k0 AND t.counter = k.k1 AND t.win = k.k2`;
    sent.push(client.query({ name: 'delete counters', text, values: names(gone) }));
  }
  if (there.length > 0) {
    const text = `INSERT INTO counters (tenant, counter, win, used)
      SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
      ON CONFLICT (tenant, counter, win) DO UPDATE SET used = excluded.used`;
    sent.push(client.query({ name: 'write counters', text, values: [...names(there), there.map(({ now }) => now)] }));
  }
  return sent;
}

function writeEntries(client: Asks, { entries, nodes }: Effect): Promise<QueryResult>[] {
  const sent: Promise<QueryResult>[] = [];
  if (entries.length > 0) {
    const names = ['index', 'tenant', 'id', 'at', 'kind', 'task', 'run', 'header', 'leaf', 'sealed'] as const;
    const text = `INSERT INTO entries (idx, tenant, id, at, kind, task, run, header, leaf, detail)
      SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[],
        $8::text[], $9::bytea[], $10::bytea[])`;
    const values = names.map((name) => column(entries, (one) => bytes(one[name])));
    sent.push(client.query({ name: 'write entries', text, values }));
  }
  if (nodes.length > 0) {
    const text = 'INSERT INTO nodes (level, idx, hash) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])';
    const values = [
      nodes.map(({ level }) => level),
      nodes.map(({ index }) => index),
      nodes.map(({ hash }) => bytes(hash)),
    ];
    sent.push(client.query({ name: 'write nodes', text, values }));
  }
  return sent;
}

/** The driver knows a Buffer inside an array, and no other view of bytes. */
const bytes = <T extends StoredValue>(value: T) =>
  value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;

/** A row of the feed, as JSON: `["row", table, tenant, ...key]`, `["counter", tenant, counter, window]`, `["purge", tenant]`. */
export type Told =
  | readonly ['row', string, string, ...(string | number)[]]
  | readonly ['counter', string, string, number]
  | readonly ['purge', string];

const toldMax = 5000;
/** How many batches the feed holds at least: who lags further behind forgets everything. */
export const feedKept = 10_000;

function told({ rows, counters, purgedTenants }: Effect): readonly Told[] | null {
  if (rows.length + counters.length > toldMax) return null;
  return [
    ...rows.map(({ name }): Told => ['row', name.of.name, name.tenant, ...(name.values as (string | number)[])]),
    ...counters
      .filter(({ now }) => now !== null)
      .map(({ name }): Told => ['counter', name.tenant, name.counter, name.window]),
    ...purgedTenants.map((tenant): Told => ['purge', tenant]),
  ];
}

function writeHead(client: Asks, effect: Effect, { size, edge, batch, node }: NewHead): Promise<QueryResult> {
  return client.query({
    name: 'write head',
    text: `WITH head AS (UPDATE log_head SET size = $1, edge = $2, batch = $3, node = $4),
      fed AS (INSERT INTO log_feed (batch, node, changes) VALUES ($3, $4, $5)),
      pruned AS (DELETE FROM log_feed WHERE $3::bigint % 100 = 0 AND batch <= $3::bigint - $6::bigint)
      SELECT pg_notify('ambit_' || md5(current_schema()), '')`,
    values: [size, Buffer.concat(edge.map(({ hash }) => hash)), batch, node, JSON.stringify(told(effect)), feedKept],
  });
}
