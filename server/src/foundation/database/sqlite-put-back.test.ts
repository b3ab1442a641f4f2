import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { formatId } from '@ambit/protocol';
import Sqlite from 'better-sqlite3';
import { createPutBack, type PutBackOptions } from './sqlite-put-back.ts';
import { openTestStore } from './testing.ts';
import { entry, planeItself } from './unit.ts';

const pagesAtOnce = 20;

/** A store of pages, whose writer is this thread; `elsewhere` is where the other thread looks for it. */
function opened(t: TestContext, options: Partial<PutBackOptions> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'ambit-put-back-'));
  const file = new Sqlite(join(directory, 'ambit.db'));
  file.pragma('journal_mode = WAL');
  file.pragma('wal_autocheckpoint = 10');
  file.exec('CREATE TABLE pages (n INTEGER PRIMARY KEY, page BLOB)');
  const insert = file.prepare('INSERT INTO pages (page) VALUES (zeroblob(4000))');
  const complaints: string[] = [];
  let done = 0;
  const putBack = createPutBack(file, {
    directory,
    onDone: () => done++,
    complain: (says) => complaints.push(says),
    pagesAtOnce,
    ...options,
  });
  const log = () => file.prepare('PRAGMA wal_checkpoint(NOOP)').get() as { log: number; checkpointed: number };
  t.after(async () => {
    await putBack.close();
    file.close();
    rmSync(directory, { recursive: true });
  });
  /** One commit; answers how long the log is. */
  const write = () => {
    insert.run();
    putBack.follow();
    return log().log;
  };
  return {
    ...{ directory, file, putBack, complaints, log, write },
    /** Writes until the log has at least so many pages. */
    grow(pages: number) {
      for (let i = 0; log().log < pages; i++) {
        assert.ok(i < pages, 'the log does not grow');
        write();
      }
      return log().log;
    },
    async writeUntil(is: (pages: ReturnType<typeof log>) => boolean) {
      for (let i = 0; !is(log()); i++) {
        assert.ok(i < 500, 'it never came to that');
        write();
        await delay(1);
      }
    },
    async afterNext() {
      for (const before = done; done === before; ) await delay(1);
    },
  };
}

test('pages are put back by another thread when there are many, and not before', async (t) => {
  const { grow, log, putBack, afterNext, complaints } = opened(t);
  grow(pagesAtOnce - 3);
  await delay(50);
  assert.equal(log().checkpointed, 0);
  const length = grow(pagesAtOnce + 1);
  assert.equal(log().checkpointed, 0, 'the commit itself put them back');
  await afterNext();
  assert.deepEqual(log(), { busy: 0, log: length, checkpointed: length });
  assert.equal(putBack.mustWait(), false);
  assert.deepEqual(complaints, []);
});

test('while commits follow each other the log is begun anew all the same, again and again', async (t) => {
  const { putBack, write } = opened(t, { logPagesMax: 8 * pagesAtOnce });
  let [anew, longest, before] = [0, 0, 0];
  while (anew < 5) {
    await delay(0);
    if (putBack.mustWait()) continue;
    const length = write();
    if (length < before) anew++;
    before = length;
    longest = Math.max(longest, length);
  }
  assert.ok(longest < 10 * pagesAtOnce, `${longest} pages`);
});

test('where the log is as long as it may get the writer waits, until it has been put back', async (t) => {
  const { grow, write, putBack, afterNext, log } = opened(t, { logPagesMax: 3 * pagesAtOnce });
  grow(2 * pagesAtOnce);
  assert.equal(putBack.mustWait(), false);
  grow(3 * pagesAtOnce);
  assert.equal(putBack.mustWait(), true);
  await afterNext();
  assert.equal(putBack.mustWait(), false);
  assert.equal(log().checkpointed, log().log);
  assert.ok(write() < 10, 'it goes on behind what was put back');
});

test('what a reader still looks at stays in the log, holds nobody up, and is put back later', async (t) => {
  const { directory, grow, writeUntil, putBack, afterNext, log, complaints } = opened(t, {
    logPagesMax: 3 * pagesAtOnce,
  });
  const reader = new Sqlite(join(directory, 'ambit.db'), { readonly: true });
  reader.exec('BEGIN');
  const seen = reader.prepare('SELECT count(*) FROM pages').pluck();
  assert.equal(seen.get(), 0);
  for (let pages = pagesAtOnce + 1; pages < 8 * pagesAtOnce; pages += pagesAtOnce + 3) {
    grow(pages);
    assert.equal(putBack.mustWait(), false);
    await afterNext();
  }
  assert.equal(seen.get(), 0);
  assert.ok(log().checkpointed < pagesAtOnce, 'what the reader does not see yet was put under it');
  reader.close();
  grow(log().log + pagesAtOnce);
  assert.equal(putBack.mustWait(), false, 'all that was held up is waited for');
  await writeUntil((pages) => pages.log < 10);
  assert.ok(
    statSync(join(directory, 'ambit.db-wal')).size <= 3 * pagesAtOnce * 4096,
    'the file stays as long as it was',
  );
  assert.deepEqual(complaints, []);
});

test('where that thread dies the operator is told once, the writer keeps the log short, and the next one takes over', async (t) => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'ambit-put-back-'));
  t.after(() => rmSync(elsewhere, { recursive: true }));
  const store = opened(t, { directory: elsewhere, logPagesMax: 4 * pagesAtOnce });
  for (let pages = pagesAtOnce + 1; pages < 4 * pagesAtOnce; pages += pagesAtOnce + 3) {
    store.grow(pages);
    await store.afterNext();
    assert.equal(store.log().checkpointed, 0);
    assert.equal(store.putBack.mustWait(), false, 'nobody is there to wait for');
  }
  assert.equal(store.complaints.length, 1);
  assert.match(String(store.complaints), /calls wait while it is shortened: the store in .*SQLITE_CANTOPEN/);
  await store.writeUntil(({ log }) => log < 10);

  symlinkSync(join(store.directory, 'ambit.db'), join(elsewhere, 'ambit.db'));
  await store.writeUntil(({ log, checkpointed }) => checkpointed > 0 && log < 4 * pagesAtOnce);
  assert.equal(store.complaints.length, 1);
});

test('where that thread dies each time the log gets no longer than it may', async (t) => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'ambit-put-back-'));
  t.after(() => rmSync(elsewhere, { recursive: true }));
  const { grow, afterNext, log } = opened(t, { directory: elsewhere, logPagesMax: 20 * pagesAtOnce });
  for (const quarters of [0.2, 1.3, 2.4, 3.5]) {
    grow(quarters * 5 * pagesAtOnce);
    await afterNext();
    assert.equal(log().checkpointed, 0);
  }
  const length = grow(20 * pagesAtOnce);
  assert.deepEqual(log(), { busy: 0, log: length, checkpointed: length });
});

test('where only the writer fails to put back the operator is told once, and of which store', async (t) => {
  const { directory, file, write, grow, afterNext, complaints } = opened(t, { logPagesMax: 3 * pagesAtOnce });
  for (let round = 0; round < 3; round++) {
    write();
    grow(pagesAtOnce + 1);
    // SQLite puts nothing back through a connection that is in a transaction.
    file.exec('BEGIN; SELECT n FROM pages');
    await afterNext();
    file.exec('COMMIT');
  }
  assert.equal(complaints.length, 1, complaints.join('\n'));
  assert.ok(complaints[0]?.includes(`the store in ${directory} (SQLITE_LOCKED`), complaints[0]);
  write();
  grow(pagesAtOnce + 1);
  await afterNext();
  write();
  grow(pagesAtOnce + 1);
  file.exec('BEGIN; SELECT n FROM pages');
  await afterNext();
  assert.equal(complaints.length, 2, 'it went well in between');
  file.exec('COMMIT');
});

test('it is closed after what it was told to do, and holds nothing then', async (t) => {
  const { directory, file, grow, write, putBack, log } = opened(t);
  const length = grow(pagesAtOnce + 1);
  await putBack.close();
  assert.equal(log().checkpointed, length);
  write();
  grow(3 * pagesAtOnce);
  assert.equal(log().checkpointed, 0, 'it was told to go on after it was closed');
  file.close();
  const alone = new Sqlite(join(directory, 'ambit.db'), { timeout: 0 });
  alone.pragma('locking_mode = EXCLUSIVE');
  alone.exec('BEGIN EXCLUSIVE');
  alone.close();
});

test('a store that is written to without a pause keeps its log short, and all of it is there when it is opened again', async () => {
  const store = await openTestStore();
  const { database, newId } = store.ground;
  const tenant = formatId('tenant', new Uint8Array(13));
  const detail = { text: 'x'.repeat(12_000) };
  const append = () => entry({ id: newId('entry'), kind: 'plane.started', who: planeItself, detail });
  const caller = async () => {
    for (let i = 0; i < 120; i++) await database.commit({ tenant, entries: [append()] });
  };
  await Promise.all(Array.from({ length: 32 }, caller));
  const pagesOf = (name: string) => statSync(join(store.directory, name)).size / 4096;
  const written = 32 * 120 * 3;
  const lengthMax = 8000 + 32 * 4;
  assert.ok(written > lengthMax && pagesOf('ambit.db-wal') < lengthMax, `${pagesOf('ambit.db-wal')} pages`);
  assert.ok(pagesOf('ambit.db') > written - lengthMax);
  await database.close();
  const again = await store.reopen();
  assert.equal((await again.log.head()).size, 32 * 120);
  await again.close();
  await store.close();
});

test('units that come at once and are large do not go into one commit', async (t) => {
  const store = await openTestStore();
  t.after(store.close);
  const { database, newId } = store.ground;
  const tenant = formatId('tenant', new Uint8Array(13));
  const detail = { text: 'x'.repeat(120_000) };
  const append = () => entry({ id: newId('entry'), kind: 'plane.started', who: planeItself, detail });
  let longest = 0;
  const one = async () => {
    await database.commit({ tenant, entries: [append()] });
    longest = Math.max(longest, statSync(join(store.directory, 'ambit.db-wal')).size / 4096);
  };
  for (let round = 0; round < 2; round++) await Promise.all(Array.from({ length: 500 }, one));
  assert.ok(longest < 8000 + 1200, `${longest} pages`);
});
