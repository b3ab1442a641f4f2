import type { Decimal } from '@ambit/protocol';
import { edgeOf, nodeHash } from '@ambit/protocol';
import type Sqlite from 'better-sqlite3';
import { createEdge, nodeStride, sha256 } from './edge.ts';
import type { StoredHeader } from './explained.ts';
import { openNames } from './sqlite-names.ts';
import type { AnyTable } from './table.ts';
import type { Fields, PurgeCounters } from './unit.ts';
import { keyValues, type StoredRow } from './values.ts';
import { type Answer, createWriter, type Rows, type SealedUnit } from './writer.ts';

/** The writer of the embedded store: many units in one transaction, each whole or not at all. */
export function createSqliteWriter(file: Sqlite.Database, tables: readonly AnyTable[]) {
  const begin = file.prepare('BEGIN IMMEDIATE');
  const commit = file.prepare('COMMIT');
  const rollback = file.prepare('ROLLBACK');
  const tree = loadEdge(file);
  const rows = sqliteRows(file);
  const names = openNames(file, tree.size());
  const writer = createWriter(rows, tree, tables);

  return {
    write(units: readonly SealedUnit[]): Answer[] {
      begin.run();
      const before = tree.snapshot();
      try {
        const answers = units.map(writer.write);
        names.follow(tree.size());
        commit.run();
        return answers;
      } catch (error) {
        tree.restore(before);
        writer.forgetFrom(before.size);
        rows.forgetLooked();
        if (file.inTransaction) rollback.run();
        throw error;
      }
    },
  };
}

const rowsLookedAtMax = 10_000;

function sqliteRows(file: Sqlite.Database): Rows & { forgetLooked(): void } {
  const prepared = new Map<string, Sqlite.Statement>();
  const sql = (text: string): Sqlite.Statement => {
    const known = prepared.get(text);
    if (known !== undefined) return known;
    const made = file.prepare(text);
    prepared.set(text, made);
    return made;
  };
  const savepoint = file.prepare('SAVEPOINT unit');
  const release = file.prepare('RELEASE unit');
  const undo = file.prepare('ROLLBACK TO unit');
  const header = file.prepare('SELECT header, leaf FROM entries WHERE idx = ?');
  const used = file.prepare('SELECT used FROM counters WHERE tenant = ? AND counter = ? AND win = ?');
  const setUsed = file.prepare(
    'INSERT INTO counters (tenant, counter, win, used) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET used = excluded.used',
  );
  const purge = file.prepare(
    `DELETE FROM counters WHERE tenant = @tenant AND (counter, win) IN (
       SELECT counter, win
       FROM (SELECT counter, win, rtrim(counter, '0123456789') AS whose FROM counters
             WHERE tenant = @tenant AND win > 0 AND win < @endedBefore)
       WHERE whose LIKE '%|' AND length(whose) < length(counter)
         AND win + CAST(substr(counter, length(whose) + 1) AS INTEGER) * 2000 < @endedBefore
       ORDER BY win, counter LIMIT @max)`,
  );
  const append = file.prepare(
    'INSERT INTO entries (idx, tenant, id, at, kind, task, run, header, leaf, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const node = file.prepare('INSERT INTO nodes (level, idx, hash) VALUES (?, ?, ?)');

  // This is the only connection that writes: what was looked at stands until it is written or undone here.
  const looked = new Map<string, StoredRow>();
  const lookedName = (of: AnyTable, tenant: string, key: Fields) =>
    JSON.stringify([of.name, tenant, keyValues(of, key)]);

  function read(of: AnyTable, tenant: string, key: Fields): StoredRow | undefined {
    const text = `SELECT * FROM "${of.name}" WHERE tenant = ? AND ${equalities(of.key)}`;
    return sql(text).get(tenant, ...keyValues(of, key)) as StoredRow | undefined;
  }

  function look(of: AnyTable, tenant: string, key: Fields): StoredRow | undefined {
    const name = lookedName(of, tenant, key);
    const known = looked.get(name);
    if (known !== undefined) return known;
    const found = read(of, tenant, key);
    if (looked.size >= rowsLookedAtMax) looked.clear();
    if (found !== undefined) looked.set(name, found);
    return found;
  }

  return {
    begin: () => void savepoint.run(),
    keep: () => void release.run(),
    undo() {
      undo.run();
      release.run();
      looked.clear();
    },
    forgetLooked: () => looked.clear(),
    read,
    look,
    insert(of, tenant, row) {
      const all = ['tenant', ...Object.keys(row)];
      const columns = all.map((name) => `"${name}"`).join(', ');
      const insert = sql(`INSERT INTO "${of.name}" (${columns}) VALUES (${all.map(() => '?').join(', ')})`);
      return ifNameIsFree(() => insert.run(tenant, ...Object.values(row)));
    },
    update(of, tenant, key, set) {
      looked.delete(lookedName(of, tenant, key));
      const columns = Object.keys(set).map((name) => `"${name}" = ?`);
      const update = sql(`UPDATE "${of.name}" SET ${columns.join(', ')} WHERE tenant = ? AND ${equalities(of.key)}`);
      return ifNameIsFree(() => update.run(...Object.values(set), tenant, ...keyValues(of, key)));
    },
    remove(of, tenant, key) {
      looked.delete(lookedName(of, tenant, key));
      sql(`DELETE FROM "${of.name}" WHERE tenant = ? AND ${equalities(of.key)}`).run(tenant, ...keyValues(of, key));
    },
    used: (tenant, counter, window) => (used.get(tenant, counter, window) as { used: Decimal } | undefined)?.used,
    setUsed: (tenant, counter, window, value) => void setUsed.run(tenant, counter, window, value),
    purge: (tenant: string, { endedBefore, max }: PurgeCounters) => void purge.run({ tenant, endedBefore, max }),
    header: (index) => header.get(index) as StoredHeader | undefined,
    append: ({ index, tenant, id, at, kind, task, run, header: text, leaf, sealed }) =>
      void append.run(index, tenant, id, at, kind, task, run, text, leaf, sealed),
    node: ({ level, index, hash }) => void node.run(level, index, hash),
    isBroken: (error) => codeOf(error).startsWith('SQLITE_'),
  };
}

function ifNameIsFree(write: () => unknown): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY'].includes(codeOf(error))) return false;
    throw error;
  }
}

const equalities = (names: readonly string[]) => names.map((name) => `"${name}" = ?`).join(' AND ');
const codeOf = (error: unknown) => String((error as { code?: unknown }).code);

function loadEdge(file: Sqlite.Database) {
  const { size } = file.prepare('SELECT COALESCE(MAX(idx) + 1, 0) AS size FROM entries').get() as { size: number };
  const read = treeReader(file);
  return createEdge(
    size,
    edgeOf(size).map(({ level, index }) => read(level, index)),
  );
}

/** Hash of a whole subtree, from the kept levels where there is one. */
export function treeReader(file: Sqlite.Database): (level: number, index: number) => Uint8Array {
  const kept = file.prepare('SELECT hash FROM nodes WHERE level = ? AND idx = ?');
  const leaf = file.prepare('SELECT leaf AS hash FROM entries WHERE idx = ?');
  const read = (level: number, index: number): Uint8Array => {
    const row = level === 0 ? leaf.get(index) : level % nodeStride === 0 ? kept.get(level, index) : undefined;
    if (row !== undefined) return (row as { hash: Uint8Array }).hash;
    if (level === 0) throw new Error(`the log has no leaf ${index}`);
    return nodeHash(read(level - 1, 2 * index), read(level - 1, 2 * index + 1), sha256);
  };
  return read;
}
