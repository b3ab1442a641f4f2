import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TenantId } from '@ambit/protocol';
import Sqlite from 'better-sqlite3';
import { Client } from 'pg';
import { makeTestSchema, noPostgres } from '../../src/foundation/database/testing.ts';
import {
  type Database,
  declaredTables,
  loadKeys,
  openPostgres,
  openSqlite,
  systemClock,
} from '../../src/foundation/index.ts';
import { serve } from '../../src/main.ts';
import { initialise, keySourceOf, moveTo } from '../../src/opening.ts';
import { madeBy, type Released, releases } from './released.ts';

const entriesOf = async (people: string) =>
  ((await (await fetch(`${people}/health`)).json()) as { readonly entries: number }).entries;

/** Every row of every table, each as what its entry says: one that no entry explains would be refused. */
async function readAll(database: Database, tenants: readonly TenantId[]): Promise<number> {
  let rows = 0;
  for (const of of declaredTables()) {
    for (const tenant of tenants) rows += (await database.list(of, tenant, { limit: 10_000 })).length;
  }
  return rows;
}

function tenantsIn(data: string): TenantId[] {
  const file = new Sqlite(join(data, 'ambit.db'), { readonly: true });
  // A store of an older release lacks the tables that came after it.
  const present = new Set(file.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all());
  const tables = declaredTables().filter(({ name }) => present.has(name));
  const tenants = tables.flatMap(({ name }) => file.prepare(`SELECT DISTINCT tenant FROM "${name}"`).pluck().all());
  file.close();
  return [...new Set(tenants as TenantId[])];
}

const rows = { '0.1.0': 40, entries: 41 };
const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

function openOn(released: Released, store: string | null, clock = systemClock): Promise<Database> {
  const detailKey = loadKeys(keySourceOf(released.config())).derive('log-detail');
  return store === null
    ? openSqlite({ directory: released.data, detailKey, clock })
    : openPostgres({ url: store, detailKey, clock, heardMsMax: 1000 });
}

for (const release of releases) {
  test(`a store of ${release} is brought up to date: it starts, and all that it holds is still explained`, async () => {
    const released = madeBy(release);
    const plane = await serve(released.config());
    assert.ok((await entriesOf(plane.people)) >= rows.entries);
    await plane.close();
    const database = await openOn(released, null);
    assert.ok((await readAll(database, tenantsIn(released.data))) >= rows[release]);
    await database.close();
    rmSync(released.directory, { recursive: true });
  });
}

type Spent = { readonly tenant: TenantId; readonly kind: string; readonly hash: string; readonly expiresAt: number };

function spentIn(data: string): Spent[] {
  const file = new Sqlite(join(data, 'ambit.db'), { readonly: true });
  const spent = file.prepare('SELECT tenant, kind, hash, "expiresAt" FROM used_proofs').all() as Spent[];
  file.close();
  return spent;
}

/** Tries to use each of them again, and of each a double at another tenant, and says how many were refused. */
async function refusedAgain(database: Database, spent: readonly Spent[]): Promise<number> {
  const tries = spent.map(({ tenant, ...named }) =>
    database.commit({
      tenant,
      changes: [
        {
          ...{ change: 'insert', table: 'used_proofs', otherwise: 'proof.replayed' },
          ...{ key: { kind: named.kind, hash: named.hash }, row: { ...named, holder: null } },
        },
      ],
      entries: [],
    }),
  );
  const refused = (await Promise.allSettled(tries)).filter(({ status }) => status === 'rejected');
  for (const one of refused) assert.equal((one as PromiseRejectedResult).reason.code, 'proof.replayed');
  return refused.length;
}

for (const release of releases) {
  test(`replay: what a store of ${release} says was used is not used again, nor after it was opened twice`, async () => {
    const released = madeBy(release);
    const spent = spentIn(released.data);
    assert.ok(spent.length > 30);
    const last = Math.max(...spent.map(({ expiresAt }) => expiresAt));
    for (const _ of ['brought up to date', 'as it is now']) {
      const database = await openOn(released, null, () => last);
      assert.equal(await refusedAgain(database, spent), spent.length);
      await database.close();
    }
    const over = await openOn(released, null, () => last + 60_001);
    assert.equal(await refusedAgain(over, spent), 0, 'they are over, and forgotten');
    await over.close();
    rmSync(released.directory, { recursive: true });
  });
}

describe('a store is moved to PostgreSQL', { skip: noPostgres }, () => {
  for (const release of releases) {
    test(`one of ${release}: all of it is there, the plane goes on there, and the old one does not start`, async () => {
      const released = madeBy(release);
      const { url, drop } = await makeTestSchema();
      const before = digest(join(released.data, 'ambit.db'));
      const told: string[] = [];
      const moved = await moveTo(released.config(), url, ({ table, done, of }) => told.push(`${table} ${done}/${of}`));
      assert.equal(moved.entries, rows.entries);
      assert.ok(moved.checkpoint > 0 && moved.rows > rows[release]);
      assert.ok(told.includes(`entries ${rows.entries}/${rows.entries}`), told.join(', '));
      assert.equal(digest(join(released.data, 'ambit.db')), before, 'the source is as it was');
      const database = await openOn(released, url);
      const tenants = tenantsIn(released.data);
      assert.ok((await readAll(database, tenants)) >= rows[release]);
      const [entry] = (await Promise.all(tenants.map((one) => database.log.entries(one, { limit: 1 })))).flat();
      assert.ok(entry && database.log.open(entry)?.detail, 'sealed details open there');
      await database.close();
      await assert.rejects(
        serve(released.config()),
        /This store was moved to postgres:\/\/127\.0\.0\.1.* AMBIT_STORE/s,
      );
      const plane = await serve(released.config({ AMBIT_STORE: url }));
      assert.ok((await entriesOf(plane.people)) >= rows.entries);
      await plane.close();
      await assert.rejects(
        moveTo(released.config(), url, () => undefined),
        /was moved to/,
      );
      await drop();
      rmSync(released.directory, { recursive: true });
    });
  }

  for (const from of ['a row each, as 0.1.0 wrote them', 'one row a commit, as they are kept now']) {
    test(`replay: what was used before is not used again there: ${from}`, async () => {
      const released = madeBy('0.1.0');
      const spent = spentIn(released.data);
      const { url, drop } = await makeTestSchema();
      if (from.startsWith('one row')) {
        const clock = () => Math.min(...spent.map(({ expiresAt }) => expiresAt)) - 1;
        await (await openOn(released, null, clock)).close();
        assert.deepEqual(spentIn(released.data), []);
      }
      await moveTo(released.config(), url, () => undefined);
      const database = await openOn(released, url);
      assert.equal(await refusedAgain(database, spent), spent.length);
      await database.close();
      await drop();
      rmSync(released.directory, { recursive: true });
    });
  }

  async function refused(url: string, released: Released, why: RegExp): Promise<void> {
    await assert.rejects(
      moveTo(released.config(), url, () => undefined),
      why,
    );
    assert.equal(existsSync(join(released.data, 'moved.txt')), false, 'a store that was not moved is not marked');
  }

  test('not while it runs, not where there is none, and not into a database that has something already', async () => {
    const released = madeBy('0.1.0');
    const { url, drop } = await makeTestSchema();
    const plane = await serve(released.config());
    await refused(url, released, /another process holds the data directory/);
    await plane.close();
    const other = madeBy('0.1.0');
    const taken = await makeTestSchema();
    rmSync(other.data, { recursive: true });
    await refused(url, other, /there is no store in/);
    await initialise(other.config({ AMBIT_STORE: taken.url, AMBIT_KEYS: join(other.directory, 'new.keys') }), {
      tenant: 'Other',
      administrator: 'Ada',
    });
    await refused(taken.url, released, /the database is not empty/);
    await refused('postgres://ambit@db.internal/ambit', released, /sslmode=verify-full/);
    const again = await serve(released.config());
    await again.close();
    for (const one of [released, other]) rmSync(one.directory, { recursive: true });
    await drop();
    await taken.drop();
  });

  test('what does not arrive as it was sent is not moved at all', async () => {
    const released = madeBy('0.1.0');
    const { url, drop } = await makeTestSchema();
    await (await openOn(released, url)).close();
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(
      `CREATE FUNCTION alter_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name = upper(NEW.name); RETURN NEW; END $$;
       CREATE TRIGGER altered BEFORE INSERT ON persons FOR EACH ROW EXECUTE FUNCTION alter_it()`,
    );
    await refused(url, released, /the table persons did not arrive as it was sent/);
    assert.equal((await client.query('SELECT count(*)::int AS n FROM entries')).rows[0].n, 0);
    await client.query('DROP FUNCTION alter_it CASCADE');
    await client.end();
    await moveTo(released.config(), url, () => undefined);
    rmSync(released.directory, { recursive: true });
    await drop();
  });

  test('a log whose leaves are not those of its tree is not moved', async () => {
    const released = madeBy('0.1.0');
    const { url, drop } = await makeTestSchema();
    const file = new Sqlite(join(released.data, 'ambit.db'));
    file.exec(`UPDATE nodes SET hash = zeroblob(32) WHERE level = 4`);
    file.close();
    await refused(url, released, /the leaves of the log do not make the tree/);
    rmSync(released.directory, { recursive: true });
    await drop();
  });
});
