import type Sqlite from 'better-sqlite3';
import { createDigests, type Digests } from './digests.ts';
import type { AnyTable, Once as OnceColumns } from './table.ts';
import type { Fields } from './unit.ts';

/**
 * What was used once, on the embedded store: one row for all that a commit uses up, their digests one behind the other.
 * As a row each, found by their digests, each would change pages of its own. Whether one was used is known to the
 * writer, which is the only one that writes and asks: it holds what still counts, and reads it back when it starts.
 */
export const onceTable = 'used_once';
export const onceTables = `
  CREATE TABLE IF NOT EXISTS ${onceTable} (
    n INTEGER PRIMARY KEY, tenant TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, until INTEGER NOT NULL,
    digests BLOB NOT NULL
  ) STRICT;
`;

/** What is used up in one table, of one tenant and kind, counts there and nowhere else. */
type Place = { readonly tenant: string; readonly name: string; readonly kind: string };
/** `digest` is the base64url of a SHA-256. */
type Use = Place & { readonly digest: string; readonly until: number };
type Pending = Use & { readonly place: string; readonly bytes: Buffer };

/** What counts until the same minute is forgotten together: never early, and up to a minute late. */
const togetherMs = 60_000;
/** At 21 to 43 bytes of memory each; a plane that takes in 10,000 a second has 7 million that still count. */
const heldAtOnceMax = 8_388_608;
/** So many rows of what is forgotten go with one commit. */
const removedAtOnce = 64;

const placeOf = ({ tenant, name, kind }: Place) => `${tenant}\0${name}\0${kind}`;

export type Once = ReturnType<typeof openOnce>;

/** How much is held at most, and what holds it, is another in tests only. */
export function openOnce(file: Sqlite.Database, { heldMax = heldAtOnceMax, digestsOf = createDigests } = {}) {
  const insert = file.prepare(
    `INSERT INTO ${onceTable} (n, tenant, name, kind, until, digests) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const remove = file.prepare(`DELETE FROM ${onceTable} WHERE n = ?`);
  // What is durable and counts, by its minute: digests by place, and the rows in which they lie.
  const held = new Map<number, { readonly places: Map<string, Digests>; readonly rows: number[] }>();
  // What the units of this commit use. INVARIANT (replay): it leaves this as durable, or because it was undone.
  const pending = new Map<string, Pending>();
  // Durable, and not held in its minute yet: where memory is short it stays here, counts, and is tried again.
  const unheld = new Map<string, Pending>();
  let written: { readonly n: number; readonly until: number }[] = [];
  /** Rows of what is forgotten, until they are removed. */
  let over: number[] = [];
  let size = 0;
  let next = 1;

  const minute = (until: number) => {
    const known = held.get(until) ?? { places: new Map<string, Digests>(), rows: [] };
    held.set(until, known);
    return known;
  };

  function hold(place: string, until: number, digests: Buffer): void {
    const { places } = minute(until);
    const here = places.get(place) ?? digestsOf();
    places.set(place, here);
    const before = here.size;
    try {
      for (let at = 0; at < digests.length; at += digestBytes) here.add(digests, at);
    } finally {
      size += here.size - before;
    }
  }

  for (const { until, rows, digests, ...place } of heldIn(file)) {
    hold(placeOf(place), until, digests);
    minute(until).rows.push(...rows);
    next = Math.max(next, ...rows.map((n) => n + 1));
  }

  function has(place: string, digest: string, bytes: Buffer): boolean {
    for (const { places } of held.values()) if (places.get(place)?.has(bytes) === true) return true;
    const name = `${place}\0${digest}`;
    return pending.has(name) || unheld.has(name);
  }

  return {
    has: (use: Place & Pick<Use, 'digest'>): boolean => has(placeOf(use), use.digest, bytesOf(use.digest)),
    /** Answers how to undo it, or undefined where it was used before. */
    use(use: Use): (() => void) | undefined {
      const [place, bytes] = [placeOf(use), bytesOf(use.digest)];
      if (has(place, use.digest, bytes)) return undefined;
      // THREATS: a flood closes the plane for what it cannot remember; nothing is forgotten early to make room.
      if (size + pending.size + unheld.size >= heldMax)
        throw new Error(
          `${heldMax} things that count once are held, which is the most: wait until the oldest are over`,
        );
      const name = `${place}\0${use.digest}`;
      pending.set(name, { ...use, place, bytes, until: Math.ceil(use.until / togetherMs) * togetherMs });
      return () => void pending.delete(name);
    },
    /** What counted until before `now` counts no more. */
    forget(now: number): void {
      for (const [until, { places, rows }] of held) {
        // A time that is none ends nothing.
        if (!(until < now)) continue;
        held.delete(until);
        over = over.concat(rows);
        for (const digests of places.values()) size -= digests.size;
      }
      for (const [name, { until }] of unheld) if (until < now) unheld.delete(name);
    },
    /** In the transaction of the units: writes what they used, and removes a part of what is forgotten. */
    flush(): void {
      const rows = new Map<string, Pending[]>();
      for (const one of pending.values()) {
        const name = `${one.place}\0${one.until}`;
        const row = rows.get(name);
        if (row === undefined) rows.set(name, [one]);
        else row.push(one);
      }
      for (const row of rows.values()) {
        const { tenant, name, kind, until } = row[0] as Pending;
        const n = next++;
        insert.run(n, tenant, name, kind, until, Buffer.concat(row.map(({ bytes }) => bytes)));
        written.push({ n, until });
      }
      for (const n of over.slice(0, removedAtOnce)) remove.run(n);
    },
    /** After the commit: what its units used is durable, and counts from here on whatever becomes of the next ones. */
    keep(): void {
      if (over.length > 0) over = over.slice(removedAtOnce);
      for (const { n, until } of written) minute(until).rows.push(n);
      written = [];
      for (const [name, one] of pending) unheld.set(name, one);
      pending.clear();
      for (const [name, { place, until, bytes }] of unheld) {
        try {
          hold(place, until, bytes);
        } catch (error) {
          // No room for a larger array: the units are answered, and it is tried again after the next commit.
          if (error instanceof RangeError) return;
          throw error;
        }
        unheld.delete(name);
      }
    },
    /** After the commit was undone. */
    undoAll(): void {
      pending.clear();
      written = [];
    },
  };
}

const [digestBytes, digestLength] = [32, 43];

function bytesOf(digest: string): Buffer {
  const bytes = Buffer.from(digest, 'base64url');
  if (digest.length === digestLength && bytes.length === digestBytes) return bytes;
  throw new Error('what counts once is named by the SHA-256 of something');
}

const [rowsAtOnce, oldRowsAtOnce] = [1024, 10_000];

/** Some rows of one place and minute, read as one: one by one, a start with many of them would take twice as long. */
type Together = Place & { readonly until: number; readonly rows: readonly number[]; readonly digests: Buffer };

function* heldIn(file: Sqlite.Database): Iterable<Together> {
  const [first, last] = file.prepare(`SELECT min(n), max(n) FROM ${onceTable}`).raw().get() as (number | null)[];
  const some = file.prepare(
    `SELECT tenant, name, kind, until, json_group_array(n) AS rows, group_concat(hex(digests), '') AS digests
     FROM ${onceTable} WHERE n >= ? AND n < ? GROUP BY tenant, name, kind, until`,
  );
  for (let from = first ?? 1; from <= (last ?? 0); from += rowsAtOnce) {
    for (const one of some.all(from, from + rowsAtOnce) as (Place &
      Record<'until', number> &
      Record<'rows' | 'digests', string>)[])
      yield { ...one, rows: JSON.parse(one.rows) as number[], digests: Buffer.from(one.digests, 'hex') };
  }
}

/** Whether a row with those fields is one that counts once. */
export const isOnce = ({ once }: AnyTable, fields: Fields): boolean =>
  once?.kinds.includes(String(fields[once.kind])) === true;

/** How `Once` names such a row. */
export function useOf({ name, once }: AnyTable, tenant: string, fields: Fields): Use {
  if (once === undefined) throw new Error(`table ${name}: nothing counts once`);
  const { kind, digest, until } = once;
  return { tenant, name, kind: String(fields[kind]), digest: String(fields[digest]), until: Number(fields[until]) };
}

/**
 * What an older release kept as a row each goes on to count here. What is not done when the plane ends is done at the next
 * start: it counts here and there until then.
 */
export function packOnce(file: Sqlite.Database, tables: readonly AnyTable[], once: Once): void {
  for (const of of tables) if (of.once !== undefined) packTable(file, of, of.once, once);
}

function packTable(
  file: Sqlite.Database,
  of: AnyTable,
  { kind, kinds, digest }: OnceColumns<string>,
  once: Once,
): void {
  const isPacked = `("${kind}" IN (${kinds.map(() => '?').join(', ')}) AND length("${digest}") = ${digestLength})`;
  const key = ['tenant', ...of.key];
  const named = key.map((name) => `"${name}"`).join(', ');
  const some = file.prepare(
    `SELECT * FROM "${of.name}" WHERE (${named}) > (${key.map(() => '?').join(', ')}) AND ${isPacked}
     ORDER BY ${named} LIMIT ${oldRowsAtOnce}`,
  );
  const pack = file.transaction((rows: readonly Fields[]) => {
    for (const row of rows) once.use(useOf(of, String(row.tenant), row));
    once.flush();
  });
  let last: Fields | undefined;
  while (true) {
    const rows = some.all(...key.map((name) => last?.[name] ?? ''), ...kinds) as Fields[];
    if (rows.length === 0) break;
    pack(rows);
    once.keep();
    last = rows.at(-1);
  }
  if (last === undefined) return;
  // Without a condition SQLite empties a table in one step; row by row a million takes a minute.
  file.transaction(() => {
    file.prepare(`CREATE TEMP TABLE other_rows AS SELECT * FROM "${of.name}" WHERE NOT ${isPacked}`).run(...kinds);
    file.exec(`DELETE FROM "${of.name}"; INSERT INTO "${of.name}" SELECT * FROM other_rows; DROP TABLE other_rows`);
  })();
}

/** The table with a row each again, for a store that keeps it so: its name on this connection, which need not write. */
export function unpackOnce(file: Sqlite.Database, of: AnyTable): string {
  const isPacked = file.prepare('SELECT 1 FROM sqlite_master WHERE name = ?').get(onceTable) !== undefined;
  if (of.once === undefined || !isPacked) return of.name;
  const { kind, digest, until } = of.once;
  const whole = `unpacked_${of.name}`;
  file.exec(`CREATE TEMP TABLE "${whole}" AS SELECT * FROM "${of.name}"`);
  const key = ['tenant', ...of.key].map((name) => `"${name}"`).join(', ');
  file.exec(`CREATE UNIQUE INDEX temp."${whole}_key" ON "${whole}" (${key})`);
  const insert = file.prepare(
    `INSERT OR IGNORE INTO "${whole}" (tenant, "${kind}", "${digest}", "${until}") VALUES (?, ?, ?, ?)`,
  );
  for (const { tenant, name, kind: ofKind, until: ofUntil, digests } of heldIn(file)) {
    if (name !== of.name) continue;
    for (let at = 0; at < digests.length; at += digestBytes)
      insert.run(tenant, ofKind, digests.toString('base64url', at, at + digestBytes), ofUntil);
  }
  return whole;
}
