import type Sqlite from 'better-sqlite3';
import type { AnyTable } from './table.ts';

/**
 * What SQLite is told of the tables: that a tenant has many rows, that what names something names few of them, and that
 * a state is that of a good part. Left alone it takes a tenant for ten rows, and reads all of them in the order that is
 * asked for rather than the few that an index has. Written by hand, as sqlite.org/optoverview.html describes, because a
 * plan must not depend on what was in the store when somebody measured it.
 */
export function tellStatistics(file: Sqlite.Database, tables: readonly AnyTable[]): void {
  // Makes the table of statistics where there is none, and measures nothing.
  file.exec('ANALYZE sqlite_schema');
  const forget = file.prepare('DELETE FROM sqlite_stat1 WHERE tbl = ?');
  const tell = file.prepare('INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)');
  const all = file.transaction(() => {
    for (const of of tables) {
      forget.run(of.name);
      // The rows of a table without row ids lie in its key, which has the table's name.
      tell.run(of.name, of.name, statistic(of.key, true));
      for (const names of of.unique) tell.run(of.name, `${of.name}_${names.join('_')}`, statistic(names, true));
      for (const names of of.indexes) tell.run(of.name, `${of.name}_${names.join('_')}`, statistic(names, false));
    }
  });
  all();
  file.exec('ANALYZE sqlite_schema');
}

const [rows, ofOneName, states] = [1_000_000, 10, 4];

/** All rows, those of a tenant, and those that are left with each column more. */
function statistic(columns: readonly string[], isUnique: boolean): string {
  const left = [rows, rows];
  for (const [i, name] of columns.entries()) {
    const before = left.at(-1)!;
    const isLast = i === columns.length - 1;
    if (isUnique && isLast) left.push(1);
    else left.push(Math.max(1, name === 'state' ? Math.ceil(before / states) : Math.min(before, ofOneName)));
  }
  return left.join(' ');
}
