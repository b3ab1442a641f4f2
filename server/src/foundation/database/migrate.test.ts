import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { randomId } from '../ids.ts';
import { entry, insert, planeItself, table, update } from './index.ts';
import { backends, noPostgres, openTestPostgres } from './testing.ts';

type Old = { id: string; text: string };
type New = Old & { colour: string | null; weight: number | null };

/** What an older release declared, and what the next one does, under the same name. */
const declareOld = () =>
  table<Old>('test_grown', { columns: { id: 'text', text: 'text' }, key: ['id'], governed: true });
const declareNew = () =>
  table<New>('test_grown', {
    columns: { id: 'text', text: 'text', colour: 'text', weight: 'integer' },
    key: ['id'],
    unique: [['colour']],
    indexes: [['weight']],
    governed: true,
    added: ['colour', 'weight'],
  });

const tenant = randomId('tenant');
const said = () => entry({ id: randomId('entry'), kind: 'test.grown', who: planeItself });

for (const backend of backends) {
  describe(`a ${backend.name} store that an older release made`, { skip: backend.skip }, () => {
    test('gets what is missing when it is opened, and its rows are still what their entries say', async () => {
      const old = declareOld();
      const store = await backend.open();
      const { database } = store.ground;
      for (const id of ['a', 'b']) {
        await database.commit({ tenant, changes: [insert(old, { id, text: 'old' })], entries: [said()] });
      }
      await database.close();
      const grown = declareNew();
      const fresh = table<Old>('test_fresh', { columns: { id: 'text', text: 'text' }, key: ['id'], governed: false });
      const newer = await store.reopen();
      assert.deepEqual(
        await newer.list(grown, tenant, { limit: 9 }),
        ['a', 'b'].map((id) => ({ id, text: 'old', colour: null, weight: null })),
      );
      const change = (id: string, set: Partial<New>) =>
        newer.commit({ tenant, changes: [update(grown, { id }, set)], entries: [said()] });
      await change('a', { colour: 'red' });
      assert.equal((await newer.find(grown, tenant, { id: 'a' }))?.colour, 'red');
      await assert.rejects(change('b', { colour: 'red' }), { code: 'state.changed' }, 'the new name is unique');
      await newer.commit({ tenant, changes: [insert(fresh, { id: 'f', text: 'x' })], entries: [said()] });
      await change('b', { text: 'new' });
      await store.edit(`UPDATE test_grown SET weight = 3 WHERE id = 'b'`);
      await assert.rejects(newer.find(grown, tenant, { id: 'b' }), { code: 'store.row_unexplained' });
      await store.edit(`UPDATE test_grown SET weight = NULL WHERE id = 'b'`);
      await store.edit(`UPDATE test_grown SET colour = NULL WHERE id = 'a'`);
      const again = await newer.list(grown, tenant, { where: { id: 'b' }, limit: 1 });
      assert.equal(again[0]?.text, 'new');
      await newer.close();
      const third = await store.reopen();
      await assert.rejects(third.find(grown, tenant, { id: 'a' }), { code: 'store.row_unexplained' });
      assert.equal((await third.log.head()).size, 5);
      await third.close();
      table('test_grown', { ...declareNew() });
      await store.close();
    });
  });
}

describe('nodes of two releases on a shared store', { skip: noPostgres }, () => {
  test('start in any order, also while another one writes', async () => {
    const old = declareOld();
    const store = await openTestPostgres();
    const { database } = store.ground;
    let n = 0;
    let isDone = false;
    const writing = (async () => {
      while (!isDone) {
        await database.commit({ tenant, changes: [insert(old, { id: `${n++}`, text: 'old' })], entries: [said()] });
      }
    })();
    declareNew();
    const newer = await Promise.all([store.reopen(), store.reopen()]).finally(() => {
      isDone = true;
    });
    await writing;
    const rows = await newer[0].list(declareNew(), tenant, { limit: 10_000 });
    assert.equal(rows.length, n);
    assert.ok(rows.every((row) => row.colour === null));
    for (const one of newer) await one.close();
    await store.close();
  });
});
