import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { type Decimal, formatId, leafHash, parseId, type TenantId } from '@ambit/protocol';
import { randomId } from '../ids.ts';
import { rowHash } from './explained.ts';
import { type Change, check, entry, insert, planeItself, remove, table, update } from './index.ts';
import { backends, handClock, openTestDatabase, type TestStore } from './testing.ts';

type Thing = { id: string; name: string; state: string; size: number; notes: { readonly text: string } | null };
const things = table<Thing>('test_things', {
  columns: { id: 'text', name: 'text', state: 'text', size: 'integer', notes: 'json' },
  key: ['id'],
  unique: [['name']],
  governed: true,
});

type Ranked = { id: string; label: string | null; rank: number | null };
const ranked = table<Ranked>('test_ranked', {
  columns: { id: 'text', label: 'text', rank: 'integer' },
  key: ['id'],
  unique: [['label', 'rank']],
  indexes: [['rank']],
  governed: false,
});

type Used = { kind: string; digest: string; until: number };
const usedUp = table<Used>('test_used', {
  columns: { kind: 'text', digest: 'text', until: 'integer' },
  key: ['kind', 'digest'],
  once: { kind: 'kind', kinds: ['once', 'too'], digest: 'digest', until: 'until' },
  governed: false,
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

    test('a row and a detail are read back with the names that they had, whatever signs are in them', async () => {
      const named = ['\\', '"', '\n'].map((name) => ({ zz: '1', text: 'x', [name]: 1 }));
      const detailed = named.map((detail) => said(detail));
      const changes = named.map((notes, i) => insert(things, thing(`sign-${i}`, { notes })));
      await store.ground.database.commit({ tenant: acme, changes, entries: detailed });
      for (const [i, notes] of named.entries())
        assert.deepEqual((await store.ground.database.find(things, acme, { id: `sign-${i}` }))?.notes, notes);
      for (const [i, { id }] of detailed.entries()) {
        const found = await store.ground.database.log.entry(acme, id);
        assert.deepEqual(found && store.ground.database.log.open(found)?.detail, named[i]);
      }
    });

    test('rows are counted as they would be listed, each time anew', async () => {
      const rows = [1, 2, 3, 4].map((size) =>
        thing(`counted-${size}`, { size, state: size === 4 ? 'odd' : 'counted' }),
      );
      for (const row of rows) await put(acme, row);
      await put(other, thing('counted-there', { size: 3, state: 'counted' }));
      const where = { state: ['counted', 'odd'] } as const;
      const count = () => store.ground.database.count(things, acme, { where, order: ['size', 'asc'], after: 1 });
      assert.equal(await count(), 3);
      assert.equal(await store.ground.database.count(things, acme, { where: { state: 'counted' } }), 3);
      assert.equal(await store.ground.database.count(things, acme, { where: { state: 'nobody’s' } }), 0);
      await put(acme, thing('counted-5', { size: 5, state: 'counted' }));
      assert.equal(await count(), 4);
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

    test('a unit that fails at its last change undoes every change before it, written together with others or alone', async () => {
      const { database } = store.ground;
      const tenant = randomId('tenant');
      const window = { counter: 'calls|whole|60', window: 60_000 };
      const lasting = { counter: 'calls|whole', window: 0 };
      const over = { counter: 'calls|over|60', window: 60_000 };
      const take = (on: typeof window, by: string, max: Decimal | null = null): Change => ({
        change: 'reserve',
        ...on,
        by: d(by),
        max,
        otherwise: 'limits.calls_exceeded',
      });
      const rows = ['kept', 'changed', 'gone'].map((id) => insert(things, thing(id, { notes: { text: id } })));
      const begun = [
        ...rows,
        insert(ranked, { id: 'r', label: 'l', rank: 1 }),
        take(window, '2'),
        take(lasting, '3'),
        take(over, '7'),
      ];
      await database.commit({ tenant, changes: begun, entries: [said()] });
      const held = async () => ({
        things: await database.list(things, tenant, { limit: 100 }),
        ranked: await database.list(ranked, tenant, { limit: 100 }),
        counters: await database.counters(tenant, { limit: 100 }),
      });
      const was = await held();
      const failing = () =>
        database.commit({
          tenant,
          changes: [
            insert(things, thing('new')),
            update(things, { id: 'new' }, { state: 'again' }),
            update(things, { id: 'changed' }, { state: 'old', notes: null }),
            remove(things, { id: 'gone' }),
            insert(things, thing('gone', { state: 'back' })),
            update(ranked, { id: 'r' }, { label: null }),
            remove(ranked, { id: 'r' }),
            take(window, '1'),
            take(lasting, '1'),
            { change: 'purge-counters', endedBefore: 10_000_000, max: 100 },
            take(window, '5'),
            take(lasting, '1', d('4')),
          ],
          entries: [said()],
        });
      const neighbour = (id: string) =>
        database.commit({ tenant, changes: [insert(things, thing(id))], entries: [said()] });
      await assert.rejects(failing(), { code: 'limits.calls_exceeded' });
      assert.deepEqual(await held(), was);
      const [, ...refused] = await Promise.allSettled([neighbour('n1'), failing(), failing(), neighbour('n2')]);
      assert.deepEqual(
        refused.map(({ status }) => status),
        ['rejected', 'rejected', 'fulfilled'],
      );
      const { things: now, ...rest } = await held();
      assert.deepEqual(
        now.filter(({ id }) => id !== 'n1' && id !== 'n2'),
        was.things,
      );
      assert.deepEqual(rest, { ranked: was.ranked, counters: was.counters });
      await database.commit({ tenant, changes: [take(window, '1'), take(lasting, '1', d('4'))], entries: [said()] });
      assert.deepEqual(
        (await database.counters(tenant, { limit: 9 })).map(({ used }) => used),
        ['7', '4', '3'],
      );
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
        { table: 'test_things', key: `${acme}|h`, hash: rowHash(things as never, acme, thing('h')) },
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

    test('lists are in the order of bytes, nothing before anything, and ties in the order of their keys', async () => {
      const { database } = store.ground;
      const labels = ['b', 'B', 'a', 'ä', 'Z', '_', 'aa', '', 'a b', 'é', 'ｚ', '😀', null];
      const rows = labels.map((label, i) => ({ id: `o${i}`, label, rank: i === 2 ? null : i % 3 }));
      await database.commit({ tenant: acme, changes: rows.map((row) => insert(ranked, row)), entries: [said()] });
      const listed = async (order: 'label' | 'rank', way: 'asc' | 'desc', more = {}) =>
        (await database.list(ranked, acme, { order: [order, way], limit: 100, ...more })).map((row) => row[order]);
      const inBytes = labels.toSorted((a, b) => Buffer.compare(Buffer.from(a ?? ''), Buffer.from(b ?? '')));
      const expected = [null, ...inBytes.filter((one) => one !== null)];
      assert.deepEqual(await listed('label', 'asc'), expected);
      assert.deepEqual(await listed('label', 'desc'), expected.toReversed());
      assert.deepEqual(await listed('label', 'asc', { after: 'a' }), expected.slice(expected.indexOf('a') + 1));
      assert.deepEqual(
        await listed('label', 'desc', { after: 'a' }),
        expected.slice(1, expected.indexOf('a')).toReversed(),
      );
      const byRank = await database.list(ranked, acme, { order: ['rank', 'asc'], limit: 100 });
      const keys = rows.toSorted((a, b) => (a.rank ?? -1) - (b.rank ?? -1) || (a.id < b.id ? -1 : 1));
      assert.deepEqual(
        byRank.map((row) => row.id),
        keys.map((row) => row.id),
      );
      assert.equal((await database.list(ranked, acme, { limit: 0 })).length, 1, 'at least one');
      assert.equal((await database.list(ranked, acme, { limit: 1e9 })).length, labels.length, 'at most a page');
    });

    test('what is asked for is found as it is: nothing, the empty text, one of none, one of several', async () => {
      const { database } = store.ground;
      const ids = async (where: object) =>
        (await database.list(ranked, acme, { where, limit: 100 })).map((row) => row.label);
      assert.deepEqual(await ids({ label: null }), [null]);
      assert.deepEqual(await ids({ label: '' }), ['']);
      assert.deepEqual(await ids({ label: 'A' }), []);
      assert.deepEqual(await ids({ label: [] }), []);
      assert.deepEqual(await ids({ label: ['a', 'B', 'no'] }), ['B', 'a']);
      assert.deepEqual(await ids({ label: ['a', null] }), ['a'], 'nothing is one of no list');
      assert.deepEqual(await ids({ label: ["'; DROP TABLE test_ranked; --"] }), []);
      assert.deepEqual(await database.list(ranked, other, { limit: 100 }), []);
    });

    test('numbers come back as they were written', async () => {
      const { database } = store.ground;
      const ranks = [Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 0];
      for (const rank of ranks) {
        const row = { id: `n${rank}`, label: null, rank };
        await database.commit({ tenant: other, changes: [insert(ranked, row)], entries: [said()] });
        const found = await database.find(ranked, other, { id: row.id });
        assert.equal(found?.rank, rank);
      }
      assert.deepEqual(
        (await database.list(ranked, other, { order: ['rank', 'asc'], limit: 9 })).map((row) => row.rank),
        ranks.toSorted((a, b) => a - b),
      );
    });

    test('a name of two columns clashes as a whole, and one with nothing in it clashes with nobody', async () => {
      const { database } = store.ground;
      const add = (id: string, label: string | null, rank: number | null) =>
        database.commit({
          tenant: other,
          changes: [insert(ranked, { id, label, rank })],
          entries: [said()],
        });
      await add('w1', 'name', 1);
      await add('w2', 'name', 2);
      await assert.rejects(add('w3', 'name', 1), { code: 'thing.exists' });
      for (const id of ['w4', 'w5']) await add(id, 'name', null);
      const move = (id: string, set: Partial<Ranked>) =>
        database.commit({ tenant: other, changes: [update(ranked, { id }, set)], entries: [said()] });
      await assert.rejects(move('w4', { rank: 2 }), { code: 'state.changed' });
      await move('w4', { rank: 3 });
    });

    test('a name that one unit gives up is free for the next, whatever is written together', async () => {
      const { database } = store.ground;
      const add = (id: string, name: string) => insert(things, thing(id, { name }));
      const rename = (id: string, name: string) => update(things, { id }, { name });
      const commit = (...changes: Parameters<typeof database.commit>[0]['changes'] & object) =>
        database.commit({ tenant: acme, changes, entries: [said()] });
      await commit(add('g1', 'first'), add('g2', 'second'), add('g3', 'third'));
      // Sent at once, so that they may be written together: renames in a chain, the first row touched before its new
      // name is free, and a removed row that comes back.
      const results = await Promise.allSettled([
        commit(add('g0', 'before')),
        commit(update(things, { id: 'g1' }, { state: 'touched' })),
        commit(rename('g2', 'spare')),
        commit(rename('g3', 'first')),
        commit(rename('g1', 'second')),
        commit(rename('g2', 'first')),
        commit(remove(things, { id: 'g3' })),
        commit(add('g4', 'third')),
        commit(add('g3', 'back')),
      ]);
      assert.deepEqual(
        results.flatMap((one, i) => (one.status === 'rejected' ? [i] : [])),
        [3],
      );
      const named = await database.list(things, acme, { where: { id: ['g1', 'g2', 'g3', 'g4'] }, limit: 9 });
      assert.deepEqual(
        named.map(({ name }) => name),
        ['second', 'first', 'back', 'third'],
      );
    });

    test('edited-row: a row that was changed past the writer gives nothing, and is not carried on', async () => {
      const { database } = store.ground;
      await put(acme, thing('edited'));
      await store.edit(`UPDATE test_things SET size = 99 WHERE id = 'edited'`);
      await assert.rejects(database.find(things, acme, { id: 'edited' }), { code: 'store.row_unexplained' });
      await assert.rejects(database.list(things, acme, { where: { id: 'edited' }, limit: 1 }), {
        code: 'store.row_unexplained',
      });
      const carryOn = { tenant: acme, changes: [update(things, { id: 'edited' }, { state: 'on' })], entries: [said()] };
      await assert.rejects(database.commit(carryOn), { code: 'store.row_unexplained' });
      const [raw] = await database.list(things, acme, { where: { id: 'edited' }, limit: 1, asStored: true });
      assert.equal(raw?.size, 99, 'as it lies there, for who verifies');
      await store.edit(`UPDATE test_things SET size = 1 WHERE id = 'edited'`);
      await database.commit(carryOn);
      assert.equal((await database.find(things, acme, { id: 'edited' }))?.state, 'on');
      await put(acme, thing('claimed'));
      const rewrite = (from: string, to: string) =>
        store.edit(`UPDATE entries SET header = replace(header, '${from}', '${to}') WHERE header LIKE '%|claimed"%'`);
      await rewrite('test.changed', 'test.claimed');
      await assert.rejects(database.find(things, acme, { id: 'claimed' }), { code: 'store.row_unexplained' });
      await rewrite('test.claimed', 'test.changed');
      assert.equal((await database.find(things, acme, { id: 'claimed' }))?.state, 'new');
    });

    test('what names a row is bounded, so that every store can keep it in an index', async () => {
      await assert.rejects(put(acme, thing('long', { name: 'ü'.repeat(1300) })), { code: 'request.malformed' });
      await put(acme, thing('long', { name: 'u'.repeat(2300) }));
      const count = { change: 'reserve', counter: 'u'.repeat(3000), window: 0, by: d('1'), max: null } as const;
      const { database } = store.ground;
      const unit = { tenant: acme, changes: [{ ...count, otherwise: 'thing.exists' as const }], entries: [said()] };
      await assert.rejects(database.commit(unit), { code: 'request.malformed' });
    });

    const use = (text: string, kind = 'once'): Change => {
      const until = store.ground.clock() + 3_600_000;
      return insert(usedUp, { kind, digest: hash('sha256', text, 'base64url'), until }, 'proof.replayed');
    };
    const commitUse = (text: string, { tenant = acme, kind = 'once' } = {}) =>
      store.ground.database.commit({ tenant, changes: [use(text, kind)], entries: [] });
    const replayed = { code: 'proof.replayed' };

    test('what counts once counts once in its tenant and of its kind, and a check hears whether it was used', async () => {
      const digest = hash('sha256', 'apart', 'base64url');
      const ask = (kind: string, tenant = acme) =>
        store.ground.database.commit({
          tenant,
          checks: [check(usedUp, { kind, digest }, 'absent', 'proof.replayed')],
          entries: [],
        });
      await ask('once');
      await commitUse('apart');
      await ask('too');
      await commitUse('apart', { kind: 'too' });
      await ask('once', other);
      await commitUse('apart', { tenant: other });
      await assert.rejects(commitUse('apart'), replayed);
      await assert.rejects(commitUse('apart', { kind: 'too' }), replayed);
      await assert.rejects(commitUse('apart', { tenant: other }), replayed);
      await assert.rejects(ask('once'), replayed);
      const twice = { tenant: acme, changes: [use('twice'), use('twice')], entries: [] };
      await assert.rejects(store.ground.database.commit(twice), replayed);
      await commitUse('twice');
    });

    test('a unit that is undone gives back what it used, to the next one in the same commit', async () => {
      const { database } = store.ground;
      await put(acme, thing('taken'));
      const undone = () =>
        database.commit({ tenant: acme, changes: [use('back'), insert(things, thing('taken'))], entries: [said()] });
      // The first occupies the writer, so that the others are written together.
      const results = await Promise.allSettled([
        commitUse('busy'),
        undone(),
        commitUse('back'),
        undone(),
        commitUse('back'),
      ]);
      assert.deepEqual(
        results.map((one) => (one.status === 'fulfilled' ? 'done' : one.reason.code)),
        ['done', 'thing.exists', 'done', 'proof.replayed', 'proof.replayed'],
      );
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

    test('entries are asked for from one index on and before another', async () => {
      const { log } = store.ground.database;
      const indexes = async (ask: { from?: number; until?: number; kind?: string }, limit = 100) =>
        (await log.entries(acme, { ...ask, limit })).map(({ index }) => index);
      const all = await indexes({});
      assert.ok(all.length > 10);
      assert.deepEqual(await indexes({ from: all[2]!, until: all[6]! }), all.slice(2, 6));
      assert.deepEqual(await indexes({ until: all[6]! }, 3), all.slice(0, 3));
      const { size } = await log.head();
      const changed = await indexes({ kind: 'test.changed' });
      assert.deepEqual(await indexes({ kind: 'test.changed', until: size }), changed);
      assert.deepEqual(
        await indexes({ kind: 'test.changed', from: changed[1]!, until: changed[3]! }),
        changed.slice(1, 3),
      );
      assert.deepEqual(await indexes({ from: size, until: size }), []);
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

    test('a unit that can wait leaves by itself, with the next one in their order, and before the store closes', async () => {
      const { database } = store.ground;
      const note = () => said({ waited: true });
      const commit = (canWait: boolean) => database.commit({ tenant: acme, entries: [note()] }, { canWait });
      assert.equal((await commit(true)).entries.length, 1);
      const [first, second, third] = await Promise.all([commit(true), commit(false), commit(true)]);
      const at = (one: typeof first) => one.entries[0]?.index ?? -1;
      assert.deepEqual([at(second) - at(first), at(third) - at(second)], [1, 1]);
      const own = await backend.open();
      const last = own.ground.database.commit({ tenant: acme, entries: [note()] }, { canWait: true });
      await own.ground.database.close();
      assert.equal((await last).entries.length, 1);
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
      store = { ...store, ground: { ...store.ground, database } };
      for (const used of ['apart', 'twice', 'back']) await assert.rejects(commitUse(used), replayed, used);
      await assert.rejects(commitUse('apart', { tenant: other }), replayed);
      await commitUse('apart then');
      await database.commit({ tenant: acme, entries: [said()] });
      assert.equal((await database.log.head()).size, head.size + 1);
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
