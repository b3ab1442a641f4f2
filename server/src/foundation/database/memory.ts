import { createKept, type Noting } from './kept.ts';
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
  /** The same for a store that answers later: what changes while it is read is answered once and not kept. */
  readonly later: LaterMemory;
  row<T>(table: string, tenant: string, key: Fields, read: () => Weighed<T>): T;
  list<T>(table: string, tenant: string, question: string, read: () => Weighed<readonly T[]>): readonly T[];
  counter<T>(tenant: string, counter: string, window: number, read: () => T): T;
  /** What `make` makes of the rows that it notes, kept until one of them is forgotten. */
  kept<T extends object>(name: string, make: (noting: Noting) => Promise<T>): T | Promise<T>;
  /** `counted` is what stands on the unit's counters now, in the order of their changes, where the store tells. */
  forget(unit: Pick<SealedUnit, 'tenant' | 'changes'>, counted?: readonly (string | null)[]): void;
  forgetEverything(): void;
};

export type LaterMemory = {
  row<T>(table: string, tenant: string, key: Fields, read: () => Promise<Weighed<T>>): Promise<T>;
  list<T>(
    table: string,
    tenant: string,
    question: string,
    read: () => Promise<Weighed<readonly T[]>>,
  ): Promise<readonly T[]>;
  counter<T>(tenant: string, counter: string, window: number, read: () => Promise<T>): Promise<T>;
};

export type MemoryBounds = {
  /** Of rows and counters, and again of lists. */
  readonly weightMax: number;
  /** Longer lists are read anew each time: sweeps and exports ask for them, decisions do not. */
  readonly listRowsMax: number;
  /** Of what is made from rows. */
  readonly keptMax: number;
};

const usualBounds: MemoryBounds = { weightMax: 32_000_000, listRowsMax: 100, keptMax: 5_000 };

export function createMemory(tables: readonly AnyTable[], bounds: MemoryBounds = usualBounds): Memory {
  const keys = new Map(tables.map((of) => [of.name, of.key]));
  const rowName = (table: string, tenant: string, key: Fields) => {
    const [first = '', ...more] = keys.get(table) ?? [];
    // One value at the end of the name needs no quotes to be told from another.
    const values = more.length === 0 ? String(key[first]) : valuesText([first, ...more].map((name) => key[name]));
    return `row ${table} ${tenant} ${values}`;
  };
  // A purge names no counters: those that were read before it are asked for under another name.
  const purges = new Map<string, number>();
  const counterName = (tenant: string, counter: string, window: number) =>
    `counter ${tenant} ${purges.get(tenant) ?? 0} ${window} ${counter}`;
  const things = createGenerations(bounds.weightMax);
  const lists = createLists(bounds.weightMax);
  const kept = createKept(bounds.keptMax);

  const readings = createReadings();
  const dropThing = (name: string) => {
    things.drop(name);
    readings.spoil(name);
    kept.spoil(name);
  };
  const dropLists = (place: string) => {
    lists.drop(place);
    readings.spoil(place);
    kept.spoil(place);
  };
  const listsName = (table: string, tenant: string) => `${table} ${tenant}`;
  const keepList = (place: string, question: string, found: Weighed<readonly unknown[]>) => {
    if (found.value.length <= bounds.listRowsMax) lists.put(place, question, found);
  };

  function rememberedLater<T>(name: string, read: () => Promise<Weighed<T>>): Promise<T> {
    const known = things.get(name);
    if (known !== undefined) return Promise.resolve(known.value as T);
    return readings.share(name, '', read, (found) => things.put(name, found));
  }

  const later: LaterMemory = {
    row: (table, tenant, key, read) => rememberedLater(rowName(table, tenant, key), read),
    list<T>(table: string, tenant: string, question: string, read: () => Promise<Weighed<readonly T[]>>) {
      const place = listsName(table, tenant);
      const known = lists.get(place, question);
      if (known !== undefined) return Promise.resolve(known as readonly T[]);
      return readings.share(place, question, read, (found) => keepList(place, question, found));
    },
    counter: (tenant, counter, window, read) =>
      rememberedLater(counterName(tenant, counter, window), async () => ({ value: await read(), weight: 0 })),
  };

  function remembered<T>(name: string, read: () => Weighed<T>): T {
    const known = things.get(name);
    if (known !== undefined) return known.value as T;
    const found = read();
    things.put(name, found);
    return found.value;
  }

  return {
    later,
    row: (table, tenant, key, read) => remembered(rowName(table, tenant, key), read),
    list<T>(table: string, tenant: string, question: string, read: () => Weighed<readonly T[]>) {
      const place = listsName(table, tenant);
      const known = lists.get(place, question);
      if (known !== undefined) return known as readonly T[];
      const found = read();
      keepList(place, question, found);
      return found.value;
    },
    counter: (tenant, counter, window, read) =>
      remembered(counterName(tenant, counter, window), () => ({ value: read(), weight: 0 })),
    kept<T extends object>(name: string, make: (noting: Noting) => Promise<T>) {
      const known = kept.get(name);
      if (known !== undefined) return known as T;
      return kept.make(name, (note) =>
        make({
          row: (table, tenant, key) => note(rowName(table, tenant, key)),
          list: (table, tenant) => note(listsName(table, tenant)),
        }),
      );
    },
    forget({ tenant, changes }, counted = []) {
      let counters = 0;
      for (const change of changes) {
        if (change.change === 'purge-counters') {
          purges.set(tenant, (purges.get(tenant) ?? 0) + 1);
          continue;
        }
        if (change.change === 'reserve' || change.change === 'settle') {
          const name = counterName(tenant, change.counter, change.window);
          const now = counted[counters++];
          if (now == null) dropThing(name);
          else things.put(name, { value: now, weight: 0 });
          continue;
        }
        const owner = change.tenant ?? tenant;
        dropThing(rowName(change.table, owner, change.key));
        dropLists(listsName(change.table, owner));
      }
    },
    forgetEverything() {
      things.clear();
      lists.clear();
      kept.clear();
      readings.spoilAll();
    },
  };
}

/**
 * What is being read just now. Who asks for the same meanwhile waits for the same answer, unless it was spoilt: a change
 * of it was heard, so that the answer may be older than the change.
 */
function createReadings() {
  type Reading = { isSpoilt: boolean; readonly answer: Promise<unknown> };
  const places = new Map<string, Map<string, Reading>>();
  const spoil = (place: string) => {
    for (const reading of places.get(place)?.values() ?? []) reading.isSpoilt = true;
    places.delete(place);
  };
  return {
    spoil,
    spoilAll(): void {
      for (const place of [...places.keys()]) spoil(place);
    },
    share<T>(
      place: string,
      question: string,
      read: () => Promise<Weighed<T>>,
      keep: (found: Weighed<T>) => void,
    ): Promise<T> {
      const under = places.get(place)?.get(question);
      if (under !== undefined) return under.answer as Promise<T>;
      const run = async () => {
        try {
          const found = await read();
          if (!reading.isSpoilt) keep(found);
          return found.value;
        } finally {
          const here = places.get(place);
          if (here?.get(question) === reading) here.delete(question);
          if (here?.size === 0 && places.get(place) === here) places.delete(place);
        }
      };
      const reading: Reading = { isSpoilt: false, answer: Promise.resolve().then(run) };
      const here = places.get(place) ?? new Map<string, Reading>();
      here.set(question, reading);
      places.set(place, here);
      return reading.answer as Promise<T>;
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
    clear(): void {
      young = new Map();
      old = new Map();
      weight = 0;
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
    clear(): void {
      places.clear();
      total = 0;
    },
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
