import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { TaskId } from '@ambit/protocol';
import { createBell, findApproval } from '../approvals/index.ts';
import { Refusal } from '../foundation/index.ts';
import { disablePerson, linkAgentUser, reassignAgent, retireAgent, suspendAgent } from '../identity/index.ts';
import type { Member } from '../identity/testing.ts';
import { acceptTask, findTask, openTask, type Task } from '../tasks/index.ts';
import { findToken, isAlive } from '../tokens/index.ts';
import {
  accepted,
  agentCaller,
  type Bot,
  claimsIn,
  closeShared,
  exchanged,
  openPlane,
  orders,
  type TestPlane,
  tokenFor,
} from '../tokens/testing.ts';
import { createLive, endAgentTasks, endPerson, endToken, listOrphans, type Reach, sweepTasks } from './index.ts';
import { parkedCall } from './testing.ts';

after(closeShared);

type Scene = { plane: TestPlane; reach: Reach & { ground: TestPlane['ground'] }; bot: Bot; lookup: Bot; task: Task };

async function opened(t: TestContext): Promise<Scene> {
  const plane = await openPlane();
  t.after(plane.close);
  const bot = await plane.bot('refund-bot');
  const lookup = await plane.bot('lookup-bot');
  const task = await accepted(plane, bot);
  return {
    plane,
    reach: { ground: plane.ground, live: createLive(plane.ground), bell: createBell() },
    bot,
    lookup,
    task,
  };
}

const idOf = (text: string) => claimsIn(text).jti as Parameters<typeof isAlive>[2];

async function delegated({ plane, bot, lookup }: Scene, subject: string) {
  const answer = (await exchanged(plane, { from: bot, subject, to: lookup })) as {
    readonly mission_id: TaskId;
    readonly access_token: string;
  };
  return { task: answer.mission_id, token: answer.access_token };
}

async function askedBy(plane: TestPlane, person: Member, bot: Bot): Promise<Task> {
  const purpose = { type: 'support', text: 'Order 1043 came late' };
  const wish = { agent: bot.agent.id, purpose, ttlSeconds: 3600, authority: orders };
  const task = await openTask(plane.ground, person.caller, wish, { taskTtlSecondsMax: 86_400 });
  return acceptTask(plane.ground, await agentCaller(plane, bot), task.id);
}

async function told({ plane }: Scene, kind: string) {
  const { log } = plane.ground.database;
  const entries = await log.entries(plane.home.tenant, { kind, limit: 100 });
  return entries.map((one) => ({ ...one.header, detail: log.open(one)?.detail as Record<string, unknown> }));
}

const stateOf = async ({ plane }: Scene, id: TaskId) => (await findTask(plane.ground, plane.home.tenant, id))?.state;

async function ends(scene: Scene, text: string) {
  const { plane, reach } = scene;
  const token = (await findToken(plane.ground, plane.home.tenant, idOf(text)))!;
  return endToken(reach, plane.home.tenant, { token, who: plane.home.admin.caller.who, reason: 'seen in a paste' });
}

test('a revoked token takes with it what came from it, the sub-tasks made with it and their parked calls; its own task and another token of it go on', async (t) => {
  const scene = await opened(t);
  const { plane, bot, lookup, task } = scene;
  const subject = await tokenFor(plane, bot, task.id);
  const other = await tokenFor(plane, bot, task.id);
  const child = await delegated(scene, subject);
  const spared = await delegated(scene, other);
  // The sub-agent got one more token for its task by itself: nothing but the task links it to the revoked one.
  const own = await tokenFor(plane, lookup, child.task);
  const under = (await findTask(plane.ground, plane.home.tenant, child.task))!;
  const question = await parkedCall(plane, lookup, under);
  const ending = await ends(scene, subject);
  assert.deepEqual(
    ending.ended.map(({ kind, id }) => `${kind} ${id}`).sort(),
    [
      `approval ${question}`,
      `task ${child.task}`,
      `token ${idOf(child.token)}`,
      `token ${idOf(own)}`,
      `token ${idOf(subject)}`,
    ].sort(),
  );
  const alive = (text: string) => isAlive(plane.ground, plane.home.tenant, idOf(text));
  assert.deepEqual(await Promise.all([subject, child.token, own, other, spared.token].map(alive)), [
    false,
    false,
    false,
    true,
    true,
  ]);
  assert.deepEqual(
    [await stateOf(scene, task.id), await stateOf(scene, child.task), await stateOf(scene, spared.task)],
    ['active', 'revoked', 'active'],
  );
  assert.equal((await findApproval(plane.ground, plane.home.tenant, question))?.state, 'ended');
  const [list, ...more] = await told(scene, 'token.revoked');
  assert.equal(more.length, 0);
  assert.deepEqual(list?.detail.ended, ending.ended);
  assert.equal(list?.detail.milliseconds, ending.milliseconds);
  assert.equal(list?.task, task.id);
});

test('a sub-task whose own first token was forgotten still ends with the token that it was delegated with', async (t) => {
  const scene = await opened(t);
  const subject = await tokenFor(scene.plane, scene.bot, scene.task.id);
  const child = await delegated(scene, subject);
  await ends(scene, child.token);
  assert.equal(await stateOf(scene, child.task), 'active', 'a token of the sub-task made no task itself');
  await ends(scene, subject);
  assert.equal(await stateOf(scene, child.task), 'revoked');
});

test('a token that is revoked while it is exchanged makes no task that outlives it', async (t) => {
  const scene = await opened(t);
  const { plane } = scene;
  const subject = await tokenFor(plane, scene.bot, scene.task.id);
  const [made] = await Promise.allSettled([delegated(scene, subject), ends(scene, subject)]);
  if (made?.status === 'fulfilled') assert.equal(await stateOf(scene, made.value.task), 'revoked');
  else assert.ok(made?.reason instanceof Refusal);
  await assert.rejects(delegated(scene, subject), (error: unknown) => error instanceof Refusal);
  const open = await plane.ground.database.log.entries(plane.home.tenant, { kind: 'task.delegated', limit: 10 });
  for (const { header } of open) assert.equal(await stateOf(scene, header.task!), 'revoked');
});

test('a suspended agent loses the tokens that are for no task too, and they stay dead when it resumes', async (t) => {
  const scene = await opened(t);
  const { plane, reach, bot } = scene;
  const free = await tokenFor(plane, bot);
  const wish = { agent: bot.agent.id, reason: 'acts oddly' };
  await suspendAgent(plane.ground, plane.alice.caller, wish);
  const ending = await endAgentTasks(reach, plane.alice.caller, wish);
  assert.ok(ending.ended.some(({ id }) => id === idOf(free)));
  assert.equal((await findToken(plane.ground, plane.home.tenant, idOf(free)))?.state, 'revoked');
  const [list, ...more] = await told(scene, 'agent.ended');
  assert.equal(more.length, 0);
  assert.deepEqual(list?.detail.ended, ending.ended);
  assert.equal(list?.code, 'suspended');
});

test('a retired agent lists the user-shaped records of it that are left elsewhere, and they are shown as orphans', async (t) => {
  const scene = await opened(t);
  const { plane, reach, bot } = scene;
  const record = { agent: bot.agent.id, api: 'crm', externalId: 'bot-17', label: 'Refund bot' };
  const { user } = await linkAgentUser(plane.ground, plane.alice.caller, record);
  assert.deepEqual((await listOrphans(plane.ground, plane.home.tenant)).agentUsers, []);
  const wish = { agent: bot.agent.id, reason: 'replaced' };
  await retireAgent(plane.ground, plane.alice.caller, wish);
  const { left } = await endAgentTasks(reach, plane.alice.caller, wish);
  const shown = { id: user.id, api: 'crm', externalId: 'bot-17' };
  assert.deepEqual(left, [{ kind: 'agent-user', of: bot.agent.id, ...shown }]);
  const { agentUsers } = await listOrphans(plane.ground, plane.home.tenant);
  assert.deepEqual(agentUsers, [{ ...shown, agent: bot.agent.id, because: 'its agent is retired' }]);
});

async function disabled({ plane, reach }: Scene, { person }: Member) {
  const wish = { person: person.id, reason: 'left' };
  await disablePerson(plane.ground, plane.home.admin.caller, wish);
  return endPerson(reach, plane.home.admin.caller, wish);
}

test('a disabled requester takes the tasks they asked for, the sub-tasks, the tokens and the parked calls with them', async (t) => {
  const scene = await opened(t);
  const { plane } = scene;
  const dana = await plane.home.join('Dana', { delegable: orders });
  // Alice owns the agents; Dana asks.
  const asked = await askedBy(plane, dana, scene.bot);
  const token = await tokenFor(plane, scene.bot, asked.id);
  const child = await delegated(scene, token);
  const question = await parkedCall(plane, scene.bot, asked);
  const ending = await disabled(scene, dana);
  assert.deepEqual(
    ending.ended.map(({ kind, id }) => `${kind} ${id}`).sort(),
    [
      `approval ${question}`,
      `task ${asked.id}`,
      `task ${child.task}`,
      `token ${idOf(child.token)}`,
      `token ${idOf(token)}`,
    ].sort(),
  );
  assert.deepEqual(ending.left, [], 'she owned no agent');
  assert.equal(await stateOf(scene, scene.task.id), 'active', 'what Alice asked for goes on');
  const [list, ...more] = await told(scene, 'person.ended');
  assert.equal(more.length, 0);
  assert.deepEqual(list?.detail.ended, ending.ended);
  assert.equal(typeof list?.detail.milliseconds, 'number');
  assert.ok(list?.keys.includes(`ambit:person/${dana.person.id}`));
});

test('a disabled owner leaves agents behind: what they did has ended, and they are shown until somebody takes them', async (t) => {
  const scene = await opened(t);
  const { plane, bot, task } = scene;
  const free = await tokenFor(plane, bot);
  const ending = await disabled(scene, plane.alice);
  assert.ok(ending.ended.some(({ id }) => id === task.id));
  assert.ok(ending.ended.some(({ id }) => id === idOf(free)));
  assert.deepEqual(ending.left.map(({ id }) => id).sort(), [bot.agent.id, scene.lookup.agent.id].sort());
  const { tenant } = plane.home;
  const before = await listOrphans(plane.ground, tenant);
  assert.deepEqual(
    before.agents.map(({ because }) => because),
    ['its owner is disabled', 'its owner is disabled'],
  );
  const dana = await plane.home.join('Dana');
  const { admin } = plane.home;
  const wish = { agent: bot.agent.id, owner: dana.person.id, reason: 'takes over' };
  assert.equal((await reassignAgent(plane.ground, admin.caller, wish)).agent.owner, dana.person.id);
  assert.deepEqual(
    (await listOrphans(plane.ground, tenant)).agents.map(({ id }) => id),
    [scene.lookup.agent.id],
  );
  const toNobody = reassignAgent(plane.ground, admin.caller, { ...wish, owner: plane.alice.person.id });
  await assert.rejects(toNobody, (error: unknown) => error instanceof Refusal && error.code === 'person.not_active');
  const neighbour = await plane.nextDoor();
  await assert.rejects(
    reassignAgent(plane.ground, neighbour.admin.caller, { ...wish, owner: neighbour.admin.person.id }),
    (error: unknown) => error instanceof Refusal && error.code === 'thing.not_found',
  );
});

test('where the plane died between disabling a person and ending what they asked for, upkeep ends it', async (t) => {
  const scene = await opened(t);
  const { plane, reach, task } = scene;
  const { tenant } = plane.home;
  await disablePerson(plane.ground, plane.home.admin.caller, { person: plane.alice.person.id, reason: 'left' });
  const orphan = { id: task.id, agent: scene.bot.agent.id, because: 'the owner of its agent is disabled' };
  assert.deepEqual((await listOrphans(plane.ground, tenant)).tasks, [orphan]);
  assert.equal(await sweepTasks(plane.ground, reach.live, tenant), 1);
  assert.equal(await stateOf(scene, task.id), 'revoked');
  assert.deepEqual((await listOrphans(plane.ground, tenant)).tasks, []);
  assert.equal((await told(scene, 'task.ended'))[0]?.detail.because, orphan.because);
});
