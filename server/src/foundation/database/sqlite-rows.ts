import type { Decimal } from '@ambit/protocol';
import { edgeOf, nodeHash } from '@ambit/protocol';
import type Sqlite from 'better-sqlite3';
import { createEdge, nodeStride, sha256 } from './edge.ts';
import type { StoredHeader } from './explained.ts';
import { openNames } from './sqlite-names.ts';
import { isOnce, type Once, openOnce, packOnce, useOf } from './sqlite-once.ts';
import type { AnyTable } from './table.ts';
import type { Fields, PurgeCounters } from './unit.ts';
import { encodeFields, keyValues, type StoredRow } from './values.ts';
import { type Answer, createWriter, type Rows, type SealedUnit } from './writer.ts';

/** The writer of the embedded store: many units in one transaction, each whole or not at all. */
export function createSqliteWriter(file: Sqlite.Database, tables: readonly AnyTable[]) {
  const begin = file.prepare('BEGIN IMMEDIATE');
  const commit = file.prepare('COMMIT');
  const rollback = file.prepare('ROLLBACK');
  const tree = loadEdge(file);
  const counters = sqliteCounters(file);
  const once = openOnce(file);
  packOnce(file, tables, once);
  const rows = sqliteRows(file, counters, once);
  const names = openNames(file, tree.size());
  const writer = createWriter(rows, tree, tables);

  return {
    write(units: readonly SealedUnit[]): Answer[] {
      once.forget(units.reduce((latest, { at }) => Math.max(latest, at), 0));
      begin.run();
      const before = tree.snapshot();
      let answers: Answer[];
      try {
        answers = units.map(writer.write);
        counters.flush();
        once.flush();
        names.follow(tree.size());
        commit.run();
      } catch (error) {
        tree.restore(before);
        writer.forgetFrom(before.size);
        rows.forgetAll();
        if (file.inTransaction) rollback.run();
        throw error;
      }
      once.keep();
      return answers;
    },
  };
}

const rowsLookedAtMax = 10_000;
const countersKnownMax = 10_000;

// A name holds no NUL: no value that is kept does.
const nameOf = (...parts: readonly (string | number)[]) => parts.join('\0');

type Counter = { readonly tenant: string; readonly counter: string; readonly window: number };

/** Counters as they stand after the units so far. Many units of a batch add to the same one, which is written once. */
function sqliteCounters(file: Sqlite.Database) {
  const select = file.prepare('SELECT used FROM counters WHERE tenant = ? AND counter = ? AND win = ?').pluck();
  const upsert = file.prepare(
    'INSERT INTO counters (tenant, counter, win, used) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET used = excluded.used',
  );
  const remove = file.prepare('DELETE FROM counters WHERE tenant = ? AND counter = ? AND win = ?');
  // This is the only connection that writes: what was read stands until it is written here.
  const known = new Map<string, Decimal | undefined>();
  const changed = new Map<string, Counter>();

  function read(name: string, { tenant, counter, window }: Counter): Decimal | undefined {
    if (known.has(name)) return known.get(name);
    const found = select.get(tenant, counter, window) as Decimal | undefined;
    known.set(name, found);
    return found;
  }

  function flush(): void {
    for (const [name, { tenant, counter, window }] of changed) {
      const now = known.get(name);
      if (now === undefined) remove.run(tenant, counter, window);
      else upsert.run(tenant, counter, window, now);
    }
    changed.clear();
    if (known.size > countersKnownMax) known.clear();
  }

  return {
    used: (one: Counter) => read(nameOf(one.tenant, one.window, one.counter), one),
    /** Answers how to undo it. */
    set(one: Counter, value: Decimal | undefined): () => void {
      const name = nameOf(one.tenant, one.window, one.counter);
      const before = read(name, one);
      known.set(name, value);
      changed.set(name, one);
      return () => {
        known.set(name, before);
        changed.set(name, one);
      };
    },
    flush,
    /** Everything is written and read anew: the file is about to be changed past what is known here. */
    settle(): void {
      flush();
      known.clear();
    },
    forget(): void {
      known.clear();
      changed.clear();
    },
  };
}

/**
 * Rows as statements, at once. What a unit changed is undone by what changes it back: few units are undone, and a
 * savepoint for each costs all of them a copy of every page that they touch.
 */
function sqliteRows(
  file: Sqlite.Database,
  counters: ReturnType<typeof sqliteCounters>,
  once: Once,
): Rows & { forgetAll(): void } {
  const prepared = new Map<string, Sqlite.Statement>();
  const sql = (text: string): Sqlite.Statement => {
    const known = prepared.get(text);
    if (known !== undefined) return known;
    const made = file.prepare(text);
    prepared.set(text, made);
    return made;
  };
  const header = file.prepare('SELECT header, leaf FROM entries WHERE idx = ?');
  const purge = file.prepare(
    `DELETE FROM counters WHERE tenant = @tenant AND (counter, win) IN (
       SELECT counter, win
       FROM (SELECT counter, win, rtrim(counter, '0123456789') AS whose FROM counters
             WHERE tenant = @tenant AND win > 0 AND win < @endedBefore)
       WHERE whose LIKE '%|' AND length(whose) < length(counter)
         AND win + CAST(substr(counter, length(whose) + 1) AS INTEGER) * 2000 < @endedBefore
       ORDER BY win, counter LIMIT @max)
     RETURNING counter, win AS window, used`,
  );
  const append = file.prepare(
    'INSERT INTO entries (idx, tenant, id, at, kind, task, run, header, leaf, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const node = file.prepare('INSERT INTO nodes (level, idx, hash) VALUES (?, ?, ?)');

  // This is the only connection that writes: what was looked at stands until it is written or undone here.
  const looked = new Map<string, StoredRow>();
  let undoing: (() => void)[] = [];
  const ages = new Map<AnyTable, number>();
  let undone = 0;
  const grow = (table: AnyTable) => void ages.set(table, (ages.get(table) ?? 0) + 1);
  const statements = new Map<AnyTable, TableStatements>();
  const of = (table: AnyTable): TableStatements => {
    const known = statements.get(table);
    if (known !== undefined) return known;
    const where = `WHERE tenant = ? AND ${equalities(table.key)}`;
    const made = {
      select: file.prepare(`SELECT * FROM "${table.name}" ${where}`),
      remove: file.prepare(`DELETE FROM "${table.name}" ${where}`),
      where,
    };
    statements.set(table, made);
    return made;
  };

  const read = (table: AnyTable, tenant: string, key: Fields) =>
    of(table).select.get(tenant, ...keyValues(table, key)) as StoredRow | undefined;

  function look(table: AnyTable, tenant: string, key: Fields): StoredRow | undefined {
    const name = nameOf(table.name, tenant, ...keyValues(table, key));
    const known = looked.get(name);
    if (known !== undefined) return known;
    const found = read(table, tenant, key);
    if (looked.size >= rowsLookedAtMax) looked.clear();
    if (found !== undefined) looked.set(name, found);
    return found;
  }

  function insert(table: AnyTable, tenant: string, row: StoredRow): void {
    grow(table);
    const columns = Object.keys(row);
    const named = columns.map((name) => `"${name}"`).join(', ');
    sql(`INSERT INTO "${table.name}" (tenant, ${named}) VALUES (?${', ?'.repeat(columns.length)})`).run(
      tenant,
      ...Object.values(row),
    );
  }

  function update(table: AnyTable, tenant: string, values: readonly (string | number)[], set: StoredRow): void {
    grow(table);
    looked.delete(nameOf(table.name, tenant, ...values));
    const columns = Object.keys(set).map((name) => `"${name}" = ?`);
    sql(`UPDATE "${table.name}" SET ${columns.join(', ')} ${of(table).where}`).run(
      ...Object.values(set),
      tenant,
      ...values,
    );
  }

  return {
    begin() {
      undoing = [];
    },
    keep() {
      undoing = [];
    },
    undo() {
      undone++;
      for (const one of undoing.reverse()) one();
      undoing = [];
    },
    forgetAll() {
      undone++;
      looked.clear();
      counters.forget();
      once.undoAll();
      undoing = [];
    },
    read,
    look: (table, tenant, key) => {
      if (!isOnce(table, key)) return look(table, tenant, key);
      return once.has(useOf(table, tenant, key)) ? { tenant, ...encodeFields(table, key) } : undefined;
    },
    age: (table) => (ages.get(table) ?? 0) + undone,
    insert(table, tenant, row) {
      if (isOnce(table, row)) {
        grow(table);
        const undo = once.use(useOf(table, tenant, row));
        if (undo !== undefined) undoing.push(undo);
        return undo !== undefined;
      }
      if (!isNameFree(() => insert(table, tenant, row))) return false;
      const values = keyValues(table, row);
      undoing.push(() => of(table).remove.run(tenant, ...values));
      return true;
    },
    update(table, tenant, before, set) {
      const values = keyValues(table, before);
      if (!isNameFree(() => update(table, tenant, values, set))) return false;
      const back = Object.fromEntries(Object.keys(set).map((name) => [name, before[name] ?? null]));
      undoing.push(() => update(table, tenant, values, back));
      return true;
    },
    remove(table, tenant, key) {
      const before = look(table, tenant, key);
      if (before === undefined) return;
      const values = keyValues(table, key);
      grow(table);
      looked.delete(nameOf(table.name, tenant, ...values));
      of(table).remove.run(tenant, ...values);
      const { tenant: _, ...row } = before;
      undoing.push(() => insert(table, tenant, row));
    },
    used: (tenant, counter, window) => counters.used({ tenant, counter, window }),
    setUsed: (tenant, counter, window, value) => void undoing.push(counters.set({ tenant, counter, window }, value)),
    purge(tenant: string, { endedBefore, max }: PurgeCounters) {
      counters.settle();
      for (const gone of purge.all({ tenant, endedBefore, max }) as (Omit<Counter, 'tenant'> & { used: Decimal })[]) {
        undoing.push(() => counters.set({ tenant, counter: gone.counter, window: gone.window }, gone.used));
      }
    },
    header: (index) => header.get(index) as StoredHeader | undefined,
    append: ({ index, tenant, id, at, kind, task, run, header: text, leaf, sealed }) =>
      void append.run(index, tenant, id, at, kind, task, run, text, leaf, sealed),
    node: ({ level, index, hash }) => void node.run(level, index, hash),
    isBroken: (error) => codeOf(error).startsWith('SQLITE_'),
  };
}

type TableStatements = {
  readonly select: Sqlite.Statement;
  readonly remove: Sqlite.Statement;
  /** Of the row that has a key. */
  readonly where: string;
};

function isNameFree(write: () => unknown): boolean {
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
