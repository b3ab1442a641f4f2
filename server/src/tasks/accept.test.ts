import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { entry, update } from '../foundation/index.ts';
import { acceptTask } from './accept.ts';
import { findTask, tasks } from './store.ts';
import type { TaskState } from './task.ts';
import { noSuchTask, openTasks, plain, refusal, type TestTasks } from './testing.ts';

let t: TestTasks;
before(async () => {
  t = await openTasks();
});
after(() => t.close());

const stored = (id: typeof noSuchTask) => findTask(t.ground, t.home.tenant, id);

describe('the key that accepts a task', () => {
  test('has it from then on, and the entry says which key it was', async () => {
    const bot = await t.bot();
    const task = await t.open(bot);
    const taken = await acceptTask(t.ground, t.as(bot, { jkt: 'jkt-1', agentKey: 'key-1' }), task.id);
    assert.deepEqual(plain(await stored(task.id)), plain(taken));
    assert.deepEqual([taken.state, taken.acceptedJkt, taken.acceptedKey], ['active', 'jkt-1', 'key-1']);
    assert.equal(taken.epoch, task.epoch + 1);
    const written = await t.ground.database.log.entries(t.home.tenant, {
      task: task.id,
      kind: 'task.accepted',
      limit: 9,
    });
    assert.equal(written.length, 1);
    assert.deepEqual(plain(t.ground.database.log.open(written[0]!)?.detail), { jkt: 'jkt-1', key: 'key-1' });
    assert.equal(written[0]!.header.who.requester, t.alice.person.id);
  });

  test('may ask again: nothing changes and nothing more is written', async () => {
    const bot = await t.bot();
    const task = await t.active(bot);
    assert.deepEqual(plain(await acceptTask(t.ground, t.as(bot), task.id)), plain(task));
    const written = await t.ground.database.log.entries(t.home.tenant, {
      task: task.id,
      kind: 'task.accepted',
      limit: 9,
    });
    assert.equal(written.length, 1);
  });

  test('keeps it: another instance key, or another registered key of the same agent, finds it taken', async () => {
    const bot = await t.bot();
    const task = await t.active(bot);
    await assert.rejects(acceptTask(t.ground, t.as(bot, { jkt: 'a-copy' }), task.id), refusal('task.taken'));
    await assert.rejects(acceptTask(t.ground, t.as(bot, { agentKey: 'another' }), task.id), refusal('task.taken'));
    assert.deepEqual(plain(await stored(task.id)), plain(task));
  });

  test('is one, when twenty keys try at once', async () => {
    const bot = await t.bot();
    const task = await t.open(bot);
    const keys = Array.from({ length: 20 }, (_, i) => `jkt-${i}`);
    const all = await Promise.allSettled(keys.map((jkt) => acceptTask(t.ground, t.as(bot, { jkt }), task.id)));
    const won = keys.filter((_, i) => all[i]?.status === 'fulfilled');
    assert.equal(won.length, 1);
    for (const one of all) if (one.status === 'rejected') refusal('task.taken')(one.reason);
    assert.equal((await stored(task.id))?.acceptedJkt, won[0]);
  });
});

describe('what cannot be accepted', () => {
  test('is a task of another agent, of another tenant, or none: all look alike', async () => {
    const bot = await t.bot();
    const task = await t.open(bot);
    const mallory = await t.bot();
    const next = await t.nextDoor();
    const heard: unknown[] = [];
    for (const [caller, id] of [
      [t.as(mallory), task.id],
      [next.as(await next.bot()), task.id],
      [next.as(bot), task.id],
      [t.as(mallory), noSuchTask],
    ] as const) {
      await assert.rejects(acceptTask(t.ground, caller, id), (error: { code: string; says: string }) => {
        heard.push([error.code, error.says]);
        return refusal('thing.not_found')(error);
      });
    }
    assert.equal(new Set(heard.map((one) => JSON.stringify(one))).size, 1);
    assert.equal((await stored(task.id))?.state, 'approved');
  });

  test('is a task of another agent also where it is taken already', async () => {
    const task = await t.active(await t.bot());
    await assert.rejects(acceptTask(t.ground, t.as(await t.bot()), task.id), refusal('thing.not_found'));
  });

  test('is one whose time is over, to the millisecond', async () => {
    const bot = await t.bot();
    const [first, second] = [await t.open(bot, { ttlSeconds: 60 }), await t.open(bot, { ttlSeconds: 60 })];
    t.ground.clock.advance(59_999);
    assert.equal((await acceptTask(t.ground, t.as(bot), first.id)).state, 'active');
    t.ground.clock.advance(1);
    await assert.rejects(acceptTask(t.ground, t.as(bot), second.id), refusal('task.ended'));
  });

  test('is one that is not approved, or that ended while it was being accepted', async () => {
    const bot = await t.bot();
    const move = async (id: typeof noSuchTask, state: TaskState) =>
      t.ground.database.commit({
        tenant: t.home.tenant,
        changes: [update(tasks, { id }, { state, epoch: 7 })],
        entries: [entry({ id: t.ground.newId('entry'), kind: 'test.moved', who: t.alice.caller.who })],
      });
    for (const state of ['requested', 'completed', 'revoked', 'expired'] as const) {
      const task = await t.open(bot);
      await move(task.id, state);
      await assert.rejects(acceptTask(t.ground, t.as(bot), task.id), refusal('task.not_open'));
    }
    const task = await t.open(bot);
    const [ended, accepted] = await Promise.allSettled([
      move(task.id, 'revoked'),
      acceptTask(t.ground, t.as(bot), task.id),
    ]);
    assert.equal(ended.status, 'fulfilled');
    assert.equal(accepted.status, 'rejected');
    assert.equal((await stored(task.id))?.state, 'revoked');
  });
});
