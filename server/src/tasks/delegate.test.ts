import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Authority } from '@ambit/protocol';
import fc from 'fast-check';
import { authorities, callsWithin } from '../authority/arbitraries.testing.ts';
import { covers, meet } from '../authority/index.ts';
import { entry, update } from '../foundation/index.ts';
import { type Agent, setDelegable, suspendAgent } from '../identity/index.ts';
import { type Delegation, delegateTask } from './delegate.ts';
import { findChain, tasks, tasksOfRun } from './store.ts';
import { depthMax, type Task } from './task.ts';
import { everything, openTasks, payroll, plain, reads, refunds, refusal, type TestTasks } from './testing.ts';

let t: TestTasks;
before(async () => {
  t = await openTasks();
});
after(() => t.close());

const wish: Delegation = { authority: refunds, purposeText: 'Look it up', ttlSeconds: 600 };
async function pass(from: Pick<Agent, 'id'>, task: Task, to: Pick<Agent, 'id'>, more: Partial<Delegation> = {}) {
  const delegated = await delegateTask(
    t.ground,
    t.as(from, { task: task.id }),
    { agent: to.id, jkt: `jkt-of-${to.id}`, agentKey: 'key' },
    { ...wish, ...more },
  );
  await delegated.write();
  return delegated;
}

async function end(id: Task['id'], set: Partial<Task> = { state: 'revoked', epoch: 9 }): Promise<void> {
  await t.ground.database.commit({
    tenant: t.home.tenant,
    changes: [update(tasks, { id }, set)],
    entries: [entry({ id: t.ground.newId('entry'), kind: 'test.ended', who: t.alice.caller.who })],
  });
}

describe('a task under a task', () => {
  test('belongs to the key that proved itself, names the same person and the same purpose, and is active', async () => {
    const [bot, helper] = [await t.bot(), await t.bot()];
    const parent = await t.active(bot);
    const { task, chain } = await pass(bot, parent, helper);
    assert.deepEqual([task.parent, task.root, task.depth], [parent.id, parent.id, 1]);
    assert.deepEqual([task.requester, task.agent], [t.alice.person.id, helper.id]);
    assert.deepEqual([task.state, task.acceptedJkt, task.acceptedKey], ['active', `jkt-of-${helper.id}`, 'key']);
    assert.deepEqual([task.purposeType, task.purposeText], ['support', 'Look it up']);
    assert.deepEqual(task.origin, { by: 'delegation', parent: parent.id });
    assert.deepEqual(plain(await findChain(t.ground, t.home.tenant, task.id)), plain(chain));
    const [written] = await t.ground.database.log.entries(t.home.tenant, { task: task.id, limit: 1 });
    assert.equal(written!.header.kind, 'task.delegated');
    assert.equal(written!.header.who.initiator, bot.id);
    assert.deepEqual(
      (await tasksOfRun(t.ground, t.home.tenant, parent.id)).map(({ id }) => id),
      [parent.id, task.id],
    );
  });

  test('never has more than its parent, nor than its agent may ever hold', async () => {
    const bot = await t.bot();
    const parent = await t.active(bot);
    await assert.rejects(pass(bot, parent, await t.bot(), { authority: reads }), refusal('task.widened'));
    const looser: Authority = [{ type: 'ambit_grant', actions: ['shop:refunds.create'] }];
    await assert.rejects(pass(bot, parent, await t.bot(), { authority: looser }), refusal('task.widened'));
    await assert.rejects(pass(bot, parent, await t.bot(), { authority: payroll }), refusal('task.widened'));
    await assert.rejects(pass(bot, parent, await t.bot({ ceiling: reads })), refusal('task.beyond_ceiling'));
    assert.equal((await tasksOfRun(t.ground, t.home.tenant, parent.id)).length, 1);
  });

  test('never outlives its parent, its agent or its wish', async () => {
    const now = t.ground.clock();
    const bot = await t.bot();
    const parent = await t.active(bot, { ttlSeconds: 60 });
    const short = await t.bot({ expiresAt: now + 5000 });
    assert.equal((await pass(bot, parent, await t.bot())).task.expiresAt, parent.expiresAt);
    assert.equal((await pass(bot, parent, await t.bot(), { ttlSeconds: 30 })).task.expiresAt, now + 30_000);
    assert.equal((await pass(bot, parent, short)).task.expiresAt, now + 5000);
  });

  test('is at most so deep', async () => {
    const bot = await t.bot();
    let last = await t.active(bot);
    for (let depth = 1; depth <= depthMax; depth++) {
      last = (await pass(bot, last, bot)).task;
      assert.equal(last.depth, depth);
    }
    await assert.rejects(pass(bot, last, bot), refusal('task.too_deep'));
    assert.equal((await findChain(t.ground, t.home.tenant, last.id))?.length, depthMax + 1);
  });

  test('counts against the room of the agent that takes it', async () => {
    const [bot, helper] = [await t.bot(), await t.bot({ liveTasksMax: 2 })];
    const parent = await t.active(bot);
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => pass(bot, parent, helper)));
    assert.equal(all.filter((one) => one.status === 'fulfilled').length, 2);
    for (const one of all) if (one.status === 'rejected') refusal('task.too_many_live')(one.reason);
  });
});

describe('nothing is delegated', () => {
  test('by a caller without a task, or whose task is unknown or next door', async () => {
    const bot = await t.bot();
    const parent = await t.active(bot);
    const actor = { agent: bot.id, jkt: 'j', agentKey: 'k' };
    await assert.rejects(delegateTask(t.ground, t.as(bot), actor, wish), refusal('task.needed'));
    const next = await t.nextDoor();
    const theirs = next.as(await next.bot(), { task: parent.id });
    await assert.rejects(delegateTask(t.ground, theirs, actor, wish), refusal('task.ended'));
  });

  test('from a task that has ended or expired, or under one that has', async () => {
    const bot = await t.bot();
    for (const state of ['revoked', 'completed', 'expired', 'requested'] as const) {
      const top = await t.active(bot);
      const middle = (await pass(bot, top, bot)).task;
      const low = (await pass(bot, middle, bot)).task;
      await end(top.id, { state, epoch: 9 });
      for (const from of [top, middle, low]) await assert.rejects(pass(bot, from, bot), refusal('task.ended'));
    }
    const brief = await t.active(bot, { ttlSeconds: 60 });
    const under = (await pass(bot, brief, bot)).task;
    t.ground.clock.advance(60_000);
    for (const from of [brief, under]) await assert.rejects(pass(bot, from, bot), refusal('task.ended'));
  });

  test('under a task that ends while it is being delegated, however far up', async () => {
    const bot = await t.bot();
    const top = await t.active(bot);
    const low = (await pass(bot, (await pass(bot, top, bot)).task, bot)).task;
    const [ended, passed] = await Promise.allSettled([end(top.id), pass(bot, low, bot)]);
    assert.equal(ended.status, 'fulfilled');
    assert.equal(passed.status, 'rejected');
    assert.equal((await tasksOfRun(t.ground, t.home.tenant, top.id)).length, 3);
  });

  test('to an agent that is suspended, expired, unknown or of another tenant', async () => {
    const bot = await t.bot();
    const parent = await t.active(bot);
    const suspended = await t.bot();
    await suspendAgent(t.ground, t.alice.caller, { agent: suspended.id, reason: 'x' });
    const expired = await t.bot({ expiresAt: t.ground.clock() + 1 });
    t.ground.clock.advance(1);
    const theirs = await (await t.nextDoor()).bot();
    for (const to of [suspended, expired, theirs, { id: t.ground.newId('agent') }]) {
      await assert.rejects(pass(bot, parent, to), refusal('task.agent_not_active'));
    }
  });
});

test('a chain with a link missing is no chain', async () => {
  const bot = await t.bot();
  const top = await t.active(bot);
  const low = (await pass(bot, top, bot)).task;
  await end(low.id, { parent: t.ground.newId('task') });
  assert.equal(await findChain(t.ground, t.home.tenant, low.id), undefined);
  await end(low.id, { parent: low.id });
  assert.equal(await findChain(t.ground, t.home.tenant, low.id), undefined, 'a circle is no chain either');
});

test('law: every call that a task covers is covered by every task above it, by its person and by each agent', async () => {
  // What is wished for is drawn anew at each step, or cut from what the parent has, so that chains get deep.
  const steps = fc.array(fc.tuple(authorities, authorities, fc.boolean()), { minLength: 1, maxLength: depthMax });
  let deepest = 0;
  await fc.assert(
    fc.asyncProperty(
      authorities.chain((first) =>
        fc.tuple(fc.constant(first), steps, fc.array(callsWithin(first), { minLength: 6, maxLength: 6 })),
      ),
      async ([first, wishes, tried]) => {
        await setDelegable(t.ground, t.home.admin.caller, { person: t.alice.person.id, delegable: first });
        const top = await t.bot({ ceiling: first });
        let [last, holder] = [await t.active(top, { authority: first }), top];
        for (const [drawn, ceiling, isCut] of wishes) {
          const authority = isCut ? meet(last.authority, drawn) : drawn;
          const next = await t.bot({ ceiling: isCut ? first : ceiling });
          const made = await pass(holder, last, next, { authority }).catch((error: { code?: string; name: string }) => {
            assert.match(`${error.code} ${error.name}`, /task\.(widened|beyond_ceiling)|authority\.|ShapeFault/);
          });
          if (made === undefined) continue;
          [last, holder] = [made.task, next];
          deepest = Math.max(deepest, last.depth);
          for (const call of tried) {
            if (!covers(last.authority, call).covered) continue;
            for (const above of made.chain) assert.ok(covers(above.authority, call).covered);
            assert.ok(covers(next.ceiling, call).covered);
          }
        }
      },
    ),
    { numRuns: 30 },
  );
  await setDelegable(t.ground, t.home.admin.caller, { person: t.alice.person.id, delegable: everything });
  assert.ok(deepest >= 2, `no chain got deeper than ${deepest}`);
});
