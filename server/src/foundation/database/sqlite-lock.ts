import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { StoreFault } from '../errors.ts';
import { sqliteTrouble } from './sqlite-trouble.ts';

/** One process per data directory: the lock is SQLite's own and goes with the process, however it ends. */
export function takeLock(inside: string): Sqlite.Database {
  try {
    const held = new Sqlite(join(inside, 'lock.db'), { timeout: 0 });
    held.pragma('locking_mode = EXCLUSIVE');
    held.exec('BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS held (pid INTEGER)');
    return held;
  } catch (error) {
    const isHeld = String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY');
    const says = isHeld
      ? `another process holds the data directory ${inside}: stop it, or name another directory`
      : (sqliteTrouble(error, inside) ?? `the data directory ${inside} cannot be locked`);
    throw new StoreFault(says, { cause: error });
  }
}
