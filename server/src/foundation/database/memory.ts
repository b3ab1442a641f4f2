import type { AnyTable } from './table.ts';
import type { Fields } from './unit.ts';
import type { SealedUnit } from './writer.ts';

/**
 * What was read lately, kept until a unit of this process changes it. Rows are kept by key, lists by question, and a
 * list is forgotten whenever any row of its table and tenant changes. Values are shared: readers never change them.
 *
 * INVARIANT (a commit is seen): `forget` runs before the commit that it belongs to returns, and reading and keeping are
 * one step of this thread, so nothing older than a returned commit is ever answered.
 */
export type Memory = {
  row<T>(table: string, tenant: string, key: Fields, read: () => T): T;
  list<T>(table: string, tenant: string, question: string, read: () => T): T;
  counter<T>(tenant: string, counter: string, window: number, read: () => T): T;
  forget(unit: SealedUnit): void;
};

const keptDefault = 50_000;

export function createMemory(tables: readonly AnyTable[], kept = keptDefault): Memory {
  const keys = new Map(tables.map((of) => [of.name, of.key]));
  const rowName = (table: string, tenant: string, key: Fields) =>
    `row ${table} ${tenant} ${valuesText((keys.get(table) ?? []).map((name) => key[name]))}`;
  const things = createGenerations<unknown>(kept);
  // One number for each table of each tenant: as many as there are tenants with rows.
  const versions = new Map<string, number>();
  const versionOf = (table: string, tenant: string) => versions.get(`${table} ${tenant}`) ?? 0;
  const counterName = (tenant: string, counter: string, window: number) =>
    `counter ${tenant} ${versionOf('counters', tenant)} ${window} ${counter}`;
  const remembered = <T>(name: string, read: () => T): T => {
    const known = things.get(name);
    if (known !== undefined) return known.value as T;
    const value = read();
    things.put(name, { value });
    return value;
  };
  return {
    row: (table, tenant, key, read) => remembered(rowName(table, tenant, key), read),
    list: (table, tenant, question, read) =>
      remembered(`list ${table} ${tenant} ${versionOf(table, tenant)} ${question}`, read),
    counter: (tenant, counter, window, read) => remembered(counterName(tenant, counter, window), read),
    forget({ tenant, changes }) {
      for (const change of changes) {
        if (change.change === 'reserve' || change.change === 'settle') {
          things.drop(counterName(tenant, change.counter, change.window));
          continue;
        }
        if (change.change === 'purge-counters') {
          versions.set(`counters ${tenant}`, versionOf('counters', tenant) + 1);
          continue;
        }
        const owner = change.tenant ?? tenant;
        things.drop(rowName(change.table, owner, change.key));
        versions.set(`${change.table} ${owner}`, versionOf(change.table, owner) + 1);
      }
    },
  };
}

/** Values in one text: two lists of values never share one. */
export const valuesText = (values: readonly unknown[]): string => JSON.stringify(values);

type Kept<T> = { readonly value: T };

/** Keeps about `max` things: when the young half is full, what nobody asked for since the last time is forgotten. */
function createGenerations<T>(max: number) {
  let young = new Map<string, Kept<T>>();
  let old = new Map<string, Kept<T>>();
  const put = (name: string, thing: Kept<T>) => {
    young.set(name, thing);
    if (young.size < max / 2) return;
    old = young;
    young = new Map();
  };
  return {
    put,
    get(name: string): Kept<T> | undefined {
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
