import {
  addDecimal,
  canonicalJson,
  compareDecimal,
  type Decimal,
  type RefusalCode,
  type RowChange,
  subtractDecimal,
} from '@ambit/protocol';
import { type Edge, leafOf, type TreeNode } from './edge.ts';
import { createExplained, entryColumn, rowHash, rowKey, type StoredHeader } from './explained.ts';
import type { AnyTable } from './table.ts';
import {
  type Change,
  type Check,
  type Fields,
  type Placed,
  type PurgeCounters,
  type Reserve,
  type Settle,
  windowsAround,
} from './unit.ts';
import {
  decode,
  decodeRow,
  encodeFields,
  encodeRow,
  requireIndexable,
  requireKeepable,
  requireShort,
  type StoredRow,
  UnkeepableText,
} from './values.ts';

/** What the store keeps of an entry beside its header. */
export type EntryPlace = {
  readonly id: string;
  readonly at: number;
  readonly kind: string;
  readonly task: string | null;
  readonly run: string | null;
};

/** An entry whose detail is sealed, and whose header lacks only what the writer knows: the changes of its unit. */
export type SealedEntry = EntryPlace & {
  readonly upToChanges: string;
  readonly afterChanges: string;
  readonly sealed: Uint8Array;
};

export type SealedUnit = {
  readonly tenant: string;
  readonly at: number;
  readonly checks: readonly Check[];
  /** The same array for the same checks. */
  readonly standing: readonly Check[];
  readonly changes: readonly Change[];
  readonly entries: readonly SealedEntry[];
};

export type Answer =
  | {
      readonly ok: true;
      readonly entries: readonly Placed[];
      /** What stands now on each counter that the unit changes, in their order; null where it is gone. */
      readonly counted: readonly (Decimal | null)[];
    }
  | { readonly ok: false; readonly code: RefusalCode; readonly because: string }
  | { readonly ok: false; readonly fault: string };

export type EntryRow = StoredHeader &
  EntryPlace & {
    readonly index: number;
    readonly tenant: string;
    readonly sealed: Uint8Array;
  };

/**
 * What a store brings: its rows, read and written one at a time by whoever is alone with them. It says nothing about
 * what a unit means; `createWriter` does, for every store.
 */
export type Rows = {
  /** Every change from `begin` on can be undone, until `keep`. Entries come last in a unit, and are undone with its whole batch. */
  begin(): void;
  keep(): void;
  undo(): void;
  read(of: AnyTable, tenant: string, key: Fields): StoredRow | undefined;
  /** The row as this writer read or wrote it last: what checks are held against. */
  look(of: AnyTable, tenant: string, key: Fields): StoredRow | undefined;
  /** Another number after any change of a row of that table; none where others write there, too. */
  age?(of: AnyTable): number;
  /** False where there is a row with that key, or another one has one of its names. */
  insert(of: AnyTable, tenant: string, row: StoredRow): boolean;
  /** False where another row has one of its names. `before` is the whole row, as it was read; its key does not change. */
  update(of: AnyTable, tenant: string, before: StoredRow, set: StoredRow): boolean;
  remove(of: AnyTable, tenant: string, key: Fields): void;
  used(tenant: string, counter: string, window: number): Decimal | undefined;
  setUsed(tenant: string, counter: string, window: number, value: Decimal): void;
  purge(tenant: string, purge: PurgeCounters): void;
  header(index: number): StoredHeader | undefined;
  append(entry: EntryRow): void;
  node(node: TreeNode): void;
  /** Whether an error says that the store itself failed, and with it every unit that waits. */
  isBroken(error: unknown): boolean;
};

/** Thrown inside a unit when a check fails; it undoes that unit and no other. */
class Unmet extends Error {
  readonly code: RefusalCode;
  constructor(code: RefusalCode, because: string) {
    super(because);
    this.code = code;
  }
}

/** What a unit means, whatever the store: applies one whole, or not at all. */
export function createWriter(rows: Rows, tree: Edge, tables: readonly AnyTable[]) {
  const byName = new Map(tables.map((of) => [of.name, of]));
  const explained = createExplained(rows.header);
  // What these checks were held against: of one tenant each, as `unitsIn` makes them.
  const held = new WeakMap<readonly Check[], number>();

  function write(unit: SealedUnit): Answer {
    const before = tree.snapshot();
    rows.begin();
    try {
      verifyStanding(unit);
      for (const one of unit.checks) verify(unit.tenant, one);
      const counted: (Decimal | null)[] = [];
      const changes = unit.changes.flatMap((change) => apply(unit.tenant, change, counted));
      if (changes.length > 0 && unit.entries.length === 0) {
        throw new Error(`a change to ${changes[0]?.table} came without an entry`);
      }
      // The first entry of a unit explains its rows; the others only tell more about it.
      const entries = unit.entries.map((one, i) => append(unit.tenant, one, i === 0 ? changes : []));
      rows.keep();
      return { ok: true, entries, counted };
    } catch (error) {
      tree.restore(before);
      explained.forgetFrom(before.size);
      rows.undo();
      if (error instanceof Unmet) return { ok: false, code: error.code, because: error.message };
      if (error instanceof UnkeepableText) return { ok: false, code: 'request.malformed', because: error.message };
      if (rows.isBroken(error)) throw error;
      return { ok: false, fault: error instanceof Error ? error.message : String(error) };
    }
  }

  function tableOf(name: string): AnyTable {
    const of = byName.get(name);
    if (of === undefined) throw new Error(`no room declared a table ${name}`);
    return of;
  }

  function verifyStanding({ tenant, standing }: SealedUnit): void {
    const age = ageOf(standing);
    if (age !== undefined && held.get(standing) === age) return;
    for (const one of standing) verify(tenant, one);
    if (age !== undefined) held.set(standing, age);
  }

  /** Ages only grow: a sum that is the same is of the same ages. */
  function ageOf(standing: readonly Check[]): number | undefined {
    let sum = 0;
    for (const { table } of standing) {
      const age = rows.age?.(tableOf(table));
      if (age === undefined) return undefined;
      sum += age;
    }
    return sum;
  }

  function verify(tenant: string, one: Check): void {
    const of = tableOf(one.table);
    const stored = rows.look(of, one.tenant ?? tenant, one.key);
    if (one.is === 'absent') {
      if (stored !== undefined) throw new Unmet(one.otherwise, `${label(one)} exists`);
      return;
    }
    if (stored === undefined) throw new Unmet(one.otherwise, `${label(one)} does not exist`);
    for (const name in one.is) requireSame(one, name, decode(of, stored, name), one.is[name]);
  }

  function requireSame(one: Check | Extract<Change, { change: 'update' }>, name: string, is: unknown, read: unknown) {
    if (!same(is, read)) throw new Unmet(one.otherwise, `${label(one)}: ${name} is not what was read`);
  }

  function apply(tenant: string, change: Change, counted: (Decimal | null)[]): RowChange[] {
    if (change.change === 'reserve' || change.change === 'settle') {
      counted.push(change.change === 'reserve' ? reserve(tenant, change) : settle(tenant, change));
      return [];
    }
    if (change.change === 'purge-counters') {
      rows.purge(tenant, change);
      return [];
    }
    const of = tableOf(change.table);
    const owner = change.tenant ?? tenant;
    const row = change.change === 'remove' ? dropRow(of, owner, change.key) : putRow(of, owner, change);
    if (!of.governed) return [];
    const key = rowKey(of, owner, change.key);
    return [{ table: of.name, key, hash: row === null ? null : rowHash(of, owner, row) }];
  }

  function putRow(of: AnyTable, owner: string, change: Extract<Change, { change: 'insert' | 'update' }>): Fields {
    if (change.change === 'insert') {
      const encoded = encodeRow(of, change.row);
      const row: StoredRow = of.governed ? { ...encoded, ...explainedBy(of) } : encoded;
      requireIndexable(of, row);
      if (!rows.insert(of, owner, row)) {
        throw new Unmet(change.otherwise, `${label(change)} exists, or another row has its name`);
      }
      return change.row;
    }
    const stored = rows.read(of, owner, change.key);
    if (stored === undefined) throw new Unmet(change.otherwise, `${label(change)} does not exist`);
    const present = decodeRow(of, stored);
    requireExplained(of, owner, present, stored[entryColumn]);
    for (const name in change.where) requireSame(change, name, present[name], change.where[name]);
    if (of.key.some((name) => name in change.set && change.set[name] !== present[name])) {
      throw new Error(`${label(change)}: a key does not change`);
    }
    const set: StoredRow = { ...encodeFields(of, change.set), ...explainedBy(of) };
    requireIndexable(of, { ...stored, ...set });
    if (!rows.update(of, owner, stored, set)) {
      throw new Unmet(change.otherwise, `${of.name}: another row has that name`);
    }
    return { ...present, ...change.set };
  }

  /** The entry of this unit, which is written after its rows. */
  const explainedBy = (of: AnyTable): StoredRow => (of.governed ? { [entryColumn]: tree.size() } : {});

  /** A row that was edited past the writer must not be carried on under a new entry that would explain it. */
  function requireExplained(of: AnyTable, owner: string, row: Fields, entry: unknown): void {
    const isOfThisUnit = of.governed && entry === tree.size();
    if (isOfThisUnit || explained.explains(of, owner, row, entry)) return;
    throw new Unmet('store.row_unexplained', `${of.name} ${rowKey(of, owner, row)} is not what its entry says`);
  }

  function dropRow(of: AnyTable, owner: string, key: Fields): null {
    rows.remove(of, owner, key);
    return null;
  }

  function used(tenant: string, { counter, window }: Reserve | Settle): Decimal | undefined {
    requireShort('a counter', requireKeepable('a counter', counter));
    if (!Number.isSafeInteger(window)) throw new TypeError(`counter ${counter}: ${window} begins no window`);
    return rows.used(tenant, counter, window);
  }

  function reserve(tenant: string, one: Reserve): Decimal {
    const now = used(tenant, one) ?? zero;
    if (one.expect !== undefined && compareDecimal(now, one.expect) !== 0) {
      throw new Unmet('state.changed', `counter ${one.counter} moved from ${one.expect} to ${now}`);
    }
    const next = addDecimal(now, one.by);
    // INVARIANT (one budget): the check and the sum are one step of the one writer.
    if (one.max !== null) {
      const all = countedWith(tenant, one, next);
      if (compareDecimal(all, one.max) > 0) {
        throw new Unmet(one.otherwise, `counter ${one.counter} would be ${all}, more than ${one.max}`);
      }
    }
    rows.setUsed(tenant, one.counter, one.window, next);
    return next;
  }

  /** All that counts against the maximum of a reservation, with `next` in its own window. */
  function countedWith(tenant: string, { counter, window, around, besides }: Reserve, next: Decimal): Decimal {
    let all = besides === undefined ? next : addDecimal(next, besides);
    for (const other of windowsAround(window, around)) {
      const held = rows.used(tenant, counter, other);
      if (held !== undefined) all = addDecimal(all, held);
    }
    return all;
  }

  function settle(tenant: string, one: Settle): Decimal | null {
    const stored = used(tenant, one);
    // A window that was purged is over: what a late call gives back to it would be free for nobody.
    if (stored === undefined && one.window > 0) return null;
    const now = stored ?? zero;
    if (compareDecimal(now, one.by) < 0)
      throw new Error(`counter ${one.counter} holds ${now}, less than ${one.by} to return`);
    const left = subtractDecimal(now, one.by);
    rows.setUsed(tenant, one.counter, one.window, left);
    return left;
  }

  function append(tenant: string, one: SealedEntry, changes: readonly RowChange[]): Placed {
    const { id, at, kind, task, run, sealed, upToChanges, afterChanges } = one;
    const header = `${upToChanges}${changes.length === 0 ? '[]' : canonicalJson(changes)}${afterChanges}`;
    const leaf = leafOf(header);
    const { index, completed } = tree.append(leaf);
    rows.append({ index, tenant, id, at, kind, task, run, header, leaf, sealed });
    for (const node of completed) rows.node(node);
    return { id, index, leaf: leaf.toString('base64') };
  }

  return {
    write,
    /** After the store undid more than one unit: entries from that index on will be others. */
    forgetFrom: (index: number) => explained.forgetFrom(index),
  };
}

const zero = '0' as Decimal;
const label = (named: { table: string; key: Fields }) => `${named.table} ${Object.values(named.key).join('|')}`;

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return (a ?? null) === (b ?? null);
  return canonicalJson(a) === canonicalJson(b);
}
