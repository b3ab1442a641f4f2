import type Sqlite from 'better-sqlite3';
import { entryColumn } from './explained.ts';
import { namesTables } from './sqlite-names.ts';
import { onceTables } from './sqlite-once.ts';
import { tellStatistics } from './sqlite-statistics.ts';
import type { AnyTable, ColumnKind } from './table.ts';

const sqlKinds: Record<ColumnKind, string> = { text: 'TEXT', integer: 'INTEGER', json: 'TEXT' };

/** The tables that belong to the store itself: the log, its tree, and the counters. */
const own = `
  CREATE TABLE IF NOT EXISTS entries (
    idx INTEGER PRIMARY KEY, tenant TEXT NOT NULL, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, kind TEXT NOT NULL,
    task TEXT, run TEXT, header TEXT NOT NULL, leaf BLOB NOT NULL, detail BLOB
  ) STRICT;
  CREATE TABLE IF NOT EXISTS nodes (
    level INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, idx)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS counters (
    tenant TEXT NOT NULL, counter TEXT NOT NULL, win INTEGER NOT NULL, used TEXT NOT NULL,
    PRIMARY KEY (tenant, counter, win)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS counters_win ON counters (tenant, win);
`;

const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');

/** Brings the file to the declared tables: creates what is missing and adds columns, never drops anything that was written. */
export function migrate(file: Sqlite.Database, tables: readonly AnyTable[]): void {
  file.exec(own);
  file.exec(namesTables);
  file.exec(onceTables);
  for (const of of tables) {
    const columns = storedColumns(of).map(([name, kind]) => `"${name}" ${sqlKinds[kind]}`);
    file.exec(
      `CREATE TABLE IF NOT EXISTS "${of.name}" (tenant TEXT NOT NULL, ${columns.join(', ')}, PRIMARY KEY (tenant, ${quoted(of.key)})) STRICT, WITHOUT ROWID`,
    );
    addColumns(file, of);
    for (const names of of.unique) index(file, of, names, 'UNIQUE INDEX');
    for (const names of of.indexes) index(file, of, names, 'INDEX');
  }
  tellStatistics(file, tables);
}

const storedColumns = (of: AnyTable): [string, ColumnKind][] => [
  ...Object.entries(of.columns),
  ...(of.governed ? [[entryColumn, 'integer'] as [string, ColumnKind]] : []),
];

function addColumns(file: Sqlite.Database, of: AnyTable): void {
  const info = file.pragma(`table_info("${of.name}")`) as { name: string }[];
  const present = new Set(info.map((column) => column.name));
  for (const [name, kind] of storedColumns(of)) {
    if (!present.has(name)) file.exec(`ALTER TABLE "${of.name}" ADD COLUMN "${name}" ${sqlKinds[kind]}`);
  }
}

function index(file: Sqlite.Database, of: AnyTable, names: readonly string[], kind: string): void {
  file.exec(`CREATE ${kind} IF NOT EXISTS "${of.name}_${names.join('_')}" ON "${of.name}" (tenant, ${quoted(names)})`);
}
