import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Decimal, TenantId } from '@ambit/protocol';
import fc from 'fast-check';
import { randomId } from '../ids.ts';
import { type Change, entry, insert, planeItself, remove, table, update } from './index.ts';
import { createMemory } from './memory.ts';
import { backends, type TestStore } from './testing.ts';

type Note = { shelf: string; id: string; text: string };
const notes = table<Note>('test_notes', {
  columns: { shelf: 'text', id: 'text', text: 'text' },
  key: ['shelf', 'id'],
  governed: false,
});

const tenants = [randomId('tenant'), randomId('tenant')] as const;
const said = () => entry({ id: randomId('entry'), kind: 'test.noted', who: planeItself });

for (const backend of backends) {
  describe(`what the ${backend.name} store remembers`, { skip: backend.skip }, () => {
    let store: TestStore;
    before(async () => {
      store = await backend.open();
    });
    after(() => store.close());

    test('a read after a commit sees it, by key and in lists, also where the key is named in another order', async () => {
      const { database } = store.ground;
      const [tenant] = tenants;
      const key = { shelf: 'a', id: 'order' };
      assert.equal(await database.find(notes, tenant, key), undefined);
      await database.commit({ tenant, changes: [insert(notes, { ...key, text: 'one' })], entries: [said()] });
      assert.equal((await database.find(notes, tenant, key))?.text, 'one');
      const turned = { id: 'order', shelf: 'a' };
      await database.commit({ tenant, changes: [update(notes, turned, { text: 'two' })], entries: [said()] });
      assert.equal((await database.find(notes, tenant, key))?.text, 'two');
      await database.commit({ tenant, changes: [remove(notes, turned)], entries: [said()] });
      assert.equal(await database.find(notes, tenant, key), undefined);
    });

    test('a list that was read is the caller’s own, and its rows are nobody’s to change', async () => {
      const { database } = store.ground;
      const [tenant] = tenants;
      await database.commit({
        tenant,
        changes: [insert(notes, { shelf: 'b', id: '1', text: 'x' })],
        entries: [said()],
      });
      const first = await database.list(notes, tenant, { where: { shelf: 'b' }, limit: 10 });
      first.pop();
      const again = await database.list(notes, tenant, { where: { shelf: 'b' }, limit: 10 });
      assert.equal(again.length, 1);
      assert.throws(() => {
        (again[0] as { text: string }).text = 'changed';
      }, TypeError);
    });

    test('what another tenant commits is not seen, and a refused unit is forgotten like any other', async () => {
      const { database } = store.ground;
      const [mine, theirs] = tenants;
      const key = { shelf: 'c', id: '1' };
      assert.equal(await database.find(notes, mine, key), undefined);
      await database.commit({
        tenant: theirs,
        changes: [insert(notes, { ...key, text: 'theirs' })],
        entries: [said()],
      });
      assert.equal(await database.find(notes, mine, key), undefined);
      await assert.rejects(
        database.commit({ tenant: theirs, changes: [insert(notes, { ...key, text: 'again' })], entries: [said()] }),
        { code: 'thing.exists' },
      );
      assert.equal((await database.find(notes, theirs, key))?.text, 'theirs');
    });

    test('law: whatever is written, the memory answers as a store that remembers nothing', async () => {
      const step = fc.record({
        what: fc.constantFrom('put', 'remove', 'count', 'read', 'list'),
        tenant: fc.constantFrom(...tenants),
        shelf: fc.constantFrom('p', 'q'),
        id: fc.constantFrom('1', '2', '3'),
        text: fc.string({ maxLength: 5 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          const { database } = store.ground;
          for (const { what, tenant, shelf, id, text } of steps) {
            const key = { shelf, id };
            const known = await database.find(notes, tenant, key);
            if (what === 'list') await database.list(notes, tenant, { where: { shelf }, limit: 10 });
            if (what === 'count') {
              const count = { change: 'reserve', counter: shelf, window: 0, by: '1' as Decimal, max: null } as const;
              await database.commit({ tenant, changes: [{ ...count, otherwise: 'thing.exists' }], entries: [] });
            }
            if (what === 'put') {
              const change = known === undefined ? insert(notes, { ...key, text }) : update(notes, key, { text });
              await database.commit({ tenant, changes: [change], entries: [said()] });
            }
            if (what === 'remove' && known !== undefined) {
              await database.commit({ tenant, changes: [remove(notes, key)], entries: [said()] });
            }
            await database.counter(tenant, shelf, 0);
            await summary(database, tenant, shelf);
          }
          await sameAsFresh();
        }),
        { numRuns: 12 },
      );
    });

    test('what is made from rows is made once, and anew after any of them changed, came or went', async () => {
      const { database } = store.ground;
      const [tenant] = tenants;
      const key = { shelf: 'k', id: '1' };
      let made = 0;
      const text = () =>
        database.kept('the text of k 1', async (reads) => {
          made++;
          return { text: (await reads.find(notes, tenant, key))?.text ?? null };
        });
      const commit = (change: Change) => database.commit({ tenant, changes: [change], entries: [said()] });
      assert.deepEqual([(await text()).text, (await text()).text, made], [null, null, 1]);
      await commit(insert(notes, { ...key, id: '2', text: 'another' }));
      assert.deepEqual([(await text()).text, made], [null, 1], 'another row is none of its business');
      await commit(insert(notes, { ...key, text: 'one' }));
      assert.deepEqual([(await text()).text, made], ['one', 2]);
      await commit(update(notes, key, { text: 'two' }));
      assert.deepEqual([(await text()).text, made], ['two', 3]);
      await assert.rejects(commit(insert(notes, { ...key, text: 'again' })));
      assert.equal((await text()).text, 'two');
      await commit(remove(notes, key));
      assert.equal((await text()).text, null);
    });

    test('what cannot be made leaves nothing behind, and what changes while it is made is not kept', async () => {
      const { database } = store.ground;
      const [tenant] = tenants;
      const key = { shelf: 'm', id: '1' };
      const broken = () =>
        database.kept('broken', async () => {
          throw new Error('not now');
        });
      await assert.rejects(async () => broken(), /not now/);
      assert.deepEqual(await database.kept('broken', async () => ({ mended: true })), { mended: true });
      const read = (meanwhile?: () => Promise<unknown>) =>
        database.kept('while it changes', async (reads) => {
          const row = await reads.find(notes, tenant, key);
          await meanwhile?.();
          return { text: row?.text ?? null };
        });
      const change = { changes: [insert(notes, { ...key, text: 'new' })], entries: [said()] };
      assert.deepEqual(await read(() => database.commit({ tenant, ...change })), { text: null });
      assert.deepEqual(await read(), { text: 'new' });
    });

    test('a counter is what the last unit made of it, also where one was refused or gave back', async () => {
      const { database } = store.ground;
      const [tenant] = tenants;
      const of = { counter: 'calls|t|all', window: 0 };
      const take = (by: string) =>
        database.commit({
          tenant,
          changes: [
            { change: 'reserve', ...of, by: by as Decimal, max: '10' as Decimal, otherwise: 'limits.calls_exceeded' },
          ],
          entries: [],
        });
      assert.equal(await database.counter(tenant, of.counter, 0), '0');
      await Promise.all([take('1'), take('2'), take('3')]);
      assert.equal(await database.counter(tenant, of.counter, 0), '6');
      await assert.rejects(take('5'), { code: 'limits.calls_exceeded' });
      assert.equal(await database.counter(tenant, of.counter, 0), '6');
      await database.commit({ tenant, changes: [{ change: 'settle', ...of, by: '4' as Decimal }], entries: [] });
      assert.equal(await database.counter(tenant, of.counter, 0), '2');
    });

    async function sameAsFresh(): Promise<void> {
      const { database } = store.ground;
      const remembered = await everything(database);
      await database.close();
      const fresh = await store.reopen();
      store = { ...store, ground: { ...store.ground, database: fresh }, close: () => fresh.close() };
      assert.deepEqual(remembered, await everything(fresh));
    }
  });
}

async function everything(database: TestStore['ground']['database']) {
  const shelves = ['p', 'q'];
  return Promise.all(
    tenants.flatMap((tenant) =>
      shelves.map(async (shelf) => [
        await database.list(notes, tenant, { where: { shelf }, limit: 100 }),
        await Promise.all(['1', '2', '3'].map((id) => database.find(notes, tenant, { shelf, id }))),
        await database.counter(tenant, shelf, 0),
        await summary(database, tenant, shelf),
      ]),
    ),
  );
}

/** Made of a list and of a row that may not be there. */
const summary = (database: TestStore['ground']['database'], tenant: TenantId, shelf: string) =>
  database.kept(`summary ${tenant} ${shelf}`, async (reads) => {
    const { length } = await reads.list(notes, tenant, { where: { shelf }, limit: 100 });
    return { length, first: (await reads.find(notes, tenant, { shelf, id: '1' }))?.text ?? null };
  });

describe('what memory keeps', () => {
  const unit = (table: string) => ({
    tenant: 'ten_1',
    checks: [],
    entries: [],
    changes: [{ change: 'remove' as const, table, key: {} }],
  });
  const weighed = <T>(value: T, weight = 10) => ({ value, weight });

  test('a list that a change made old leaves nothing behind, however often it is read and changed', () => {
    const memory = createMemory([], { weightMax: 10_000, listRowsMax: 100, keptMax: 100 });
    let reads = 0;
    const read = () => {
      reads++;
      return weighed([reads], 4000);
    };
    for (let round = 1; round <= 50; round++) {
      assert.deepEqual(memory.list('tasks', 'ten_1', 'all', read), [round]);
      assert.deepEqual(memory.list('tasks', 'ten_1', 'all', read), [round]);
      memory.forget(unit('tasks'));
    }
    // Another table's list is still there: the weight of what was forgotten was given back.
    memory.list('agents', 'ten_1', 'all', () => weighed(['kept'], 4000));
    memory.list('tasks', 'ten_1', 'all', read);
    assert.deepEqual(
      memory.list('agents', 'ten_1', 'all', () => weighed(['read anew'], 4000)),
      ['kept'],
    );
  });

  test('what changes while it is read is answered to who asked before, and kept for nobody', async () => {
    const memory = createMemory([]);
    const held: ((value: unknown) => void)[] = [];
    const slow = () => new Promise<{ value: string; weight: number }>((resolve) => held.push(resolve as never));
    const answer = (value: string, which = 0) => held.splice(which, 1)[0]?.({ value, weight: 1 });
    const first = memory.later.row('tasks', 'ten_1', {}, slow);
    const joined = memory.later.row('tasks', 'ten_1', {}, slow);
    await Promise.resolve();
    assert.equal(held.length, 1, 'who asks for the same meanwhile waits for the same answer');
    memory.forget(unit('tasks'));
    const after = memory.later.row('tasks', 'ten_1', {}, slow);
    await Promise.resolve();
    assert.equal(held.length, 2, 'who asks after the change does not');
    // The newer answer comes first: the older one must not be kept over it.
    answer('new', 1);
    assert.equal(await after, 'new');
    answer('old');
    assert.deepEqual(await Promise.all([first, joined]), ['old', 'old']);
    assert.equal(await memory.later.row('tasks', 'ten_1', {}, slow), 'new', 'and this is what is kept');
    memory.forgetEverything();
    const again = memory.later.row('tasks', 'ten_1', {}, slow);
    await Promise.resolve();
    answer('newest');
    assert.equal(await again, 'newest');
  });

  test('a list, a counter and a read that failed are held to the same', async () => {
    const memory = createMemory([]);
    let reads = 0;
    const count = () => memory.later.counter('ten_1', 'c', 0, async () => `${++reads}`);
    const list = () => memory.later.list('tasks', 'ten_1', 'all', async () => weighed([`${++reads}`]));
    assert.deepEqual([await count(), await count(), ...(await list()), ...(await list())], ['1', '1', '2', '2']);
    memory.forget(unit('tasks'));
    memory.forget({ tenant: 'ten_1', changes: [{ change: 'purge-counters', endedBefore: 0, max: 1 }] });
    assert.deepEqual([await count(), ...(await list())], ['3', '4']);
    const failing = () => memory.later.row('agents', 'ten_1', {}, () => Promise.reject(new Error('gone')));
    await assert.rejects(failing(), /gone/);
    assert.equal(await memory.later.row('agents', 'ten_1', {}, async () => weighed('there')), 'there');
  });

  test('long lists are read anew, and what is heavy pushes out what is older', () => {
    const memory = createMemory([], { weightMax: 10_000, listRowsMax: 3, keptMax: 100 });
    let reads = 0;
    const long = () => {
      reads++;
      return weighed([1, 2, 3, 4]);
    };
    memory.list('tokens', 'ten_1', 'sweep', long);
    memory.list('tokens', 'ten_1', 'sweep', long);
    assert.equal(reads, 2);
    for (const place of ['a', 'b', 'c']) memory.list(place, 'ten_1', 'q', () => weighed([place], 4000));
    assert.deepEqual(
      memory.list('a', 'ten_1', 'q', () => weighed(['read anew'])),
      ['read anew'],
    );
  });

  test('rows are bounded by their weight, not by their number', () => {
    const memory = createMemory([], { weightMax: 100_000, listRowsMax: 3, keptMax: 100 });
    let reads = 0;
    const heavy = (id: string) =>
      memory.row(id, 'ten_1', {}, () => {
        reads++;
        return weighed(id, 60_000);
      });
    for (const id of ['one', 'two', 'three', 'one']) heavy(id);
    assert.equal(reads, 4);
  });

  test('of what is made from rows the oldest goes where there is too much, and nothing of it stays behind', async () => {
    const memory = createMemory([], { weightMax: 100_000, listRowsMax: 3, keptMax: 2 });
    const made: string[] = [];
    const thing = (name: string) =>
      memory.kept(name, async (noting) => {
        noting.list('tasks', 'ten_1');
        made.push(name);
        return { name };
      });
    for (const name of ['a', 'b', 'c', 'b', 'c', 'a']) await thing(name);
    assert.deepEqual(made, ['a', 'b', 'c', 'a']);
    memory.forget(unit('tasks'));
    for (const name of ['a', 'c']) await thing(name);
    memory.forgetEverything();
    await thing('a');
    assert.deepEqual(made, ['a', 'b', 'c', 'a', 'a', 'c', 'a']);
  });
});
