import type Sqlite from 'better-sqlite3';

/**
 * Which entries are of a run or of a kind. Entries of many runs are written in turn, so an index that followed each of
 * them would change a page for nearly every one. Instead the newest entries are looked through, and from time to time
 * so many at once are put into the index, in its order.
 */
export const namesTables = `
  CREATE TABLE IF NOT EXISTS entry_names (
    tenant TEXT NOT NULL, name TEXT NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY (tenant, name, idx)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS entries_named (one INTEGER PRIMARY KEY CHECK (one = 1), until INTEGER NOT NULL) STRICT;
  INSERT INTO entries_named VALUES (1, 0) ON CONFLICT DO NOTHING;
  DROP INDEX IF EXISTS entries_run;
  DROP INDEX IF EXISTS entries_kind;
`;

/** Tables that follow from the entries alone: a store that is moved leaves them behind. */
export const derivedTables: readonly string[] = ['entry_names', 'entries_named'];

/** So many entries are looked through by each question at most, and named together. */
const unnamedMax = 1024;
const namedAtOnce = 100_000;

export type Names = {
  /** Names what is due, in the transaction that wrote it. */
  follow(size: number): void;
};

/** What the index lacks, or holds of entries that are gone, is put right first: after an upgrade, or when a tail was cut. */
export function openNames(file: Sqlite.Database, size: number): Names {
  const named = file.prepare('SELECT until FROM entries_named').pluck();
  const mark = file.prepare('UPDATE entries_named SET until = ?');
  const cut = file.prepare('DELETE FROM entry_names WHERE idx >= ?');
  const name = file.prepare(`
    INSERT OR IGNORE INTO entry_names (tenant, name, idx)
    SELECT tenant, kind, idx FROM entries WHERE idx >= @from AND idx < @until
    UNION ALL SELECT tenant, run, idx FROM entries WHERE idx >= @from AND idx < @until AND run IS NOT NULL
    ORDER BY 1, 2, 3`);
  const nameUntil = file.transaction((from: number, until: number) => {
    name.run({ from, until });
    mark.run(until);
  });
  let until = named.get() as number;
  if (until > size) {
    file.transaction(() => {
      cut.run(size);
      mark.run(size);
    })();
    until = size;
  }
  for (; size - until >= unnamedMax; until = Math.min(size, until + namedAtOnce)) {
    nameUntil(until, Math.min(size, until + namedAtOnce));
  }
  return {
    follow(now) {
      // What was undone with its transaction is still due: the mark is read where it counts.
      if (now - until < unnamedMax) return;
      const from = named.get() as number;
      name.run({ from, until: now });
      mark.run(now);
      until = now;
    },
  };
}

/** Entries of a tenant that are of one run or kind, from an index on and before another, in order: the named ones, then the newest. */
export const entriesNamed = (column: 'run' | 'kind', columns: string, more: string) => `
  SELECT named.idx AS idx, ${columns} FROM entry_names AS named CROSS JOIN entries ON entries.idx = named.idx
  WHERE named.tenant = @tenant AND named.name = @${column} AND named.idx >= @from
    AND named.idx < min(@until, (SELECT until FROM entries_named))
    AND entries.tenant = @tenant AND entries.${column} = @${column} ${more}
  UNION ALL
  SELECT entries.idx, ${columns} FROM entries
  WHERE entries.idx >= max(@from, (SELECT until FROM entries_named)) AND entries.idx < @until
    AND entries.tenant = @tenant AND entries.${column} = @${column} ${more}
  ORDER BY 1 LIMIT @limit`;
