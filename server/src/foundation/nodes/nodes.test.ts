import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { check, type Database, entry, planeItself } from '../database/index.ts';
import { usualBounds } from '../database/postgres-link.ts';
import { makeTestSchema, noPostgres, openTestPostgresAt } from '../database/testing.ts';
import { openWire, type Wire } from '../database/testing-wire.ts';
import type { Ground } from '../ground.ts';
import { randomId } from '../ids.ts';
import { aloneNode, joinNodes, type Nodes } from './nodes.ts';
import { createSilence } from './silence.ts';

const plane = randomId('tenant');
const same = { AMBIT_KEYS: 'log:a token:b', AMBIT_AGENT_ORIGIN: 'https://gateway.example' };
const row = (id: string, beat: number, lostMs = 1000) => ({ id, beat, lostMs, same, joinedAt: 0 });
const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);

describe('silence', () => {
  test('is what was said last, not when: a node is dead once nothing changed for as long as it allows', () => {
    const silence = createSilence(200);
    assert.deepEqual(ids(silence.look([row('a', 1), row('b', 1, 500)], 0)), []);
    for (let at = 100; at < 500; at += 100)
      assert.deepEqual(ids(silence.look([row('a', 1), row('b', 1, 500)], at)), []);
    assert.deepEqual(ids(silence.look([row('a', 1), row('b', 1, 500)], 500)), ['b']);
    assert.deepEqual(ids(silence.look([row('a', 2)], 1000)), [], 'it said something');
    for (let at = 1200; at < 2000; at += 200) assert.deepEqual(ids(silence.look([row('a', 2)], at)), []);
    assert.deepEqual(ids(silence.look([row('a', 2)], 2000)), ['a']);
  });

  test('does not count while nobody looked: a store that was away for long declares nobody dead', () => {
    const silence = createSilence(200);
    silence.look([row('a', 1)], 0);
    assert.deepEqual(ids(silence.look([row('a', 1)], 60_000)), []);
    assert.deepEqual(ids(silence.look([row('a', 2)], 60_100)), []);
  });
});

test('on a store of its own a node always stands, and every other is gone', async () => {
  const alone = aloneNode('me');
  alone.requireStanding();
  assert.deepEqual(
    [alone.name(), alone.stands(), await alone.gone('me'), await alone.gone('other')],
    ['me', [], null, []],
  );
});

const quick = { ...usualBounds, connectMs: 400, lockMs: 1500, statementMs: 600, silentMs: 400, batchMs: 800 };
const lostMs = 2400;

describe('nodes on one store', { skip: noPostgres }, () => {
  let schema: Awaited<ReturnType<typeof makeTestSchema>>;
  let wire: Wire;
  let ours: Ground;
  let theirs: Ground;
  const open: Nodes[] = [];
  const told: string[] = [];
  const ground = (database: Database): Ground => ({ database, clock: Date.now, newId: randomId });
  const joining = { plane, lostMs, same, complain: (about: string) => void told.push(about) };
  async function join(on: Ground, more: Partial<typeof joining> = {}): Promise<Nodes> {
    const node = await joinNodes(on, { ...joining, ...more });
    open.push(node);
    return node;
  }
  before(async () => {
    schema = await makeTestSchema();
    wire = await openWire(schema.url);
    ours = ground(await openTestPostgresAt(schema.url, Date.now, { bounds: quick }));
    theirs = ground(await openTestPostgresAt(wire.url, Date.now, { bounds: quick }));
  });
  afterEach(async () => {
    wire.release();
    for (const node of open.splice(0)) await node.leave();
  });
  after(async () => {
    await ours.database.close();
    await theirs.database.close();
    await wire.close();
    await schema.drop();
  });

  const lost = async () => (await ours.database.log.entries(plane, { kind: 'node.lost', limit: 100 })).length;
  const onlyWhere = (on: Ground, checks: Awaited<ReturnType<Nodes['stands']>>) =>
    on.database.commit({
      tenant: plane,
      checks,
      entries: [entry({ id: randomId('entry'), kind: 'test.said', who: planeItself })],
    });
  async function until(what: string, is: () => boolean | Promise<boolean>): Promise<void> {
    for (let waited = 0; !(await is()); waited += 20) {
      assert.ok(waited < 8000, `${what} did not come about`);
      await sleep(20);
    }
  }

  test('a node stands to the others until it leaves', async () => {
    const [one, two] = [await join(ours), await join(theirs)];
    assert.notEqual(one.name(), two.name());
    assert.equal(await one.gone(two.name()), null);
    await sleep(1.5 * lostMs);
    assert.equal(await one.gone(two.name()), null, 'it beats');
    await until('its standing', () => one.isStanding());
    await two.leave();
    const proof = await one.gone(two.name());
    assert.ok(proof);
    await onlyWhere(ours, proof);
  });

  test('one that says nothing stops by itself first, is declared dead once, is fenced, and comes back under another name', async () => {
    const [one, two] = [await join(ours), await join(theirs)];
    const before = await lost();
    const name = two.name();
    const stands = two.stands();
    let lapses = 0;
    two.onLapse(() => void lapses++);
    const began = performance.now();
    wire.stall();
    await until('its stop', () => !two.isStanding());
    assert.ok(performance.now() - began < lostMs, 'it stopped too late');
    assert.throws(() => two.requireStanding(), { code: 'plane.cut_off' });
    assert.equal(await one.gone(name), null, 'it stops before anyone declares it dead');
    await until('its death', async () => (await one.gone(name)) !== null);
    assert.ok(performance.now() - began >= lostMs, 'it was declared dead too early');
    assert.equal(await lost(), before + 1);
    // A unit of the dead one that arrives after all.
    await assert.rejects(onlyWhere(ours, stands), { code: 'plane.cut_off' });
    wire.release();
    await until('its return', () => two.isStanding());
    assert.notEqual(two.name(), name);
    assert.equal(lapses >= 1, true);
    await onlyWhere(theirs, two.stands());
    assert.notEqual(await two.gone(name), null, 'its old name is gone, for itself too');
  });

  test('a short cut of the wire declares nobody dead', async () => {
    const [one, two] = [await join(ours), await join(theirs)];
    const name = two.name();
    wire.stall();
    await sleep(lostMs / 3);
    wire.release();
    await sleep(lostMs);
    assert.deepEqual([two.name(), await one.gone(name)], [name, null]);
    await until('its standing', () => two.isStanding());
  });

  test('of nodes that find a dead one at once, one declares it dead', async () => {
    const before = await lost();
    const nodes = [await join(ours), await join(theirs)];
    await ours.database.commit({
      tenant: plane,
      checks: [check({ name: 'standing_nodes' } as never, { id: 'ghost' } as never, 'absent', 'thing.exists')],
      changes: [
        {
          change: 'insert',
          table: 'standing_nodes',
          key: { id: 'ghost' },
          row: row('ghost', 7, 1200),
          otherwise: 'thing.exists',
        },
      ],
      entries: [],
    });
    await until('the end of the ghost', async () => (await nodes[0]!.gone('ghost')) !== null);
    await sleep(300);
    assert.equal(await lost(), before + 1);
  });

  test('a node that is unlike one that stands is refused, by the name of the setting', async () => {
    await join(ours);
    for (const [name, value] of [
      ['AMBIT_KEYS', 'log:a token:c'],
      ['AMBIT_AGENT_ORIGIN', 'https://other.example'],
    ] as const) {
      await assert.rejects(join(theirs, { same: { ...same, [name]: value } }), (error: Error) => {
        assert.equal(error.name, 'StoreFault');
        assert.match(error.message, new RegExp(`another ${name}: give every node the same`));
        return true;
      });
    }
  });

  test('of unlike nodes that join at once, one does', async () => {
    const joined = await Promise.allSettled([
      join(ours),
      join(theirs, { same: { ...same, AMBIT_KEYS: 'log:a token:d' } }),
    ]);
    assert.equal(joined.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  test('one that was killed is no obstacle to its successor with other keys, once it is dead', async () => {
    await ours.database.commit({
      tenant: plane,
      changes: [
        {
          change: 'insert',
          table: 'standing_nodes',
          key: { id: 'killed' },
          row: row('killed', 3, 1200),
          otherwise: 'thing.exists',
        },
      ],
      entries: [],
    });
    const next = await join(theirs, { same: { ...same, AMBIT_KEYS: 'log:a token:e' } });
    assert.notEqual(await next.gone('killed'), null);
  });
});
