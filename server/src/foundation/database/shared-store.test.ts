import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Decimal, type EntryId, leafHash, rootAt, rootOf, type TenantId } from '@ambit/protocol';
import { randomId } from '../ids.ts';
import { createEdge, sha256 } from './edge.ts';
import { type Database, entry, type Foreign, insert, planeItself, remove, update } from './index.ts';
import { holdsPostgresStore } from './postgres.ts';
import { usualBounds } from './postgres-link.ts';
import {
  handClock,
  makeTestSchema,
  noPostgres,
  openTestPostgres,
  openTestPostgresAt,
  type TestStore,
} from './testing.ts';
import { openWire, type Wire } from './testing-wire.ts';

import { type Page, pages } from './testing-writes.ts';

const acme = randomId('tenant');
const said = () => entry({ id: randomId('entry'), kind: 'test.said', who: planeItself });
const put = (database: Database, row: Page, tenant: TenantId = acme) =>
  database.commit({ tenant, changes: [insert(pages, row)], entries: [said()] });
const write = (database: Database, id: string, text: string, tenant: TenantId = acme) =>
  database.commit({ tenant, changes: [update(pages, { id }, { text })], entries: [said()] });
const reserve = (database: Database, counter: string, max: string) =>
  database.commit({
    tenant: acme,
    changes: [
      {
        change: 'reserve',
        counter,
        window: 0,
        by: '1' as Decimal,
        max: max as Decimal,
        otherwise: 'thing.exists',
      },
    ],
    entries: [said()],
  });

/** What a watcher was told, and a wait for something among it. */
function listenTo(database: Database) {
  const told: Foreign[] = [];
  const stop = database.watch((change) => told.push(change));
  return {
    told,
    stop,
    async until(wanted: (change: Foreign) => boolean): Promise<void> {
      for (let waited = 0; !told.some(wanted); waited += 5) {
        assert.ok(waited < 5000, `not told within 5 s; told was ${JSON.stringify(told)}`);
        await sleep(5);
      }
    },
  };
}
const isOf = (id: string) => (change: Foreign) => change !== 'everything' && change.key.id === id;

const quick = { ...usualBounds, connectMs: 400, lockMs: 1500, statementMs: 600, silentMs: 400, batchMs: 1200 };

describe('a store that nodes share', { skip: noPostgres }, () => {
  let store: TestStore & { readonly url: string };
  let ours: Database;
  let theirs: Database;
  before(async () => {
    store = await openTestPostgres();
    ours = store.ground.database;
    theirs = await store.reopen();
  });
  after(async () => {
    await theirs.close();
    await store.close();
  });

  /** Both have heard everything that was committed until now. */
  async function caughtUp(): Promise<void> {
    const pairs = [
      [ours, theirs],
      [theirs, ours],
    ] as const;
    for (const [from, to] of pairs) {
      const id = `mark ${randomId('task')}`;
      const heard = listenTo(to);
      await put(from, { id, text: '' });
      await heard.until(isOf(id));
      heard.stop();
    }
  }

  test('a budget is exact, however many callers on however many nodes', async () => {
    const sent = Array.from({ length: 60 }, (_, i) => reserve(i % 2 === 0 ? ours : theirs, 'shared', '25'));
    const results = await Promise.allSettled(sent);
    assert.equal(results.filter((one) => one.status === 'fulfilled').length, 25);
    assert.equal(await theirs.counter(acme, 'shared', 0), '25');
  });

  test('what may happen once happens on one node', async () => {
    for (let round = 0; round < 10; round++) {
      const row = { id: `once ${round}`, text: 'x' };
      const results = await Promise.allSettled([put(ours, row), put(theirs, row), put(ours, row), put(theirs, row)]);
      assert.equal(results.filter((one) => one.status === 'fulfilled').length, 1);
    }
  });

  test('entries of all nodes are one log: every index once, one tree, one root', async () => {
    const sent = Array.from({ length: 40 }, (_, i) => put(i % 3 === 0 ? ours : theirs, { id: `log ${i}`, text: '' }));
    const indexes = (await Promise.all(sent)).flatMap(({ entries }) => entries.map(({ index }) => index));
    assert.equal(new Set(indexes).size, sent.length);
    const [head, same] = [await ours.log.head(), await theirs.log.head()];
    assert.deepEqual(head, same);
    const leaves = await ours.log.leaves(0, 10_000);
    assert.equal(leaves.length, head.size);
    const nodes = new Map<string, Uint8Array>();
    const tree = createEdge(0, []);
    for (const leaf of leaves)
      for (const node of tree.append(leaf).completed) nodes.set(`${node.level} ${node.index}`, node.hash);
    assert.deepEqual(head.root, await rootAt(head.size, ours.log.node, sha256));
    for (const [name, hash] of nodes) {
      const [level, index] = name.split(' ').map(Number) as [number, number];
      assert.deepEqual(new Uint8Array(await ours.log.node(level, index)), new Uint8Array(hash));
    }
    const [first] = await ours.log.entries(acme, { from: 0, limit: 1 });
    assert.ok(first);
    const { canonicalJson } = await import('@ambit/protocol');
    const expected = leafHash(Buffer.from(canonicalJson(first.header)), sha256);
    assert.deepEqual(new Uint8Array(first.leaf), new Uint8Array(expected));
  });

  test('a change by another node is told once reads here see it; what was remembered of it is forgotten', async () => {
    await put(ours, { id: 'seen', text: 'one' });
    await caughtUp();
    assert.equal((await theirs.find(pages, acme, { id: 'seen' }))?.text, 'one');
    assert.equal((await theirs.list(pages, acme, { where: { id: 'seen' }, limit: 1 }))[0]?.text, 'one');
    const read: Promise<unknown>[] = [];
    const stop = theirs.watch((change) => {
      if (!isOf('seen')(change)) return;
      read.push(
        theirs.find(pages, acme, { id: 'seen' }),
        theirs.list(pages, acme, { where: { id: 'seen' }, limit: 1 }),
      );
    });
    const heard = listenTo(theirs);
    await write(ours, 'seen', 'two');
    await heard.until(isOf('seen'));
    const [found, listed] = await Promise.all(read);
    assert.equal((found as Page).text, 'two');
    assert.equal((listed as Page[])[0]?.text, 'two');
    assert.deepEqual(heard.told.find(isOf('seen')), { table: 'test_pages', tenant: acme, key: { id: 'seen' } });
    stop();
    heard.stop();
    await ours.commit({ tenant: acme, changes: [remove(pages, { id: 'seen' })], entries: [said()] });
    const gone = listenTo(theirs);
    await write(ours, 'log 1', 'later');
    await gone.until(isOf('log 1'));
    assert.equal(await theirs.find(pages, acme, { id: 'seen' }), undefined);
    assert.ok(!heard.told.some((change) => isOf('log 1')(change)), 'who stopped is told no more');
  });

  test('changes are told in the order of their commits; own ones, refused ones and counters are not', async () => {
    await caughtUp();
    const heard = listenTo(theirs);
    const own = listenTo(ours);
    await Promise.allSettled([
      put(ours, { id: 'order 1', text: '' }),
      put(ours, { id: 'order 1', text: '' }),
      reserve(ours, 'told', '9'),
      put(ours, { id: 'order 2', text: '' }),
    ]);
    await put(theirs, { id: 'order 3', text: '' });
    await put(ours, { id: 'order 4', text: '' });
    await heard.until(isOf('order 4'));
    await own.until(isOf('order 3'));
    const ids = (told: readonly Foreign[]) => told.map((change) => (change === 'everything' ? change : change.key.id));
    assert.deepEqual(ids(heard.told), ['order 1', 'order 2', 'order 4']);
    assert.deepEqual(ids(own.told), ['order 3']);
    own.stop();
    heard.stop();
  });

  test('what another node counts is counted here, also where it was read before', async () => {
    assert.equal(await theirs.counter(acme, 'counted', 0), '0');
    await reserve(ours, 'counted', '9');
    await write(ours, 'log 2', 'after');
    const heard = listenTo(theirs);
    await write(ours, 'log 3', 'after');
    await heard.until(isOf('log 3'));
    assert.equal(await theirs.counter(acme, 'counted', 0), '1');
    heard.stop();
  });

  test('between-nodes: a notification is never believed, and the feed is read without one too', async () => {
    await put(ours, { id: 'quiet', text: 'one' });
    await caughtUp();
    const deaf = await openTestPostgresAt(store.url, handClock(), { faults: { dropNotifications: true } });
    assert.equal((await deaf.find(pages, acme, { id: 'quiet' }))?.text, 'one');
    const heard = listenTo(deaf);
    const lied = listenTo(theirs);
    await store.edit(`SELECT pg_notify('ambit_' || md5(current_schema()), '["row","test_pages","x","quiet"]')`);
    await write(ours, 'quiet', 'two');
    await heard.until(isOf('quiet'));
    await lied.until(isOf('quiet'));
    assert.equal(lied.told.length, 1);
    assert.equal((await deaf.find(pages, acme, { id: 'quiet' }))?.text, 'two');
    lied.stop();
    await deaf.close();
  });

  test('who lags behind what the feed holds forgets everything, and says so', async () => {
    assert.equal((await theirs.find(pages, acme, { id: 'log 4' }))?.text, '');
    const heard = listenTo(theirs);
    // As if thousands of batches had come and gone, among them one that changed this row.
    await store.edit(`UPDATE log_head SET batch = batch + 20000`);
    await heard.until((change) => change === 'everything');
    await write(ours, 'log 4', 'changed');
    await heard.until(isOf('log 4'));
    assert.equal((await theirs.find(pages, acme, { id: 'log 4' }))?.text, 'changed');
    heard.stop();
  });

  test('the feed does not grow for ever', async () => {
    await store.edit(`INSERT INTO log_feed SELECT -n, 'old', '[]' FROM generate_series(1, 500) n`);
    for (let i = 0; i < 101; i++) await reserve(ours, 'pruned', '1000');
    const { Client } = await import('pg');
    const client = new Client({ connectionString: store.url });
    await client.connect();
    const { rows } = await client.query('SELECT count(*)::int AS old FROM log_feed WHERE batch < 0');
    await client.end();
    assert.equal(rows[0].old, 0);
  });
});

describe('a shared store that fails', { skip: noPostgres }, () => {
  let schema: Awaited<ReturnType<typeof makeTestSchema>>;
  let wire: Wire;
  let node: Database;
  let other: Database;
  before(async () => {
    schema = await makeTestSchema();
    wire = await openWire(schema.url);
    node = await openTestPostgresAt(wire.url, handClock(), { bounds: quick, heardMsMax: 300 });
    other = await openTestPostgresAt(schema.url, handClock(), { bounds: quick });
    await put(other, { id: 'first', text: 'one' });
  });
  afterEach(() => wire.release());
  after(async () => {
    await node.close();
    await other.close();
    await wire.close();
    await schema.drop();
  });

  async function healed(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await put(node, { id: `healed ${randomId('task')}`, text: '' });
        await node.find(pages, acme, { id: 'first' });
        return;
      } catch (error) {
        if (tries > 50) throw error;
        await sleep(50);
      }
    }
  }

  test('connections that ended while nobody used them are made anew, and nobody is told of it', async () => {
    for (let round = 0; round < 3; round++) {
      await healed();
      wire.reset();
      await sleep(20);
      await put(node, { id: `reset ${round}`, text: '' });
      assert.equal((await node.find(pages, acme, { id: `reset ${round}` }))?.text, '');
    }
  });

  test('a node that hears nothing answers nothing from memory, and permits nothing, until it hears again', async () => {
    await healed();
    assert.equal((await node.find(pages, acme, { id: 'first' }))?.text, 'one');
    const heard = listenTo(node);
    wire.stall();
    await write(other, 'first', 'two');
    await sleep(quick.silentMs + 200);
    await assert.rejects(node.find(pages, acme, { id: 'first' }), { name: 'StoreFault' });
    await assert.rejects(put(node, { id: 'cut off', text: '' }), { name: 'StoreFault' });
    wire.release();
    await heard.until((change) => change === 'everything' || isOf('first')(change));
    await healed();
    assert.equal((await node.find(pages, acme, { id: 'first' }))?.text, 'two');
    heard.stop();
  });

  test('a writer that hangs while it holds the head loses it, and can commit nothing later', async () => {
    await healed();
    const met = wire.stallAt('write test_pages');
    const hung = assert.rejects(put(node, { id: 'hung', text: '' }), { name: 'StoreFault' });
    await met;
    // The other node waits for the head, and has it once the silent session is ended.
    await put(other, { id: 'went on', text: '' });
    const { size } = await other.log.head();
    wire.release();
    await hung;
    await healed();
    assert.equal(await other.find(pages, acme, { id: 'hung' }), undefined);
    assert.equal(
      (await other.log.entries(acme, { from: size, limit: 10 })).length,
      (await other.log.head()).size - size,
    );
  });

  test('a writer whose session is killed in the middle of its transaction has changed nothing, and goes on', async () => {
    await healed();
    const { size } = await other.log.head();
    const met = wire.stallAt('write test_pages');
    const killed = assert.rejects(put(node, { id: 'killed', text: '' }), { name: 'StoreFault' });
    await met;
    wire.reset();
    wire.release();
    await killed;
    await healed();
    assert.equal(await node.find(pages, acme, { id: 'killed' }), undefined);
    assert.equal((await other.log.head()).size, size + 1, 'the one entry that healing wrote');
  });

  test('a commit whose answer never comes is a fault after the bound, and what became of it is found out by reading', async () => {
    await healed();
    const met = wire.stallAt('COMMIT');
    const started = performance.now();
    const lost = assert.rejects(put(node, { id: 'in doubt', text: '' }), { name: 'StoreFault' });
    await met;
    await lost;
    assert.ok(performance.now() - started < quick.batchMs + 2000);
    wire.release();
    await healed();
    const [here, there] = await Promise.all([node, other].map((one) => one.find(pages, acme, { id: 'in doubt' })));
    assert.deepEqual(here, there);
  });

  test('a server that loses what it answered for is refused at the start', async () => {
    const url = new URL(schema.url);
    url.searchParams.set('options', `${url.searchParams.get('options')} -c synchronous_commit=off`);
    await assert.rejects(openTestPostgresAt(url.href, handClock()), /synchronous_commit is off there/);
  });

  test('a database that cannot be reached is said to be so, without its password', async () => {
    const nowhere = 'postgres://ambit:hunter2@127.0.0.1:1/ambit';
    await assert.rejects(openTestPostgresAt(nowhere, handClock()), (error: Error) => {
      assert.equal(error.name, 'StoreFault');
      assert.match(error.message, /ECONNREFUSED/);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
  });
});

describe('a node that is killed', { skip: noPostgres }, () => {
  test('loses nothing that it was answered, holds nobody up, and leaves a log that goes on', async () => {
    const schema = await makeTestSchema();
    const survivor = await openTestPostgresAt(schema.url, handClock());
    const script = new URL('./testing-writes.ts', import.meta.url).pathname;
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, ['--conditions=ambit-source', script, schema.url, acme], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let told = '';
      child.stdout.on('data', (bytes) => {
        told += String(bytes);
        if (told.length > 3000 * (round + 1)) child.kill('SIGKILL');
      });
      await once(child, 'close');
      const acknowledged = told.split('\n').slice(0, -1);
      assert.ok(acknowledged.length > 20, `only ${acknowledged.length} were acknowledged`);
      await put(survivor, { id: `after ${round}`, text: '' });
      for (const id of acknowledged) {
        assert.ok(await survivor.log.entry(acme, id as EntryId), `${id} was acknowledged and is gone`);
        assert.ok(await survivor.find(pages, acme, { id }), `the row of ${id} is gone`);
      }
    }
    const head = await survivor.log.head();
    const tree = createEdge(0, []);
    for (const leaf of await survivor.log.leaves(0, 10_000)) tree.append(leaf);
    const hashes = tree.nodes().map(({ hash }) => hash);
    assert.deepEqual(new Uint8Array(rootOf({ size: head.size, hashes }, sha256)), new Uint8Array(head.root));
    await survivor.close();
    await schema.drop();
  });
});

describe('nodes that start at once on a shared store', { skip: noPostgres }, () => {
  test('make one store, whoever is first', async () => {
    const schema = await makeTestSchema();
    assert.equal(await holdsPostgresStore(schema.url), false);
    const nodes = await Promise.all([1, 2, 3].map(() => openTestPostgresAt(schema.url, handClock())));
    await Promise.all(nodes.map((node, i) => put(node, { id: `by ${i}`, text: '' })));
    assert.equal(new Set(nodes.map(({ node }) => node)).size, 3);
    const [first] = nodes;
    assert.ok(first);
    assert.equal((await first.list(pages, acme, { limit: 10 })).length, 3);
    assert.equal((await first.log.head()).size, 3);
    for (const node of nodes) await node.close();
    assert.equal(await holdsPostgresStore(schema.url), true);
    await schema.drop();
  });

  test('a store whose head is not the one that its entries make is not opened', async () => {
    const store = await openTestPostgres();
    await put(store.ground.database, { id: 'a', text: '' });
    await put(store.ground.database, { id: 'b', text: '' });
    await store.edit(`DELETE FROM entries WHERE idx = 1`);
    await assert.rejects(store.reopen(), /the head of the log says 2 entries, and the store holds 1/);
    await store.close();
  });
});
