import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import Sqlite from 'better-sqlite3';
import { randomId } from '../ids.ts';
import { type Database, entry, planeItself } from './index.ts';
import { openTestStore, type TestStore } from './testing.ts';

const tenant = randomId('tenant');
const runs = Array.from({ length: 5 }, () => randomId('task'));
const kinds = ['test.asked', 'test.told', 'test.done'];

/** The nth entry is of the nth run and kind, from the first again where there are no more; every seventh is of no run. */
async function write(database: Database, from: number, until: number): Promise<void> {
  const said = (n: number) =>
    entry({
      id: randomId('entry'),
      kind: kinds[n % kinds.length]!,
      who: planeItself,
      ...(n % 7 === 0 ? {} : { run: runs[n % runs.length]! }),
    });
  const all = Array.from({ length: until - from }, (_, i) => from + i);
  await Promise.all(all.map((n) => database.commit({ tenant, entries: [said(n)] })));
}

const indexes = (count: number, is: (n: number) => boolean) => Array.from({ length: count }, (_, n) => n).filter(is);

async function requireAllFound({ log }: Database, count: number): Promise<void> {
  const found = async (ask: Omit<Parameters<typeof log.entries>[1], 'limit'>, limit = 10_000) =>
    (await log.entries(tenant, { ...ask, limit })).map(({ index }) => index);
  for (const [i, run] of runs.entries()) {
    const expected = indexes(count, (n) => n % runs.length === i && n % 7 !== 0);
    assert.deepEqual(await found({ run }), expected);
    assert.deepEqual(await found({ run }, 7), expected.slice(0, 7));
    const both = expected.filter((n) => n % kinds.length === 1);
    assert.deepEqual(await found({ run, kind: kinds[1]! }), both);
    for (const until of [0, 800, count - 20]) {
      assert.deepEqual(
        await found({ run, from: 5, until }),
        expected.filter((n) => n >= 5 && n < until),
      );
    }
    for (const from of [1, 700, count - 30, count + 1]) {
      assert.deepEqual(
        await found({ run, from }),
        expected.filter((n) => n >= from),
      );
    }
  }
  for (const [i, kind] of kinds.entries()) {
    assert.deepEqual(
      await found({ kind }),
      indexes(count, (n) => n % kinds.length === i),
    );
  }
  assert.deepEqual(await found({ run: randomId('task') }), []);
  assert.deepEqual(await log.entries(randomId('tenant'), { run: runs[0]!, limit: 9 }), []);
}

function read(store: TestStore, text: string): unknown {
  const file = new Sqlite(join(store.directory, 'ambit.db'), { readonly: true });
  try {
    return file.prepare(text).pluck().get();
  } finally {
    file.close();
  }
}

test('entries of a run or a kind are found in order, whether they were named yet or not', async () => {
  const store = await openTestStore();
  await write(store.ground.database, 0, 900);
  assert.equal(read(store, 'SELECT until FROM entries_named'), 0);
  await requireAllFound(store.ground.database, 900);
  await write(store.ground.database, 900, 2500);
  assert.ok(Number(read(store, 'SELECT until FROM entries_named')) > 1000);
  await requireAllFound(store.ground.database, 2500);
  await store.ground.database.close();
  const again = await store.reopen();
  await requireAllFound(again, 2500);
  await again.close();
  await store.close();
});

test('a store of a release that named nothing has all of its entries named when it is opened', async () => {
  const store = await openTestStore();
  await write(store.ground.database, 0, 2500);
  await store.ground.database.close();
  await store.edit(
    `DROP TABLE entry_names; DROP TABLE entries_named;
     CREATE INDEX entries_run ON entries (tenant, run, idx); CREATE INDEX entries_kind ON entries (tenant, kind, idx)`,
  );
  const again = await store.reopen();
  await requireAllFound(again, 2500);
  assert.equal(read(store, 'SELECT until FROM entries_named'), 2500);
  assert.equal(read(store, `SELECT count(*) FROM sqlite_schema WHERE name IN ('entries_run', 'entries_kind')`), 0);
  await again.close();
  await store.close();
});

test('names of entries that are gone are not those of the entries that come in their place', async () => {
  const store = await openTestStore();
  await write(store.ground.database, 0, 2500);
  await store.ground.database.close();
  await store.edit('DELETE FROM entries WHERE idx >= 1500; DELETE FROM nodes WHERE (idx + 1) * (1 << level) > 1500');
  const again = await store.reopen();
  await requireAllFound(again, 1500);
  await write(again, 1500, 3000);
  await requireAllFound(again, 3000);
  assert.equal(read(store, 'SELECT count(*) FROM entry_names WHERE idx >= 3000'), 0);
  await again.close();
  await store.close();
});
