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
    await afterNext();
    assert.equal(putBack.mustWait(), false);
  }
  assert.equal(seen.get(), 0);
  assert.ok(log().checkpointed < pagesAtOnce, 'what the reader does not see yet was put under it');
  reader.close();
  await writeUntil((pages) => pages.log < 10);
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
