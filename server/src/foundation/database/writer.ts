import { hash } from 'node:crypto';
import {
  addDecimal,
  canonicalJson,
  compareDecimal,
  type Decimal,
  type EntryHeader,
  edgeOf,
  leafHash,
  nodeHash,
  type RefusalCode,
  type RowChange,
  subtractDecimal,
} from '@ambit/protocol';
import type Sqlite from 'better-sqlite3';
import { createExplained, entryColumn, rowHash, rowKey } from './explained.ts';
import { decodeRow, encode } from './sqlite-schema.ts';
import type { AnyTable } from './table.ts';
import type { Change, Check, Fields, PurgeCounters, Reserve, Settle } from './unit.ts';

/** An entry whose detail was sealed on the caller's thread: the writer adds the row hashes and the leaf. */
export type SealedEntry = { readonly header: Omit<EntryHeader, 'changes'>; readonly sealed: Uint8Array };

export type SealedUnit = {
  readonly tenant: string;
  readonly checks: readonly Check[];
  readonly changes: readonly Change[];
  readonly entries: readonly SealedEntry[];
};

export type Answer =
  | { readonly ok: true; readonly entries: readonly { readonly id: string; readonly index: number }[] }
  | { readonly ok: false; readonly code: RefusalCode; readonly because: string }
  | { readonly ok: false; readonly fault: string };

/** Thrown inside a savepoint when a check fails; it undoes that unit and no other. */
class Unmet extends Error {
  readonly code: RefusalCode;
  constructor(code: RefusalCode, because: string) {
    super(because);
    this.code = code;
  }
}

const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer');

/** Nodes of every fourth level are kept: a proof reads a few rows, an append writes one row in fifteen. */
export const nodeStride = 4;

/** The one that writes: applies units in order, many in one transaction, each whole or not at all. */
export function createWriter(file: Sqlite.Database, tables: readonly AnyTable[]) {
  const byName = new Map(tables.map((of) => [of.name, of]));
  const prepared = new Map<string, Sqlite.Statement>();
  const sql = (text: string): Sqlite.Statement => {
    const known = prepared.get(text);
    if (known !== undefined) return known;
    const made = file.prepare(text);
    prepared.set(text, made);
    return made;
  };
  const begin = file.prepare('BEGIN IMMEDIATE');
  const commit = file.prepare('COMMIT');
  const rollback = file.prepare('ROLLBACK');
  const savepoint = file.prepare('SAVEPOINT unit');
  const release = file.prepare('RELEASE unit');
  const undo = file.prepare('ROLLBACK TO unit');
  const tree = loadTree(file);
  const explained = createExplained(file);

  function write(units: readonly SealedUnit[]): Answer[] {
    begin.run();
    const before = tree.snapshot();
    try {
      const answers = units.map(writeOne);
      commit.run();
      return answers;
    } catch (error) {
      tree.restore(before);
      explained.forget();
      if (file.inTransaction) rollback.run();
      throw error;
    }
  }

  function writeOne(unit: SealedUnit): Answer {
    const before = tree.snapshot();
    savepoint.run();
    try {
      for (const one of unit.checks) verify(unit.tenant, one);
      const changes = unit.changes.flatMap((change) => apply(unit.tenant, change));
      if (changes.length > 0 && unit.entries.length === 0) {
        throw new Error(`a change to ${changes[0]?.table} came without an entry`);
      }
      // The first entry of a unit explains its rows; the others only tell more about it.
      const entries = unit.entries.map((one, i) => append(one, i === 0 ? changes : []));
      release.run();
      return { ok: true, entries };
    } catch (error) {
      tree.restore(before);
      explained.forget();
      undo.run();
      release.run();
      if (error instanceof Unmet) return { ok: false, code: error.code, because: error.message };
      if (isStoreFailure(error)) throw error;
      return { ok: false, fault: error instanceof Error ? error.message : String(error) };
    }
  }

  function tableOf(name: string): AnyTable {
    const of = byName.get(name);
    if (of === undefined) throw new Error(`no room declared a table ${name}`);
    return of;
  }

  function storedRow(of: AnyTable, tenant: string, key: Fields): Record<string, unknown> | undefined {
    const text = `SELECT * FROM "${of.name}" WHERE tenant = ? AND ${equalities(of.key)}`;
    return sql(text).get(tenant, ...keyValues(of, key)) as Record<string, unknown> | undefined;
  }

  function rowOf(of: AnyTable, tenant: string, key: Fields): Fields | undefined {
    const stored = storedRow(of, tenant, key);
    return stored === undefined ? undefined : decodeRow(of, stored);
  }

  function verify(tenant: string, one: Check): void {
    const row = rowOf(tableOf(one.table), one.tenant ?? tenant, one.key);
    if (one.is === 'absent') {
      if (row !== undefined) throw new Unmet(one.otherwise, `${label(one)} exists`);
      return;
    }
    if (row === undefined) throw new Unmet(one.otherwise, `${label(one)} does not exist`);
    for (const [name, value] of Object.entries(one.is)) {
      if (!same(row[name], value)) throw new Unmet(one.otherwise, `${label(one)}: ${name} is not what was read`);
    }
  }

  function apply(tenant: string, change: Change): RowChange[] {
    if (change.change === 'reserve') return reserve(tenant, change);
    if (change.change === 'settle') return settle(tenant, change);
    if (change.change === 'purge-counters') return purge(tenant, change);
    const of = tableOf(change.table);
    const owner = change.tenant ?? tenant;
    const row = change.change === 'remove' ? dropRow(of, owner, change.key) : putRow(of, owner, change);
    if (!of.governed) return [];
    const key = rowKey(of, owner, change.key);
    return [{ table: of.name, key, hash: row === null ? null : rowHash(of.name, owner, row) }];
  }

  function putRow(
    of: AnyTable,
    owner: string,
    change: Exclude<Change, Reserve | Settle | PurgeCounters | { change: 'remove' }>,
  ): Fields {
    const stored = storedRow(of, owner, change.key);
    const present = stored === undefined ? undefined : decodeRow(of, stored);
    if (change.change === 'insert') {
      if (present !== undefined) throw new Unmet(change.otherwise, `${label(change)} exists`);
      insertRow(of, owner, change.row, change.otherwise);
      return change.row;
    }
    if (present === undefined || stored === undefined)
      throw new Unmet(change.otherwise, `${label(change)} does not exist`);
    requireExplained(of, owner, present, stored[entryColumn]);
    for (const [name, value] of Object.entries(change.where)) {
      if (!same(present[name], value))
        throw new Unmet(change.otherwise, `${label(change)}: ${name} is not what was read`);
    }
    const names = Object.keys(change.set);
    const columns = [...names, ...(of.governed ? [entryColumn] : [])].map((name) => `"${name}" = ?`).join(', ');
    sql(`UPDATE "${of.name}" SET ${columns} WHERE tenant = ? AND ${equalities(of.key)}`).run(
      ...names.map((name) => encode(kindOf(of, name), change.set[name])),
      ...explainedBy(of),
      owner,
      ...keyValues(of, change.key),
    );
    return { ...present, ...change.set };
  }

  /** The entry of this unit, which is written after its rows. */
  const explainedBy = (of: AnyTable) => (of.governed ? [tree.size()] : []);

  /** A row that was edited past the writer must not be carried on under a new entry that would explain it. */
  function requireExplained(of: AnyTable, owner: string, row: Fields, entry: unknown): void {
    const isOfThisUnit = of.governed && entry === tree.size();
    if (isOfThisUnit || explained.explains(of, owner, row, entry)) return;
    throw new Unmet('store.row_unexplained', `${of.name} ${rowKey(of, owner, row)} is not what its entry says`);
  }

  function insertRow(of: AnyTable, owner: string, row: Fields, otherwise: RefusalCode): void {
    const names = Object.keys(of.columns);
    const all = ['tenant', ...names, ...(of.governed ? [entryColumn] : [])];
    const columns = all.map((name) => `"${name}"`).join(', ');
    try {
      sql(`INSERT INTO "${of.name}" (${columns}) VALUES (${all.map(() => '?').join(', ')})`).run(
        owner,
        ...names.map((name) => encode(kindOf(of, name), row[name])),
        ...explainedBy(of),
      );
    } catch (error) {
      if (isUniqueClash(error)) throw new Unmet(otherwise, `${of.name}: another row has that name`);
      throw error;
    }
  }

  function dropRow(of: AnyTable, owner: string, key: Fields): null {
    sql(`DELETE FROM "${of.name}" WHERE tenant = ? AND ${equalities(of.key)}`).run(owner, ...keyValues(of, key));
    return null;
  }

  const used = (tenant: string, counter: string, window: number): Decimal =>
    usedIfKept(tenant, counter, window) ?? zero;

  function usedIfKept(tenant: string, counter: string, window: number): Decimal | undefined {
    const row = sql('SELECT used FROM counters WHERE tenant = ? AND counter = ? AND win = ?').get(
      tenant,
      counter,
      window,
    );
    return row === undefined ? undefined : ((row as { used: string }).used as Decimal);
  }

  function setUsed(tenant: string, counter: string, window: number, value: Decimal): void {
    sql(
      'INSERT INTO counters (tenant, counter, win, used) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET used = excluded.used',
    ).run(tenant, counter, window, value);
  }

  function reserve(tenant: string, one: Reserve): [] {
    const now = used(tenant, one.counter, one.window);
    if (one.expect !== undefined && compareDecimal(now, one.expect) !== 0) {
      throw new Unmet('state.changed', `counter ${one.counter} moved from ${one.expect} to ${now}`);
    }
    const next = addDecimal(now, one.by);
    // INVARIANT (one budget): the check and the sum are one step of the one writer.
    if (one.max !== null && compareDecimal(next, one.max) > 0) {
      throw new Unmet(one.otherwise, `counter ${one.counter} would be ${next}, more than ${one.max}`);
    }
    setUsed(tenant, one.counter, one.window, next);
    return [];
  }

  function settle(tenant: string, one: Settle): [] {
    const stored = usedIfKept(tenant, one.counter, one.window);
    // A window that was purged is over: what a late call gives back to it would be free for nobody.
    if (stored === undefined && one.window > 0) return [];
    const now = stored ?? zero;
    if (compareDecimal(now, one.by) < 0)
      throw new Error(`counter ${one.counter} holds ${now}, less than ${one.by} to return`);
    setUsed(tenant, one.counter, one.window, subtractDecimal(now, one.by));
    return [];
  }

  function purge(tenant: string, { endedBefore, max }: PurgeCounters): [] {
    sql(
      `DELETE FROM counters WHERE tenant = @tenant AND (counter, win) IN (
         SELECT counter, win
         FROM (SELECT counter, win, rtrim(counter, '0123456789') AS whose FROM counters
               WHERE tenant = @tenant AND win > 0 AND win < @endedBefore)
         WHERE whose LIKE '%|' AND length(whose) < length(counter)
           AND win + CAST(substr(counter, length(whose) + 1) AS INTEGER) * 2000 < @endedBefore
         ORDER BY win LIMIT @max)`,
    ).run({ tenant, endedBefore, max });
    return [];
  }

  function append(one: SealedEntry, changes: readonly RowChange[]): { id: string; index: number } {
    const header = canonicalJson({ ...one.header, changes });
    const leaf = leafHash(Buffer.from(header), sha256);
    const index = tree.append(leaf);
    const { tenant, id, at, kind, task, run } = one.header;
    sql(
      'INSERT INTO entries (idx, tenant, id, at, kind, task, run, header, leaf, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ).run(index, tenant, id, at, kind, task, run, header, leaf, one.sealed);
    for (const node of tree.completed()) {
      sql('INSERT INTO nodes (level, idx, hash) VALUES (?, ?, ?)').run(node.level, node.index, node.hash);
    }
    return { id, index };
  }

  return { write };
}

const zero = '0' as Decimal;
const equalities = (names: readonly string[]) => names.map((name) => `"${name}" = ?`).join(' AND ');
const kindOf = (of: AnyTable, name: string) => {
  const kind = of.columns[name];
  if (kind === undefined) throw new Error(`table ${of.name} has no column ${name}`);
  return kind;
};
const label = (named: { table: string; key: Fields }) => `${named.table} ${Object.values(named.key).join('|')}`;

function keyValues(of: AnyTable, key: Fields): (string | number)[] {
  return of.key.map((name) => {
    const value = key[name];
    if (typeof value !== 'string' && typeof value !== 'number') throw new Error(`${of.name}: the key lacks ${name}`);
    return value;
  });
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return (a ?? null) === (b ?? null);
  return canonicalJson(a) === canonicalJson(b);
}

const codeOf = (error: unknown) => (error as { code?: unknown }).code;
const isUniqueClash = (error: unknown) => String(codeOf(error)).startsWith('SQLITE_CONSTRAINT');
const isStoreFailure = (error: unknown) => String(codeOf(error)).startsWith('SQLITE_');

type Node = { readonly level: number; readonly index: number; readonly hash: Uint8Array };

/** The right edge of the tree: the whole subtrees that the next leaf may complete. */
function loadTree(file: Sqlite.Database) {
  const { size } = file.prepare('SELECT COALESCE(MAX(idx) + 1, 0) AS size FROM entries').get() as { size: number };
  const reader = treeReader(file);
  let edge: Node[] = edgeOf(size).map(({ level, index }) => ({ level, index, hash: reader(level, index) }));
  let leaves = size;
  let fresh: Node[] = [];
  return {
    append(leaf: Uint8Array): number {
      const index = leaves++;
      let node: Node = { level: 0, index, hash: leaf };
      for (let left = edge.at(-1); left?.level === node.level; left = edge.at(-1)) {
        edge = edge.slice(0, -1);
        node = { level: node.level + 1, index: node.index >> 1, hash: nodeHash(left.hash, node.hash, sha256) };
        if (node.level % nodeStride === 0) fresh.push(node);
      }
      edge = [...edge, node];
      return index;
    },
    /** Subtrees completed since it was last asked, of the levels that are kept. */
    completed(): Node[] {
      const nodes = fresh;
      fresh = [];
      return nodes;
    },
    size: () => leaves,
    snapshot: () => ({ edge, leaves }),
    restore(before: { edge: Node[]; leaves: number }): void {
      edge = before.edge;
      leaves = before.leaves;
      fresh = [];
    },
  };
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
