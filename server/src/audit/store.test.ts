import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { entry } from '../foundation/index.ts';
import { entriesOfRun, newestOfKind, readDetail, runEntriesMax } from './store.ts';
import { acme, aliceAt, neighbour, openTestLog, type TestLog } from './testing.ts';

let log: TestLog;
const seen: number[] = [];

before(async () => {
  log = await openTestLog();
  // Ten rare entries among four thousand: wide windows between them, two of them next to each other at the end.
  const rare = new Set([3, 4, 700, 1500, 1501, 2600, 3100, 3900, 3998, 3999]);
  const { database, newId } = log.store.ground;
  const drafts = Array.from({ length: 4000 }, (_, i) =>
    entry({ id: newId('entry'), kind: rare.has(i) ? 'test.rare' : 'test.common', who: aliceAt(), detail: { i } }),
  );
  await database.commit({ tenant: acme, entries: drafts });
  await database.commit({
    tenant: neighbour,
    entries: [entry({ id: newId('entry'), kind: 'test.rare', who: aliceAt() })],
  });
  seen.push(...[...rare].toSorted((a, b) => b - a));
});
after(() => log.close());

const indexes = async (ask: { before?: number; limit: number }) =>
  (await newestOfKind(log.store.ground, acme, 'test.rare', ask)).map((one) => one.index);

test('looks back for entries of a kind, the newest first, across every window', async () => {
  assert.deepEqual(await indexes({ limit: 100 }), seen);
  assert.deepEqual(await indexes({ limit: 10 }), seen);
  assert.deepEqual(await indexes({ limit: 3 }), seen.slice(0, 3));
});

test('goes on page by page without losing or repeating any', async () => {
  for (const limit of [1, 3, 7]) {
    const pages: number[] = [];
    let before: number | undefined;
    while (true) {
      const page = await indexes({ limit, ...(before === undefined ? {} : { before }) });
      if (page.length === 0) break;
      pages.push(...page);
      before = page.at(-1);
    }
    assert.deepEqual(pages, seen, `pages of ${limit}`);
  }
});

test('a detail is read only if it is what the header says', async () => {
  const [one] = await newestOfKind(log.store.ground, acme, 'test.rare', { limit: 1 });
  const { log: tree } = log.store.ground.database;
  const read = readDetail(tree, one!);
  assert.ok(typeof read !== 'string');
  assert.deepEqual(read.detail, { i: 3999 });
  assert.equal(readDetail(tree, { ...one!, sealed: null }), 'deleted');
  assert.equal(readDetail(tree, { ...one!, sealed: one!.sealed!.with(20, one!.sealed![20]! ^ 1) }), 'unreadable');
  const header = { ...one!.header, detailHash: 'sha-256:other' };
  assert.equal(readDetail(tree, { ...one!, header }), 'unreadable');
});

test('a run is read up to a stated number of entries', async () => {
  const { database, newId } = log.store.ground;
  const run = newId('task');
  const drafts = Array.from({ length: runEntriesMax + 1 }, () =>
    entry({ id: newId('entry'), kind: 'test.common', who: aliceAt(), task: run, run }),
  );
  await database.commit({ tenant: acme, entries: drafts });
  assert.equal((await entriesOfRun(log.store.ground, acme, run)).length, runEntriesMax);
  assert.deepEqual(await entriesOfRun(log.store.ground, neighbour, run), []);
});
