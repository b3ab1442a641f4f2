import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { ApprovalId, TaskId } from '@ambit/protocol';
import { createBell, findApproval } from '../approvals/index.ts';
import { entry, type Ground, planeItself, Refusal, StoreFault, update } from '../foundation/index.ts';
import { suspendAgent } from '../identity/index.ts';
import { delegateTask, findTask, type Task, tasks } from '../tasks/index.ts';
import { isAlive } from '../tokens/index.ts';
import {
  accepted,
  type Bot,
  claimsIn,
  closeShared,
  exchanged,
  lookUp,
  openPlane,
  type TestPlane,
  taskCaller,
  tokenFor,
} from '../tokens/testing.ts';
import type { Reach } from './end.ts';
import { completeTask, createLive, endAgentTasks, revokeTask, sweepTasks } from './index.ts';
import { moveTo, parkedCall } from './testing.ts';

after(closeShared);

type Scene = {
  plane: TestPlane;
  reach: Reach & { ground: TestPlane['ground'] };
  bot: Bot;
  lookup: Bot;
  task: Task;
  child: TaskId;
  tokens: string[];
};

/** refund-bot works at a task of Alice’s and has handed part of it to lookup-bot. */
async function opened(t: TestContext): Promise<Scene> {
  const plane = await openPlane();
  t.after(plane.close);
  const bot = await plane.bot('refund-bot');
  const lookup = await plane.bot('lookup-bot');
  const task = await accepted(plane, bot);
  const subject = await tokenFor(plane, bot, task.id);
  const answer = (await exchanged(plane, { from: bot, subject, to: lookup })) as { mission_id?: TaskId } & {
    access_token: string;
  };
  const reach = { ground: plane.ground, live: createLive(plane.ground), bell: createBell() };
  return { plane, reach, bot, lookup, task, child: answer.mission_id!, tokens: [subject, answer.access_token] };
}

const code = (expected: string) => (error: unknown) => error instanceof Refusal && error.code === expected;
const idOf = (text: string) => claimsIn(text).jti as Parameters<typeof isAlive>[2];
const alive = ({ plane }: Scene, text: string) => isAlive(plane.ground, plane.home.tenant, idOf(text));

async function endings({ plane }: Pick<Scene, 'plane'>) {
  const { log } = plane.ground.database;
  const entries = await log.entries(plane.home.tenant, { kind: 'task.ended', limit: 100 });
  return entries.map((one) => ({ ...one.header, detail: log.open(one)?.detail as Record<string, unknown> }));
}

test('when a task completes, its tokens, the tasks below it and its parked calls are dead, and one entry lists them', async (t) => {
  const scene = await opened(t);
  const { plane, reach, bot, lookup, task, child, tokens } = scene;
  const question = await parkedCall(plane, bot, task);
  const caller = await taskCaller(plane, bot, task.id);
  const { ended, milliseconds } = await completeTask(reach, caller, task.id);
  const own = caller.token;
  assert.deepEqual(
    ended.map((one) => `${one.kind} ${one.id} of ${one.of}`).sort(),
    [
      `approval ${question} of ${task.id}`,
      `task ${task.id} of ${bot.agent.id}`,
      `task ${child} of ${lookup.agent.id}`,
      `token ${idOf(tokens[0]!)} of ${task.id}`,
      `token ${idOf(tokens[1]!)} of ${child}`,
      `token ${own} of ${task.id}`,
    ].sort(),
  );
  assert.ok(milliseconds < 1000);
  const all = await Promise.all(tokens.map((text) => alive(scene, text)));
  assert.deepEqual(all, [false, false]);
  const dead = await findApproval(plane.ground, plane.home.tenant, question);
  assert.deepEqual([dead?.state, dead?.sealed], ['ended', null]);
  for (const id of [task.id, child]) {
    const row = await findTask(plane.ground, plane.home.tenant, id);
    assert.deepEqual([row?.state, row?.endedAt], ['completed', plane.ground.clock()]);
  }
  const [told, ...more] = await endings(scene);
  assert.equal(more.length, 0);
  assert.equal(told?.task, task.id);
  assert.equal(told?.run, task.root);
  assert.equal(told?.code, 'completed');
  assert.equal(told?.who.requester, plane.alice.person.id);
  assert.deepEqual(told?.detail.ended, ended);
  assert.equal(told?.detail.milliseconds, milliseconds);
});

test('a task below another ends alone', async (t) => {
  const scene = await opened(t);
  const { plane, reach, lookup, task, child, tokens } = scene;
  await completeTask(reach, await taskCaller(plane, lookup, child), child);
  assert.deepEqual(await Promise.all(tokens.map((text) => alive(scene, text))), [true, false]);
  assert.equal((await findTask(plane.ground, plane.home.tenant, task.id))?.state, 'active');
});

test('only a token of that very task completes it, and once', async (t) => {
  const { plane, reach, bot, lookup, task, child } = await opened(t);
  const below = await taskCaller(plane, lookup, child);
  const own = await taskCaller(plane, bot, task.id);
  await assert.rejects(completeTask(reach, below, task.id), code('ending.other_task'));
  await assert.rejects(completeTask(reach, own, child), code('ending.other_task'));
  const foreign = { ...below, task: task.id };
  await assert.rejects(completeTask(reach, foreign, task.id), code('thing.not_found'));
  await completeTask(reach, own, task.id);
  await assert.rejects(completeTask(reach, own, task.id), code('ending.over'));
});

test('the person who asked, the owner of the agent and an administrator can take a task back', async (t) => {
  const { plane, reach, bot } = await opened(t);
  const carol = await plane.home.join('Carol');
  const hers = await plane.bot('carol-bot', carol);
  const reason = 'wrong order';
  const revoked = async (by: typeof carol, of: Bot) => {
    const { id } = await accepted(plane, of);
    await revokeTask(reach, by.caller, { task: id, reason });
    return findTask(plane.ground, plane.home.tenant, id);
  };
  assert.equal((await revoked(plane.alice, bot))?.state, 'revoked');
  assert.equal((await revoked(carol, hers))?.state, 'revoked');
  assert.equal((await revoked(plane.home.admin, bot))?.endedBecause, reason);
});

test('nobody else takes a task back, nor from next door; theirs and none look the same', async (t) => {
  const { plane, reach, task } = await opened(t);
  const mallory = await plane.home.join('Mallory', { roles: ['approver', 'auditor', 'policy', 'catalog'] });
  const neighbour = await plane.nextDoor();
  const reason = 'because';
  for (const { caller } of [mallory, neighbour.admin]) {
    await assert.rejects(revokeTask(reach, caller, { task: task.id, reason }), code('thing.not_found'));
    const none = revokeTask(reach, caller, { task: plane.ground.newId('task'), reason });
    await assert.rejects(none, code('thing.not_found'));
  }
  assert.equal((await findTask(plane.ground, plane.home.tenant, task.id))?.state, 'active');
});

test('calls on their way under the task or below it are cut and named as in flight; others go on', async (t) => {
  const scene = await opened(t);
  const { plane, reach, bot, task, child } = scene;
  const open = (...of: TaskId[]) => {
    const call = { tenant: plane.home.tenant, tasks: of, entry: plane.ground.newId('entry') };
    return { entry: call.entry, ...reach.live.open(call) };
  };
  const gone = open(task.id);
  gone.close();
  const [own, below, other] = [open(task.id), open(child, task.id), open(plane.ground.newId('task'))];
  for (const call of [own, below, other]) call.lastLook();
  const { inFlight } = await completeTask(reach, await taskCaller(plane, bot, task.id), task.id);
  assert.deepEqual([...inFlight].sort(), [own.entry, below.entry].sort());
  assert.deepEqual(
    [own, below, gone, other].map((call) => call.ended.reason),
    ['task ended', 'task ended', null, null],
  );
  assert.deepEqual((await endings(scene))[0]?.detail.inFlight, inFlight);
  assert.throws(own.lastLook, code('task.ended'));
  assert.throws(open(child, task.id).lastLook, code('task.ended'));
  other.lastLook();
});

test('late-first-byte: while a task is being ended no call under it sends its first byte', async (t) => {
  const scene = await opened(t);
  const { plane, reach, bot, task } = scene;
  const call = reach.live.open({ tenant: plane.home.tenant, tasks: [task.id], entry: plane.ground.newId('entry') });
  const caller = await taskCaller(plane, bot, task.id);
  let looked = false;
  const ground = overtaken(plane.ground, async () => {
    assert.throws(call.lastLook, code('task.ended'));
    looked = true;
  });
  await completeTask({ ...reach, ground }, caller, task.id);
  assert.ok(looked);
});

test('an ending that the store refused lets calls go on', async (t) => {
  const scene = await opened(t);
  const { plane, reach, bot, task } = scene;
  const call = reach.live.open({ tenant: plane.home.tenant, tasks: [task.id], entry: plane.ground.newId('entry') });
  const caller = await taskCaller(plane, bot, task.id);
  const ground = overtaken(plane.ground, () => Promise.reject(new StoreFault('the disk is full')));
  await assert.rejects(completeTask({ ...reach, ground }, caller, task.id), StoreFault);
  call.lastLook();
  assert.equal(call.ended.reason, null);
});

test('an approved call that nobody ran is ended; one that is running is named as in flight and left to its end', async (t) => {
  const scene = await opened(t);
  const { plane, reach, bot, task } = scene;
  const yes = await parkedCall(plane, bot, task, 'approved');
  const running = await parkedCall(plane, bot, task, 'claimed');
  const { inFlight } = await completeTask(reach, await taskCaller(plane, bot, task.id), task.id);
  const state = async (id: ApprovalId) => (await findApproval(plane.ground, plane.home.tenant, id))!;
  assert.equal((await state(yes)).state, 'ended');
  assert.equal((await state(running)).state, 'claimed');
  assert.deepEqual(inFlight, [(await state(running)).entry]);
});

test('who waits for an answer hears at once that the task has ended', async (t) => {
  const scene = await opened(t);
  const { plane, bot, task } = scene;
  const question = await parkedCall(plane, bot, task);
  const bell = createBell();
  const waiting = bell.wait(question, 60_000, new AbortController().signal);
  await completeTask({ ...scene.reach, bell }, await taskCaller(plane, bot, task.id), task.id);
  await waiting;
});

/** A ground whose first unit is overtaken by what `first` does. */
function overtaken(ground: Ground, first: () => Promise<unknown>): Ground {
  let done = false;
  const { database } = ground;
  const commit: typeof database.commit = async (unit) => {
    if (!done) {
      done = true;
      await first();
    }
    return database.commit(unit);
  };
  return { ...ground, database: { ...database, commit } };
}

test('an answer that comes while the task ends does not keep it alive', async (t) => {
  const scene = await opened(t);
  const { plane, reach, bot, task } = scene;
  const { tenant } = plane.home;
  const question = await parkedCall(plane, bot, task);
  const caller = await taskCaller(plane, bot, task.id);
  const ground = overtaken(plane.ground, () => moveTo(plane, question, 'approved'));
  const { ended } = await completeTask({ ...reach, ground }, caller, task.id);
  assert.ok(ended.some((one) => one.id === question));
  assert.equal((await findApproval(plane.ground, tenant, question))?.state, 'ended');
});

test('a delegation that comes while the task ends is ended and listed with it', async (t) => {
  const scene = await opened(t);
  const { plane, reach, bot, lookup, task } = scene;
  const caller = await taskCaller(plane, bot, task.id);
  let late: TaskId | undefined;
  const actor = { agent: lookup.agent.id, agentKey: lookup.key.thumbprint, jkt: lookup.proofKey.thumbprint };
  const ground = overtaken(plane.ground, async () => {
    const wish = { authority: lookUp, purposeText: 'Look up', ttlSeconds: 60 };
    const delegated = await delegateTask(plane.ground, caller, actor, wish);
    await delegated.write();
    late = delegated.task.id;
  });
  const { ended } = await completeTask({ ...reach, ground }, caller, task.id);
  assert.ok(ended.some((one) => one.id === late));
  assert.equal((await findTask(plane.ground, plane.home.tenant, late!))?.state, 'completed');
  assert.equal(new Set(ended.map((one) => one.id)).size, ended.length);
});

test('after the ending has returned nothing can be delegated, and no token issued', async (t) => {
  const { plane, reach, bot, task, tokens } = await opened(t);
  await completeTask(reach, await taskCaller(plane, bot, task.id), task.id);
  await assert.rejects(exchanged(plane, { from: bot, subject: tokens[0]! }), code('task.ended'));
  await assert.rejects(tokenFor(plane, bot, task.id), code('task.ended'));
});

test('two who end the same task at once: one does, and the other hears that it is over or ends nothing', async (t) => {
  const scene = await opened(t);
  const { plane, reach, bot, task } = scene;
  const caller = await taskCaller(plane, bot, task.id);
  const results = await Promise.allSettled([
    completeTask(reach, caller, task.id),
    revokeTask(reach, plane.alice.caller, { task: task.id, reason: 'too late' }),
  ]);
  const lists = results.map((one) => (one.status === 'fulfilled' ? one.value.ended.length : 0));
  assert.equal(lists.filter((length) => length > 0).length, 1);
  assert.equal((await endings(scene)).length, 1);
});

test('all tasks of an agent end in one unit, with an entry in each run', async (t) => {
  const scene = await opened(t);
  const { plane, reach, bot, task, child } = scene;
  const second = await accepted(plane, bot);
  const wish = { agent: bot.agent.id, reason: 'acts oddly' };
  await suspendAgent(plane.ground, plane.alice.caller, wish);
  const { ended } = await endAgentTasks(reach, plane.alice.caller, wish);
  const died = ended.filter((one) => one.kind === 'task').map((one) => one.id);
  assert.deepEqual(died.sort(), [task.id, child, second.id].sort());
  assert.ok(ended.some((one) => one.kind === 'token' && one.of === bot.agent.id));
  const told = await endings(scene);
  assert.deepEqual(told.map((one) => one.run).sort(), [task.id, second.id].sort());
  const mallory = await plane.home.join('Mallory');
  await assert.rejects(endAgentTasks(reach, mallory.caller, wish), code('agent.not_owner'));
});

test('a task whose time came is written down as expired, with what hung on it, once', async (t) => {
  const scene = await opened(t);
  const { plane, reach, bot, task, child } = scene;
  const question = await parkedCall(plane, bot, task);
  const sweep = () => sweepTasks(plane.ground, reach.live, plane.home.tenant);
  assert.equal(await sweep(), 0);
  plane.ground.clock.advance(3_600_000);
  assert.ok((await sweep()) > 0);
  assert.equal(await sweep(), 0);
  const [told, ...more] = await endings(scene);
  assert.equal(more.length, 0);
  assert.equal(told?.code, 'expired');
  assert.equal(told?.who.initiator, 'plane');
  const ids = (told!.detail.ended as { id: string }[]).map((one) => one.id);
  assert.deepEqual(ids.sort(), [task.id, child, question].sort());
});

test('many tasks whose time came are written down together, with an entry for each', async (t) => {
  const { plane, reach, bot, task } = await opened(t);
  const subject = await tokenFor(plane, bot, task.id);
  const helpers = await Promise.all(Array.from({ length: 7 }, (_, i) => plane.bot(`helper-${i}`)));
  const handedOn: TaskId[] = [];
  for (const to of helpers.flatMap((one) => Array(9).fill(one) as Bot[])) {
    const answer = await exchanged(plane, { from: bot, subject, to, more: { ambit_ttl_seconds: '60' } });
    handedOn.push((answer as { mission_id?: TaskId }).mission_id!);
  }
  plane.ground.clock.advance(60_000);
  let units = 0;
  const { database } = plane.ground;
  const commit: typeof database.commit = (unit) => {
    units++;
    return database.commit(unit);
  };
  const swept = await sweepTasks({ ...plane.ground, database: { ...database, commit } }, reach.live, plane.home.tenant);
  assert.equal(swept, handedOn.length);
  assert.equal(units, 2);
  const told = await endings({ plane });
  assert.deepEqual(told.map((one) => one.task).sort(), [...handedOn].sort());
  for (const one of told) assert.deepEqual(one.detail.ended, [{ kind: 'task', id: one.task, of: one.who.agent }]);
  assert.equal((await findTask(plane.ground, plane.home.tenant, task.id))?.state, 'active');
});

test('a task that outlived the one above it through a crash is swept', async (t) => {
  const { plane, reach, task, child } = await opened(t);
  const { ground, home } = plane;
  const changes = [update(tasks, { id: task.id }, { state: 'revoked', epoch: task.epoch + 1 })];
  const entries = [entry({ id: ground.newId('entry'), kind: 'task.ended', who: planeItself })];
  await ground.database.commit({ tenant: home.tenant, changes, entries });
  assert.equal(await sweepTasks(ground, reach.live, home.tenant), 1);
  assert.equal((await findTask(ground, home.tenant, child))?.state, 'revoked');
});
