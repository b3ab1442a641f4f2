import type { ClientBase } from 'pg';
import { entryColumn } from './explained.ts';
import type { AnyTable, ColumnKind } from './table.ts';

// Byte order and byte equality, as on the embedded store: no answer depends on the collation of a server.
const text = 'text COLLATE "C"';
const sqlKinds: Record<ColumnKind, string> = { text, integer: 'bigint', json: 'text' };

/** The tables that belong to the store itself: the log, its tree and its head, the counters, and the feed of changes. */
const own = `
  CREATE TABLE IF NOT EXISTS entries (
    idx bigint PRIMARY KEY, tenant ${text} NOT NULL, id ${text} NOT NULL UNIQUE, at bigint NOT NULL,
    kind ${text} NOT NULL, task ${text}, run ${text}, header text NOT NULL, leaf bytea NOT NULL, detail bytea
  );
  CREATE INDEX IF NOT EXISTS entries_run ON entries (tenant, run, idx);
  CREATE INDEX IF NOT EXISTS entries_kind ON entries (tenant, kind, idx);
  CREATE TABLE IF NOT EXISTS nodes (
    level bigint NOT NULL, idx bigint NOT NULL, hash bytea NOT NULL, PRIMARY KEY (level, idx)
  );
  CREATE TABLE IF NOT EXISTS counters (
    tenant ${text} NOT NULL, counter ${text} NOT NULL, win bigint NOT NULL, used ${text} NOT NULL,
    PRIMARY KEY (tenant, counter, win)
  );
  CREATE INDEX IF NOT EXISTS counters_win ON counters (tenant, win);
  CREATE TABLE IF NOT EXISTS log_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    size bigint NOT NULL, edge bytea NOT NULL, batch bigint NOT NULL, node ${text} NOT NULL
  );
  CREATE TABLE IF NOT EXISTS log_feed (batch bigint PRIMARY KEY, node ${text} NOT NULL, changes text NOT NULL);
  INSERT INTO log_head (size, edge, batch, node) VALUES (0, '', 0, '') ON CONFLICT DO NOTHING;
`;

const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');

/**
 * Brings the database to the declared tables: creates what is missing and adds columns, never drops anything. Nodes that
 * start at once wait for each other here; nodes that run already are held back only where something is missing.
 */
export async function migrate(client: ClientBase, tables: readonly AnyTable[]): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('ambit migrates ' || current_schema(), 0))`);
    if (!(await exists(client, 'log_feed'))) await client.query(own);
    const missing = await missingIn(client, tables);
    if (missing.length > 0) {
      // No unit is under way while tables change: a writer and this transaction never wait for each other.
      await client.query('SELECT 1 FROM log_head FOR UPDATE');
      await client.query(missing.join(';\n'));
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

export async function exists(client: Pick<ClientBase, 'query'>, name: string): Promise<boolean> {
  const { rows } = await client.query('SELECT to_regclass(quote_ident(current_schema()) || $1) AS found', [`.${name}`]);
  return (rows[0] as { found: unknown }).found !== null;
}

async function missingIn(client: ClientBase, tables: readonly AnyTable[]): Promise<string[]> {
  const columns = await client.query(
    `SELECT table_name || ' ' || column_name AS name FROM information_schema.columns WHERE table_schema = current_schema()`,
  );
  const indexes = await client.query(`SELECT indexname AS name FROM pg_indexes WHERE schemaname = current_schema()`);
  const present = new Set([...columns.rows, ...indexes.rows].map((row) => (row as { name: string }).name));
  return tables.flatMap((of) => statementsFor(of, present));
}

const storedColumns = (of: AnyTable): [string, ColumnKind][] => [
  ...Object.entries(of.columns),
  ...(of.governed ? [[entryColumn, 'integer'] as [string, ColumnKind]] : []),
];

/** By their names: a column that a newer node adds changes nothing about the answer to a statement that is prepared. */
export const columnsOf = (of: AnyTable, before = '') =>
  ['tenant', ...storedColumns(of).map(([name]) => name)].map((name) => `${before}"${name}"`).join(', ');

function statementsFor(of: AnyTable, present: ReadonlySet<string>): string[] {
  const statements: string[] = [];
  const columns = storedColumns(of);
  if (present.has(`${of.name} tenant`)) {
    for (const [name, kind] of columns) {
      if (!present.has(`${of.name} ${name}`))
        statements.push(`ALTER TABLE "${of.name}" ADD COLUMN "${name}" ${sqlKinds[kind]}`);
    }
  } else {
    const made = columns.map(([name, kind]) => `"${name}" ${sqlKinds[kind]}`).join(', ');
    statements.push(
      `CREATE TABLE "${of.name}" (tenant ${text} NOT NULL, ${made}, PRIMARY KEY (tenant, ${quoted(of.key)}))`,
    );
  }
  const index = (names: readonly string[], kind: string) => {
    const name = `${of.name}_${names.join('_')}`;
    // A longer name would be cut, and be taken for another.
    if (Buffer.byteLength(name) > 63) throw new Error(`the index ${name} has too long a name`);
    if (!present.has(name)) statements.push(`CREATE ${kind} "${name}" ON "${of.name}" (tenant, ${quoted(names)})`);
  };
  for (const names of of.unique) index(names, 'UNIQUE INDEX');
  for (const names of of.indexes) index(names, 'INDEX');
  return statements;
}
