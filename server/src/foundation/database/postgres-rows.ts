import type { Decimal } from '@ambit/protocol';
import type { TreeNode } from './edge.ts';
import type { StoredHeader } from './explained.ts';
import type { AnyTable } from './table.ts';
import { type PurgeCounters, windowsAround } from './unit.ts';
import { couldHold, isKeepable, keyValues, type StoredRow, type StoredValue } from './values.ts';
import type { EntryRow, Rows, SealedUnit } from './writer.ts';

/** Something that has to be read before a unit can be applied. */
export type Wanted =
  | { readonly what: 'row'; readonly of: AnyTable; readonly tenant: string; readonly values: readonly StoredValue[] }
  | {
      readonly what: 'name';
      readonly of: AnyTable;
      readonly tenant: string;
      readonly columns: readonly string[];
      readonly values: readonly StoredValue[];
    }
  | CounterName
  | { readonly what: 'purge'; readonly tenant: string; readonly endedBefore: number; readonly max: number }
  | { readonly what: 'header'; readonly index: number };

export type CounterName = {
  readonly what: 'counter';
  readonly tenant: string;
  readonly counter: string;
  readonly window: number;
};

export type RowName = Extract<Wanted, { what: 'row' }>;
type UniqueName = Extract<Wanted, { what: 'name' }>;

export function nameOf(wanted: Wanted): string {
  if (wanted.what === 'header') return `header ${wanted.index}`;
  const { tenant } = wanted;
  if (wanted.what === 'counter') return JSON.stringify(['counter', tenant, wanted.counter, wanted.window]);
  if (wanted.what === 'purge') return JSON.stringify(['purge', tenant, wanted.endedBefore, wanted.max]);
  const columns = wanted.what === 'row' ? [] : wanted.columns;
  return JSON.stringify([wanted.what, wanted.of.name, tenant, columns, wanted.values]);
}

/** Thrown where a unit needs what nobody read yet: it is read, and the batch applied anew. */
export class NotRead extends Error {
  readonly wanted: Wanted;
  constructor(wanted: Wanted) {
    super(`${nameOf(wanted)} was not read`);
    this.wanted = wanted;
  }
}

export type CounterKey = { readonly counter: string; readonly window: number };

/** What the database holds of everything that was asked for, as it stands under the lock of the log's head. */
export type Known = {
  readonly rows: Map<string, { readonly name: RowName; readonly stored: StoredRow | null }>;
  /** By unique name: the row that holds it. */
  readonly owners: Map<string, string | null>;
  readonly counters: Map<string, Decimal | null>;
  readonly purges: Map<string, readonly CounterKey[]>;
  readonly headers: Map<number, StoredHeader | null>;
};

export const nothingKnown = (): Known => ({
  rows: new Map(),
  owners: new Map(),
  counters: new Map(),
  purges: new Map(),
  headers: new Map(),
});

/** The unique names that a row holds; one with a null in it clashes with nobody. */
function uniqueNames(of: AnyTable, tenant: string, row: StoredRow): UniqueName[] {
  return of.unique.flatMap((columns) => {
    const values = columns.map((name) => row[name] ?? null);
    return values.includes(null) ? [] : [{ what: 'name', of, tenant, columns, values }];
  });
}

export function learnRow(known: Known, of: AnyTable, tenant: string, stored: StoredRow): void {
  const name: RowName = { what: 'row', of, tenant, values: of.key.map((column) => stored[column] ?? null) };
  known.rows.set(nameOf(name), { name, stored });
  for (const unique of uniqueNames(of, tenant, stored)) known.owners.set(nameOf(unique), nameOf(name));
}

/** What the units name themselves: nearly everything that applying them will ask for. */
export function wantedBy(units: readonly SealedUnit[], tables: ReadonlyMap<string, AnyTable>): Wanted[] {
  return units.flatMap(({ tenant, checks, standing, changes }) => [
    ...[...standing, ...checks].flatMap((check) => rowNamed(tables, check.tenant ?? tenant, check)),
    ...changes.flatMap((change): Wanted[] => {
      if (change.change === 'purge-counters') {
        return [{ what: 'purge', tenant, endedBefore: change.endedBefore, max: change.max }];
      }
      if (change.change === 'reserve' || change.change === 'settle') {
        const { counter, window } = change;
        if (!isKeepable(counter) || !Number.isSafeInteger(window)) return [];
        const others = change.change === 'reserve' ? windowsAround(window, change.around) : [];
        return [window, ...others].map((one) => ({ what: 'counter', tenant, counter, window: one }));
      }
      const owner = change.tenant ?? tenant;
      const of = tables.get(change.table);
      const named = rowNamed(tables, owner, change);
      if (of === undefined || named.length === 0 || change.change !== 'insert') return named;
      const unique = uniqueNames(of, owner, change.row as StoredRow);
      return [
        ...named,
        ...unique.filter(({ columns, values }) => columns.every((name, i) => couldHold(of, name, values[i]))),
      ];
    }),
  ]);
}

/** A unit that names no row or no table is refused where it is applied, without anything being read for it. */
function rowNamed(
  tables: ReadonlyMap<string, AnyTable>,
  tenant: string,
  { table, key }: { readonly table: string; readonly key: Readonly<Record<string, unknown>> },
): Wanted[] {
  const of = tables.get(table);
  if (of === undefined || !of.key.every((name) => couldHold(of, name, key[name]))) return [];
  return [{ what: 'row', of, tenant, values: of.key.map((name) => key[name] as string | number) }];
}

export type Effect = {
  readonly rows: { readonly name: RowName; readonly before: StoredRow | null; readonly now: StoredRow | null }[];
  readonly counters: { readonly name: CounterName; readonly now: Decimal | null }[];
  readonly purgedTenants: readonly string[];
  readonly entries: readonly EntryRow[];
  readonly nodes: readonly TreeNode[];
};

/** Rows in memory over what is known: units change them here, each whole or undone, and `effect` says what became of them. */
export function createBatchRows(known: Known): Rows & { effect(): Effect } {
  const rows = new Map<string, { readonly name: RowName; readonly now: StoredRow | null }>();
  const owners = new Map<string, string | null>();
  const counters = new Map<string, { readonly name: CounterName; readonly now: Decimal | null }>();
  const purged = new Map<string, true>();
  const entries = new Map<number, EntryRow>();
  const nodes = new Map<string, TreeNode>();
  let undoing: (() => void)[] = [];

  function set<K, V>(map: Map<K, V>, key: K, value: V): void {
    const before = map.get(key);
    undoing.push(() => (before === undefined ? map.delete(key) : map.set(key, before)));
    map.set(key, value);
  }

  function present(name: RowName): StoredRow | null {
    const text = nameOf(name);
    const changed = rows.get(text);
    if (changed !== undefined) return changed.now;
    const stored = known.rows.get(text);
    if (stored === undefined) throw new NotRead(name);
    return stored.stored;
  }

  function ownerOf(unique: Wanted): string | null {
    const text = nameOf(unique);
    const owner = owners.get(text) ?? (owners.has(text) ? null : known.owners.get(text));
    if (owner === undefined) throw new NotRead(unique);
    return owner;
  }

  /** False where another row has one of the names that the row would take. */
  function put(name: RowName, before: StoredRow | null, row: StoredRow): boolean {
    const text = nameOf(name);
    const taken = uniqueNames(name.of, name.tenant, row);
    for (const unique of taken) {
      const owner = ownerOf(unique);
      if (owner !== null && owner !== text) return false;
    }
    release(name, before);
    for (const unique of taken) set(owners, nameOf(unique), text);
    set(rows, text, { name, now: row });
    return true;
  }

  function release({ of, tenant }: RowName, before: StoredRow | null): void {
    if (before === null) return;
    for (const unique of uniqueNames(of, tenant, before)) set(owners, nameOf(unique), null);
  }

  const counterNow = (name: CounterName): Decimal | undefined => {
    const text = nameOf(name);
    const changed = counters.get(text);
    if (changed !== undefined) return changed.now ?? undefined;
    const stored = known.counters.get(text);
    if (stored === undefined) throw new NotRead(name);
    return stored ?? undefined;
  };

  function purge(tenant: string, { endedBefore, max }: PurgeCounters): void {
    const wanted: Wanted = { what: 'purge', tenant, endedBefore, max };
    const stored = known.purges.get(nameOf(wanted));
    if (stored === undefined) throw new NotRead(wanted);
    const changed = [...counters.values()].filter(({ name }) => name.tenant === tenant);
    const isChanged = new Set(changed.map(({ name }) => nameOf(name)));
    const named = (one: CounterKey): CounterName => ({ what: 'counter', tenant, ...one });
    const over = [
      ...stored.map(named).filter((name) => !isChanged.has(nameOf(name))),
      ...changed.filter(({ name, now }) => now !== null && isOver(name, endedBefore)).map(({ name }) => name),
    ];
    for (const name of over.sort(byWindow).slice(0, max)) set(counters, nameOf(name), { name, now: null });
    set(purged, tenant, true);
  }

  const read: Rows['read'] = (of, tenant, key) =>
    present({ what: 'row', of, tenant, values: keyValues(of, key) }) ?? undefined;

  return {
    begin() {
      undoing = [];
    },
    keep() {
      undoing = [];
    },
    undo() {
      for (const one of undoing.reverse()) one();
      undoing = [];
    },
    read,
    // What a batch reads was read under the lock that lets nobody else write.
    look: read,
    insert(of, tenant, row) {
      const name: RowName = { what: 'row', of, tenant, values: keyValues(of, row) };
      return present(name) === null && put(name, null, row);
    },
    update: (of, tenant, before, change) =>
      put({ what: 'row', of, tenant, values: keyValues(of, before) }, before, { ...before, ...change }),
    remove(of, tenant, key) {
      const name: RowName = { what: 'row', of, tenant, values: keyValues(of, key) };
      const before = present(name);
      if (before === null) return;
      release(name, before);
      set(rows, nameOf(name), { name, now: null });
    },
    used: (tenant, counter, window) => counterNow({ what: 'counter', tenant, counter, window }),
    setUsed(tenant, counter, window, now) {
      const name: CounterName = { what: 'counter', tenant, counter, window };
      set(counters, nameOf(name), { name, now });
    },
    purge,
    header(index) {
      const stored = entries.get(index) ?? known.headers.get(index);
      if (stored === undefined) throw new NotRead({ what: 'header', index });
      return stored ?? undefined;
    },
    append: (entry) => set(entries, entry.index, entry),
    node: (node) => set(nodes, `${node.level} ${node.index}`, node),
    isBroken: (error) => error instanceof NotRead,
    effect: () => ({
      rows: [...rows.entries()].map(([text, { name, now }]) => ({
        name,
        before: known.rows.get(text)?.stored ?? null,
        now,
      })),
      counters: [...counters.values()],
      purgedTenants: [...purged.keys()],
      entries: [...entries.values()],
      nodes: [...nodes.values()],
    }),
  };
}

/** See `PurgeCounters`: the window is over when twice the seconds that the counter's name ends in have passed. */
export function isOver({ counter, window }: CounterKey, endedBefore: number): boolean {
  const seconds = /\|(\d+)$/.exec(counter)?.[1];
  return seconds !== undefined && window > 0 && window < endedBefore && window + Number(seconds) * 2000 < endedBefore;
}

const byWindow = (a: CounterKey, b: CounterKey) =>
  a.window - b.window || Buffer.compare(Buffer.from(a.counter), Buffer.from(b.counter));
