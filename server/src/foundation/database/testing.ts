import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { Client } from 'pg';
import type { Clock } from '../clock.ts';
import type { Ground } from '../ground.ts';
import { randomId } from '../ids.ts';
import type { Database } from './database.ts';
import { openPostgres, type PostgresOptions } from './postgres.ts';
import { openSqlite } from './sqlite.ts';

/** A clock that stands still until it is told to move. */
export type HandClock = Clock & { advance(milliseconds: number): void };

export function handClock(start = Date.UTC(2026, 0, 5, 9, 0, 0)): HandClock {
  let now = start;
  return Object.assign(() => now, {
    advance(milliseconds: number) {
      now += milliseconds;
    },
  });
}

export type TestStore = {
  readonly ground: Ground & { clock: HandClock };
  /** Of the embedded store; a shared one has an empty folder. */
  readonly directory: string;
  /** The same store once more: on the embedded one, only after it was closed. */
  reopen(clock?: Clock): Promise<Database>;
  /** What somebody does who can write to the database itself, past the writer. */
  edit(sql: string): Promise<void>;
  close(): Promise<void>;
};

/** A real embedded store in a folder of its own, for tests. */
export async function openTestStore(clock: HandClock = handClock()): Promise<TestStore> {
  const directory = mkdtempSync(join(tmpdir(), 'ambit-store-'));
  const database = await openTestDatabase(directory, clock);
  return {
    ground: { database, clock, newId: randomId },
    directory,
    reopen: (again = clock) => openTestDatabase(directory, again),
    async edit(sql) {
      const file = new Sqlite(join(directory, 'ambit.db'));
      file.exec(sql);
      file.close();
    },
    async close() {
      await database.close();
      rmSync(directory, { recursive: true });
    },
  };
}

const detailKey = randomBytes(32);

export function openTestDatabase(directory: string, clock: Clock): Promise<Database> {
  return openSqlite({ directory, detailKey, clock });
}

const server = process.env.AMBIT_TEST_POSTGRES ?? '';

/** Why tests of PostgreSQL are left out here, or false. */
export const noPostgres =
  server === '' &&
  'no PostgreSQL: name a database that may be written to in AMBIT_TEST_POSTGRES, such as postgres://postgres@127.0.0.1/postgres';

/** A schema of its own on the server that the environment names, and how to be rid of it. */
export async function makeTestSchema(): Promise<{ readonly url: string; readonly drop: () => Promise<void> }> {
  const schema = `ambit_test_${randomBytes(8).toString('hex')}`;
  await onServer(`CREATE SCHEMA ${schema}`);
  const url = new URL(server);
  url.searchParams.set('options', `-c search_path=${schema}`);
  return { url: url.href, drop: () => onServer(`SET client_min_messages = warning; DROP SCHEMA ${schema} CASCADE`) };
}

async function onServer(text: string, url = server): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(text);
  await client.end();
}

export function openTestPostgresAt(url: string, clock: Clock, more: Partial<PostgresOptions> = {}): Promise<Database> {
  return openPostgres({ url, detailKey, clock, heardMsMax: 1000, ...more });
}

/** A real PostgreSQL store in a schema of its own, for tests. */
export async function openTestPostgres(clock: HandClock = handClock()): Promise<TestStore & { readonly url: string }> {
  const { url, drop } = await makeTestSchema();
  const directory = mkdtempSync(join(tmpdir(), 'ambit-store-'));
  const database = await openTestPostgresAt(url, clock);
  return {
    ground: { database, clock, newId: randomId },
    directory,
    url,
    reopen: (again = clock) => openTestPostgresAt(url, again),
    edit: (sql) => onServer(sql, url),
    async close() {
      await database.close();
      await drop();
      rmSync(directory, { recursive: true });
    },
  };
}

export type Backend = {
  readonly name: string;
  readonly open: (clock?: HandClock) => Promise<TestStore>;
  readonly skip: string | false;
};

/** Every store that the promises are held against. */
export const backends: readonly Backend[] = [
  { name: 'sqlite', open: openTestStore, skip: false },
  { name: 'postgres', open: openTestPostgres, skip: noPostgres },
];
