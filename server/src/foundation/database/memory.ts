import type { AnyTable } from './table.ts';
import type { Fields } from './unit.ts';
import type { SealedUnit } from './writer.ts';

/** What was read, and how much room it takes: about the characters of its texts. */
export type Weighed<T> = { readonly value: T; readonly weight: number };

/**
 * What was read lately, kept until a unit of this process changes it. Rows are kept by key, short lists by question,
 * and the lists of a table and tenant are forgotten whenever any row there changes. Values are shared: readers never
 * change them. What is kept is bounded by its weight.
 *
 * INVARIANT (a commit is seen): `forget` runs before the commit that it belongs to returns, and reading and keeping are
 * one step of this thread, so nothing older than a returned commit is ever answered.
 */
export type Memory = {
  row<T>(table: string, tenant: string, key: Fields, read: () => Weighed<T>): T;
  list<T>(table: string, tenant: string, question: string, read: () => Weighed<readonly T[]>): readonly T[];
  counter<T>(tenant: string, counter: string, window: number, read: () => T): T;
  forget(unit: SealedUnit): void;
};

export type MemoryBounds = {
  /** Of rows and counters, and again of lists. */
  readonly weightMax: number;
  /** Longer lists are read anew each time: sweeps and exports ask for them, decisions do not. */
  readonly listRowsMax: number;
};

const usualBounds: MemoryBounds = { weightMax: 32_000_000, listRowsMax: 100 };

export function createMemory(tables: readonly AnyTable[], bounds: MemoryBounds = usualBounds): Memory {
  const keys = new Map(tables.map((of) => [of.name, of.key]));
  const rowName = (table: string, tenant: string, key: Fields) =>
    `row ${table} ${tenant} ${valuesText((keys.get(table) ?? []).map((name) => key[name]))}`;
  // A purge names no counters: those that were read before it are asked for under another name.
  const purges = new Map<string, number>();
  const counterName = (tenant: string, counter: string, window: number) =>
    `counter ${tenant} ${purges.get(tenant) ?? 0} ${window} ${counter}`;
  const things = createGenerations(bounds.weightMax);
  const lists = createLists(bounds.weightMax);

  function remembered<T>(name: string, read: () => Weighed<T>): T {
    const known = things.get(name);
    if (known !== undefined) return known.value as T;
    const found = read();
    things.put(name, found);
    return found.value;
  }

  return {
    row: (table, tenant, key, read) => remembered(rowName(table, tenant, key), read),
    list<T>(table: string, tenant: string, question: string, read: () => Weighed<readonly T[]>) {
      const known = lists.get(`${table} ${tenant}`, question);
      if (known !== undefined) return known as readonly T[];
      const found = read();
      if (found.value.length <= bounds.listRowsMax) lists.put(`${table} ${tenant}`, question, found);
      return found.value;
    },
    counter: (tenant, counter, window, read) =>
      remembered(counterName(tenant, counter, window), () => ({ value: read(), weight: 0 })),
    forget({ tenant, changes }) {
      for (const change of changes) {
        if (change.change === 'purge-counters') {
          purges.set(tenant, (purges.get(tenant) ?? 0) + 1);
          continue;
        }
        if (change.change === 'reserve' || change.change === 'settle') {
          things.drop(counterName(tenant, change.counter, change.window));
          continue;
        }
        const owner = change.tenant ?? tenant;
        things.drop(rowName(change.table, owner, change.key));
        lists.drop(`${change.table} ${owner}`);
      }
    },
  };
}

/** Values in one text: two lists of values never share one. */
export const valuesText = (values: readonly unknown[]): string => JSON.stringify(values);

/** What a name and the bookkeeping for it take, whatever is kept under it. */
const weightOf = (name: string, { weight }: Weighed<unknown>) => weight + name.length + 200;

/** When the young half is full, what nobody asked for since the last time is forgotten. */
function createGenerations(weightMax: number) {
  let young = new Map<string, Weighed<unknown>>();
  let old = new Map<string, Weighed<unknown>>();
  let weight = 0;
  const put = (name: string, thing: Weighed<unknown>) => {
    young.set(name, thing);
    weight += weightOf(name, thing);
    if (weight < weightMax / 2) return;
    old = young;
    young = new Map();
    weight = 0;
  };
  return {
    put,
    get(name: string): Weighed<unknown> | undefined {
      const known = young.get(name);
      if (known !== undefined) return known;
      const older = old.get(name);
      if (older !== undefined) put(name, older);
      return older;
    },
    drop(name: string): void {
      young.delete(name);
      old.delete(name);
    },
  };
}

/** Lists by table and tenant, so that a change forgets them and nothing of them stays behind. */
function createLists(weightMax: number) {
  const places = new Map<string, { readonly lists: Map<string, readonly unknown[]>; weight: number }>();
  let total = 0;
  const drop = (place: string) => {
    total -= places.get(place)?.weight ?? 0;
    places.delete(place);
  };
  return {
    drop,
    get: (place: string, question: string) => places.get(place)?.lists.get(question),
    put(place: string, question: string, found: Weighed<readonly unknown[]>): void {
      const weight = weightOf(question, found);
      for (const [oldest] of places) {
        if (total + weight <= weightMax) break;
        drop(oldest);
      }
      const known = places.get(place) ?? { lists: new Map(), weight: 0 };
      known.lists.set(question, found.value);
      known.weight += weight;
      total += weight;
      places.set(place, known);
    },
  };
}
