// The agent opens a task by itself, writes Alice under it as the one who asked, and words its own purpose.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TaskId } from '@ambit/protocol';
import { type House, only, openHouse, order, registerBot } from '../house.ts';
import { exchangeForm, rawAgent } from '../raw-agent.ts';
import { refund, refundsUpTo, refused, stepsOf } from './witness.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const reading = [only('shop:orders.get', 'path.orderId', order)];
const purpose = { type: 'support', text: 'Alice told me to.' };
const wish = { purpose, ttlSeconds: 600, authority: reading };
type Opened = {
  readonly id: TaskId;
  readonly requester: string | null;
  readonly state: string;
  readonly expiresAt: number;
};

async function stranger() {
  const bot = await registerBot(house.alice, `bot-${crypto.randomUUID().slice(0, 8)}`);
  const agent = await rawAgent(house, bot);
  return { bot, agent, token: await agent.agentToken() };
}

const signed = (agent: House['refundBot']['id'], more: { taskSecondsMax?: number; liveTasksMax?: number } = {}) =>
  house.alice.operator.standingGrants.sign({
    agent,
    authority: reading,
    liveTasksMax: 2,
    taskSecondsMax: 60,
    expiresAt: Date.now() + 3_600_000,
    ...more,
  });

test('without a grant that its owner signed an agent opens nothing', async () => {
  const { agent, token } = await stranger();
  const told = await refused(await agent.api(token, 'POST', '/v1/agent/tasks', wish), 'task.no_standing_grant');
  assert.match(told.detail, /Ask a person to open the task, or the owner to sign/);
});

for (const member of ['requester', 'agent', 'origin', 'state', 'acceptedJkt', 'parent', 'template']) {
  test(`whoever writes ${member} into the wish is told that there is no such part`, async () => {
    const { bot, agent, token } = await stranger();
    await signed(bot.id);
    const forged = { ...wish, [member]: house.alice.id };
    const told = await refused(await agent.api(token, 'POST', '/v1/agent/tasks', forged), 'request.malformed');
    assert.match(told.detail, new RegExp(member));
    const none = (await (await agent.api(await agent.agentToken(), 'GET', '/v1/agent/tasks')).json()) as { tasks: [] };
    assert.deepEqual(none.tasks, []);
  });
}

test('a task under a standing grant names nobody, lives no longer than was signed, and its calls say who asked', async () => {
  const { bot, agent, token } = await stranger();
  await signed(bot.id);
  const before = Date.now();
  const opened = (await (await agent.api(token, 'POST', '/v1/agent/tasks', wish)).json()) as Opened;
  assert.equal(opened.requester, null);
  assert.equal(opened.state, 'approved');
  assert.ok(opened.expiresAt <= before + 61_000, 'the task outlives what the owner signed');
  const taskToken = await agent.accept(opened.id);
  assert.equal((await agent.call(taskToken, 'GET', `/api/shop/orders/${order}`)).status, 200);
  const steps = await stepsOf(house, opened.id);
  const call = steps.find((step) => step.decided === 'permit');
  assert.equal(call?.who.requester, null);
  assert.equal(call?.who.agent, bot.id);
  await refused(await refund(agent, taskToken, '1.00'), 'authority.not_covered');
});

test('more than was signed, another agent’s task, and one task too many are refused', async () => {
  const { bot, agent, token } = await stranger();
  await signed(bot.id);
  const open = async (body: unknown) => agent.api(token, 'POST', '/v1/agent/tasks', body);
  await refused(await open({ ...wish, authority: refundsUpTo('10.00') }), 'task.beyond_standing_grant');
  const others = await Promise.all([1, 2, 3, 4, 5].map(() => open(wish)));
  assert.equal(others.filter((one) => one.status === 201).length, 2);
  for (const one of others.filter((each) => each.status !== 201)) await refused(one, 'task.too_many_live');
});

test('before somebody accepted it there is no token of a task, and no task of a person for the asking', async () => {
  const { agent } = await stranger();
  const { bot: helper } = await stranger();
  const task = await house.openTask({ agent: helper.id });
  await assert.rejects(agent.taskToken(task), /grant\.task_unknown/);
  const own = await rawAgent(house, helper);
  await assert.rejects(own.taskToken(task), /grant\.task_not_accepted/);
});

test('an agent’s credentials are worth nothing where people open tasks', async () => {
  const { agent, token } = await stranger();
  const url = `${house.plane.people}/v1/tasks`;
  const body = JSON.stringify({ agent: agent.bot.id, ...wish });
  const headers = {
    authorization: `DPoP ${token}`,
    dpop: await agent.proof('POST', url, { token, body }),
    'content-type': 'application/json',
  };
  const response = await fetch(url, { method: 'POST', headers, body });
  assert.equal(response.status, 401);
  const told = (await response.json()) as { detail: string };
  assert.match(told.detail, /session/i);
});

test('what was opened under a standing grant dies with it, and no part of it lives on in other hands', async () => {
  const { bot, agent, token } = await stranger();
  const grant = await signed(bot.id);
  const opened = (await (await agent.api(token, 'POST', '/v1/agent/tasks', wish)).json()) as Opened;
  const taskToken = await agent.accept(opened.id);
  const helper = await rawAgent(house, house.lookupBot);
  const handed = await agent.tokenRequest(exchangeForm(taskToken, await helper.actorToken(), reading));
  const child = ((await handed.json()) as { access_token: string }).access_token;
  await house.alice.operator.standingGrants.revoke(grant.id);
  const seen = house.shop.requests().length;
  for (const response of [
    await agent.call(taskToken, 'GET', `/api/shop/orders/${order}`),
    await helper.call(child, 'GET', `/api/shop/orders/${order}`),
  ])
    assert.match((await refused(response, 'authority.beyond_standing_grant')).detail, /[Aa]sk/);
  assert.equal(house.shop.requests().length, seen);
  await refused(await agent.api(await agent.agentToken(), 'POST', '/v1/agent/tasks', wish), 'task.no_standing_grant');
});
