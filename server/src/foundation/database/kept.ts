import type { Database } from './database.ts';
import type { Memory } from './memory.ts';
import type { Fields } from './unit.ts';

/** Notes what something is made from: a row, whether it is there or not, or any rows of a table. */
export type Noting = {
  row(table: string, tenant: string, key: Fields): void;
  list(table: string, tenant: string): void;
};

/** `kept` of every store: what `make` reads, it reads through here, and whatever changes one of those rows has it made anew. */
export function keeping(
  memory: Memory,
  reads: Pick<Database, 'find' | 'list'>,
  mayRemember: () => boolean = () => true,
): Database['kept'] {
  return <T extends object>(name: string, make: (reads: Pick<Database, 'find' | 'list'>) => Promise<T>) => {
    if (!mayRemember()) return make(reads);
    return memory.kept<T>(name, (noting) =>
      make({
        find(of, tenant, key) {
          noting.row(of.name, tenant, key as Fields);
          return reads.find(of, tenant, key);
        },
        list(of, tenant, ask) {
          noting.list(of.name, tenant);
          return reads.list(of, tenant, ask);
        },
      }),
    );
  };
}

/** Things by their names, and by the places that they were made from. The oldest goes where there are too many. */
export function createKept(thingsMax: number) {
  type Thing = { readonly name: string; readonly value: object; readonly places: ReadonlySet<string> };
  type Making = { readonly places: Set<string>; isSpoilt: boolean };
  const things = new Map<string, Thing>();
  const madeFrom = new Map<string, Set<Thing>>();
  const underWay = new Set<Making>();

  function drop(thing: Thing): void {
    if (things.get(thing.name) === thing) things.delete(thing.name);
    for (const place of thing.places) {
      const here = madeFrom.get(place);
      here?.delete(thing);
      if (here?.size === 0) madeFrom.delete(place);
    }
  }

  function put(thing: Thing): void {
    const before = things.get(thing.name);
    if (before !== undefined) drop(before);
    for (const oldest of things.values()) {
      if (things.size < thingsMax) break;
      drop(oldest);
    }
    things.set(thing.name, thing);
    for (const place of thing.places) {
      const here = madeFrom.get(place) ?? new Set();
      here.add(thing);
      madeFrom.set(place, here);
    }
  }

  return {
    get: (name: string): object | undefined => things.get(name)?.value,
    /** What changes while it is made is answered once, and not kept. */
    async make<T extends object>(name: string, make: (note: (place: string) => void) => Promise<T>): Promise<T> {
      const making: Making = { places: new Set(), isSpoilt: false };
      underWay.add(making);
      try {
        const value = await make((place) => making.places.add(place));
        if (!making.isSpoilt) put({ name, value, places: making.places });
        return value;
      } finally {
        underWay.delete(making);
      }
    },
    spoil(place: string): void {
      for (const thing of madeFrom.get(place) ?? []) drop(thing);
      for (const making of underWay) if (making.places.has(place)) making.isSpoilt = true;
    },
    clear(): void {
      things.clear();
      madeFrom.clear();
      for (const making of underWay) making.isSpoilt = true;
    },
  };
}
