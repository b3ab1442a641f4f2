import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { type Decimal, formatId, leafHash, parseId, type TenantId } from '@ambit/protocol';
import { randomId } from '../ids.ts';
import { rowHash } from './explained.ts';
import { check, entry, insert, planeItself, remove, table, update } from './index.ts';
import { backends, handClock, openTestDatabase, type TestStore } from './testing.ts';

type Thing = { id: string; name: string; state: string; size: number; notes: { readonly text: string } | null };
const things = table<Thing>('test_things', {
  columns: { id: 'text', name: 'text', state: 'text', size: 'integer', notes: 'json' },
  key: ['id'],
  unique: [['name']],
  governed: true,
});

const acme = formatId('tenant', new Uint8Array(13).fill(1));
const other = formatId('tenant', new Uint8Array(13).fill(2));
const thing = (id: string, more: Partial<Thing> = {}): Thing => ({
  id,
  name: `name of ${id}`,
  state: 'new',
  size: 1,
  notes: null,
  ...more,
});
const said = (detail = {}) => entry({ id: randomId('entry'), kind: 'test.changed', who: planeItself, detail });
const d = (text: string) => text as Decimal;

for (const backend of backends) {
  describe(`the ${backend.name} store`, { skip: backend.skip }, () => {
    let store: TestStore;
    before(async () => {
      store = await backend.open();
    });
    after(() => store.ground.database.close());
    const put = (tenant: TenantId, row: Thing) =>
      store.ground.database.commit({ tenant, changes: [insert(things, row)], entries: [said()] });

    test('a committed row is read back as it was written', async () => {
      await put(acme, thing('a', { notes: { text: 'zwölf' } }));
      assert.deepEqual(
        await store.ground.database.find(things, acme, { id: 'a' }),
        thing('a', { notes: { text: 'zwölf' } }),
      );
    });

    test('rows of another tenant are as if absent', async () => {
      await put(other, thing('theirs'));
      assert.equal(await store.ground.database.find(things, acme, { id: 'theirs' }), undefined);
      const listed = await store.ground.database.list(things, acme, { limit: 100 });
      assert.ok(listed.every((row) => row.id !== 'theirs'));
      await assert.rejects(
        store.ground.database.commit({
          tenant: acme,
          changes: [update(things, { id: 'theirs' }, { size: 9 })],
          entries: [said()],
        }),
        { code: 'state.changed' },
      );
    });

    test('a unit whose check fails changes nothing and leaves no entry, while its neighbours commit', async () => {
      const { size } = await store.ground.database.log.head();
      const units = [
        put(acme, thing('n1')),
        store.ground.database.commit({
          tenant: acme,
          checks: [check(things, { id: 'a' }, { state: 'gone' }, 'task.ended' as never)],
          changes: [insert(things, thing('n2'))],
          entries: [said()],
        }),
        put(acme, thing('n3')),
      ];
      const results = await Promise.allSettled(units);
      assert.deepEqual(
        results.map((one) => one.status),
        ['fulfilled', 'rejected', 'fulfilled'],
      );
      assert.equal(await store.ground.database.find(things, acme, { id: 'n2' }), undefined);
      assert.equal((await store.ground.database.log.head()).size, size + 2);
    });

    test('a change to a governed table without an entry is refused', async () => {
      await assert.rejects(
        store.ground.database.commit({ tenant: acme, changes: [insert(things, thing('silent'))], entries: [] }),
        /came without an entry/,
      );
    });

    test('the entry of a change holds the hash of what the row became', async () => {
      const note = said();
      await store.ground.database.commit({ tenant: acme, changes: [insert(things, thing('h'))], entries: [note] });
      const stored = await store.ground.database.log.entry(acme, note.id);
      assert.deepEqual(stored?.header.changes, [
        { table: 'test_things', key: `${acme}|h`, hash: rowHash('test_things', acme, thing('h')) },
      ]);
    });

    test('a removed row is explained by a null hash', async () => {
      await put(acme, thing('r'));
      const note = said();
      await store.ground.database.commit({ tenant: acme, changes: [remove(things, { id: 'r' })], entries: [note] });
      assert.equal((await store.ground.database.log.entry(acme, note.id))?.header.changes[0]?.hash, null);
    });

    test('two inserts of one key: one wins, the other is refused by name', async () => {
      const results = await Promise.allSettled([put(acme, thing('twice')), put(acme, thing('twice'))]);
      assert.deepEqual(results.map((one) => one.status).sort(), ['fulfilled', 'rejected']);
      await assert.rejects(put(acme, thing('other id', { name: 'name of twice' })), { code: 'thing.exists' });
    });

    test('an update that would take the name of another row is refused, and its neighbours commit', async () => {
      for (const id of ['u1', 'u2']) await put(acme, thing(id));
      const rename = store.ground.database.commit({
        tenant: acme,
        changes: [update(things, { id: 'u2' }, { name: 'name of u1' })],
        entries: [said()],
      });
      const results = await Promise.allSettled([put(acme, thing('u3')), rename, put(acme, thing('u4'))]);
      assert.deepEqual(
        results.map((one) => one.status),
        ['fulfilled', 'rejected', 'fulfilled'],
      );
      await assert.rejects(rename, { code: 'state.changed' });
      assert.equal((await store.ground.database.find(things, acme, { id: 'u2' }))?.name, 'name of u2');
    });

    test('a text that not every store can keep is refused by each, and asking for it finds nothing', async () => {
      const { database } = store.ground;
      for (const name of ['a\0b', 'half of a pair: \ud83d']) {
        await assert.rejects(put(acme, thing('odd', { name })), { code: 'request.malformed' });
        assert.equal(await database.find(things, acme, { id: name }), undefined);
        assert.deepEqual(await database.list(things, acme, { where: { name }, limit: 10 }), []);
        assert.equal(await database.counter(acme, name, 0), '0');
        const count = { change: 'reserve', counter: name, window: 0, by: d('1'), max: null } as const;
        await assert.rejects(
          database.commit({ tenant: acme, changes: [{ ...count, otherwise: 'thing.exists' }], entries: [said()] }),
          { code: 'request.malformed' },
        );
      }
      await put(acme, thing('even', { notes: { text: 'a\0b' } }));
      assert.deepEqual((await database.find(things, acme, { id: 'even' }))?.notes, { text: 'a\0b' });
    });

    test('a row whose key would change, or with a value of another kind, is a fault and changes nothing', async () => {
      await put(acme, thing('kept'));
      const { database } = store.ground;
      const change = (set: Partial<Thing>) =>
        database.commit({ tenant: acme, changes: [update(things, { id: 'kept' }, set)], entries: [said()] });
      await assert.rejects(change({ id: 'moved' }), /a key does not change/);
      await assert.rejects(change({ size: 1.5 }), /size is integer/);
      await assert.rejects(change({ size: '1' as never }), /size is integer, not string/);
      assert.deepEqual(await database.find(things, acme, { id: 'kept' }), thing('kept'));
    });

    test('ids differing only in case are different rows', async () => {
      await put(acme, thing('Case'));
      assert.equal(await store.ground.database.find(things, acme, { id: 'case' }), undefined);
    });

    test('a budget is never oversold, whatever the number of callers', async () => {
      const one = () =>
        store.ground.database.commit({
          tenant: acme,
          changes: [
            {
              change: 'reserve',
              counter: 'budget',
              window: 0,
              by: d('0.30'),
              max: d('1.00'),
              otherwise: 'thing.exists',
            },
          ],
          entries: [said()],
        });
      const results = await Promise.allSettled(Array.from({ length: 20 }, one));
      assert.equal(results.filter((result) => result.status === 'fulfilled').length, 3);
      assert.equal(await store.ground.database.counter(acme, 'budget', 0), '0.90');
      assert.equal(await store.ground.database.counter(other, 'budget', 0), '0');
    });

    test('a reservation on a counter that moved since it was read is refused', async () => {
      const reserve = (expect: string) =>
        store.ground.database.commit({
          tenant: acme,
          changes: [
            {
              change: 'reserve',
              counter: 'moving',
              window: 5,
              by: d('2'),
              max: null,
              expect: d(expect),
              otherwise: 'thing.exists',
            },
          ],
          entries: [said()],
        });
      await reserve('0');
      await assert.rejects(reserve('0'), { code: 'state.changed' });
      await reserve('2');
    });

    test('what a call did not use is given back', async () => {
      await store.ground.database.commit({
        tenant: acme,
        changes: [{ change: 'settle', counter: 'moving', window: 5, by: d('1.5') }],
        entries: [said()],
      });
      assert.equal(await store.ground.database.counter(acme, 'moving', 5), '2.5');
    });

    test('counters of windows that are over are purged, the oldest first, and no other counter is', async () => {
      const { database } = store.ground;
      const [hour, now] = [3_600_000, 1_000 * 3_600_000];
      const reserve = (tenant: TenantId, counter: string, window: number) =>
        database.commit({
          tenant,
          changes: [{ change: 'reserve', counter, window, by: d('1'), max: null, otherwise: 'thing.exists' }],
          entries: [],
        });
      const purge = (endedBefore: number, max = 100) =>
        database.commit({ tenant: acme, changes: [{ change: 'purge-counters', endedBefore, max }], entries: [] });
      const over = [
        ['calls|agent:a|3600', now - 3 * hour],
        ['sum|USD|agent:a|3600', now - 2 * hour - 1],
      ] as const;
      const counting = [
        ['calls|agent:a|3600', now - 2 * hour],
        ['calls|agent:a|86400', now - 47 * hour],
        ['calls|agent:a|99999999999999999999', 1],
        ['calls|task:1042', 0],
        ['calls|agent:a|all', now - 90 * hour],
        ['calls|agent7', now - 90 * hour],
        ['calls|3600|', now - 90 * hour],
      ] as const;
      for (const [counter, window] of [...over, ...counting]) await reserve(acme, counter, window);
      await reserve(other, ...over[0]);
      const left = (of: typeof over | typeof counting) =>
        Promise.all(of.map(([counter, window]) => database.counter(acme, counter, window)));
      await purge(now, 1);
      assert.deepEqual(await left(over), ['0', '1'], 'no more than asked for, the oldest first');
      await purge(now);
      assert.deepEqual(await left(over), ['0', '0']);
      assert.deepEqual(
        await left(counting),
        counting.map(() => '1'),
      );
      assert.equal(await database.counter(other, ...over[0]), '1', 'of another tenant');
    });

    test('a call that ends after its window was purged gives nothing back, and one that gives too much is a fault', async () => {
      const settle = (counter: string, window: number, by: string) =>
        store.ground.database.commit({
          tenant: acme,
          changes: [{ change: 'settle', counter, window, by: d(by) }],
          entries: [said()],
        });
      await settle('calls|purged|60', 60_000, '1');
      assert.equal(await store.ground.database.counter(acme, 'calls|purged|60', 60_000), '0');
      await assert.rejects(settle('moving', 5, '100'), /less than 100 to return/);
      await assert.rejects(settle('calls|never|all', 0, '1'), /less than 1 to return/);
    });

    test('entries are read in the order they were committed, with their details', async () => {
      const run = randomId('task');
      const notes = Array.from({ length: 25 }, (_, i) => ({ ...said({ i }), run }));
      for (const note of notes) await store.ground.database.commit({ tenant: acme, entries: [note] });
      const read = await store.ground.database.log.entries(acme, { run, limit: 100 });
      assert.deepEqual(
        read.map((one) => one.header.id),
        notes.map((one) => one.id),
      );
      assert.deepEqual(
        read.map((one) => store.ground.database.log.open(one)?.detail),
        notes.map((_, i) => ({ i })),
      );
      assert.deepEqual(await store.ground.database.log.entries(other, { run, limit: 100 }), []);
    });

    test('every leaf is the RFC 6962 hash of its header', async () => {
      const note = said();
      await store.ground.database.commit({ tenant: acme, entries: [note] });
      const stored = await store.ground.database.log.entry(acme, note.id);
      assert.ok(stored);
      const { canonicalJson } = await import('@ambit/protocol');
      const expected = leafHash(Buffer.from(canonicalJson(stored.header)), (bytes) => hash('sha256', bytes, 'buffer'));
      assert.deepEqual(Buffer.from(stored.leaf), Buffer.from(expected));
    });

    test('a store that is opened again continues the same tree', async () => {
      const head = await store.ground.database.log.head();
      await store.ground.database.close();
      const database = await store.reopen();
      assert.deepEqual(await database.log.head(), head);
      await database.commit({ tenant: acme, entries: [said()] });
      assert.equal((await database.log.head()).size, head.size + 1);
      store = { ...store, ground: { ...store.ground, database } };
    });

    if (backend.name === 'sqlite')
      test('a second process on the same data directory is refused, with what to do', async () => {
        await assert.rejects(
          openTestDatabase(store.directory, handClock()),
          /another process holds the data directory/,
        );
      });

    test('ids parse as their own kind only', () => {
      const id = randomId('task');
      assert.equal(parseId('task', id), id);
      assert.equal(parseId('agent', id), undefined);
    });
  });
}
