// refund-bot opens a task unasked: only within what its owner has signed, in its own name, and only as long as that stands.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Authority, TaskId } from '@ambit/protocol';
import type { StandingGrant } from '@ambit/sdk/operator';
import { refused } from '../attacks/witness.ts';
import { type House, only, openHouse, order } from '../house.ts';
import { exchangeForm, type RawAgent, rawAgent, tokenOf } from '../raw-agent.ts';

let house: House;
let agent: RawAgent;
let grant: StandingGrant;
before(async () => {
  house = await openHouse();
  agent = await rawAgent(house, house.refundBot);
});
after(() => house.close());

const reads: Authority = [only('shop:shipping.get', 'path.orderId', order)];
const shipping = `/api/shop/orders/${order}/shipping`;

async function open(authority: Authority = reads, ttlSeconds = 60, by = agent): Promise<Response> {
  const purpose = { type: 'support', text: 'Look after the parcel.' };
  return by.api(await by.agentToken(), 'POST', '/v1/agent/tasks', { purpose, ttlSeconds, authority });
}

async function opened(): Promise<TaskId> {
  const response = await open();
  assert.equal(response.status, 201, await response.clone().text());
  return ((await response.json()) as { id: TaskId }).id;
}

test('without a standing grant an agent opens nothing', async () => {
  await refused(await open(), 'task.no_standing_grant');
});

test('nobody but the owner signs what the agent may do unasked', async () => {
  const wish = {
    agent: house.refundBot.id,
    authority: reads,
    liveTasksMax: 2,
    taskSecondsMax: 60,
    expiresAt: Date.now() + 600_000,
  };
  for (const { operator } of [house.bob, house.carol]) await assert.rejects(operator.standingGrants.sign(wish));
  grant = await house.alice.operator.standingGrants.sign(wish);
  assert.equal(grant.state, 'active');
});

test('the agent itself is the requester, in the task, in its token and in the log', async () => {
  const task = await opened();
  const token = await agent.accept(task);
  assert.equal((await agent.call(token, 'GET', shipping)).status, 200);
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sub: string };
  assert.equal(claims.sub, house.refundBot.id);
  const run = await house.carol.operator.runs.show(task);
  assert.equal(run.requester, null, 'no person is named who did not ask');
  await agent.api(token, 'POST', `/v1/agent/tasks/${task}/complete`);
});

test('a person’s name in the request is refused, not believed', async () => {
  const body = { purpose: { type: 'support', text: 'x' }, ttlSeconds: 60, authority: reads, requester: house.alice.id };
  const response = await agent.api(await agent.agentToken(), 'POST', '/v1/agent/tasks', body);
  assert.equal(response.status, 400);
});

test('more than was signed is refused: another order, another action, no bounds, too long', async () => {
  const wider: Authority[] = [
    [only('shop:shipping.get', 'path.orderId', '1043')],
    [only('shop:orders.get', 'path.orderId', order)],
    [{ type: 'ambit_grant', actions: ['shop:shipping.get'] }],
  ];
  for (const authority of wider) await refused(await open(authority), 'task.beyond_standing_grant');
  const long = await open(reads, 3600);
  assert.ok(long.status >= 400 || endOf(await long.json()) <= Date.now() + 61_000, 'it ends when the grant says');
});

test('another agent of the same owner has no share in it', async () => {
  const lookup = await rawAgent(house, house.lookupBot);
  await refused(await open(reads, 60, lookup), 'task.no_standing_grant');
});

test('only so many at once, also when they are asked for at the same moment', async () => {
  await endAll();
  const all = await Promise.all([open(), open(), open(), open()]);
  const made = all.filter(({ status }) => status === 201).length;
  assert.equal(made, 2);
  for (const one of all.filter(({ status }) => status !== 201)) await refused(one, 'task.too_many_live');
  await endAll();
});

test('the answer of a person is not asked for in nobody’s name: an own task delegates like any other', async () => {
  const token = await agent.accept(await opened());
  const lookup = await rawAgent(house, house.lookupBot);
  const child = await tokenOf(await agent.tokenRequest(exchangeForm(token, await lookup.actorToken(), reads)));
  assert.equal((await lookup.call(child, 'GET', shipping)).status, 200);
  await endAll();
});

test('when the grant is taken back, tasks opened under it stop at once', async () => {
  const token = await agent.accept(await opened());
  assert.equal((await agent.call(token, 'GET', shipping)).status, 200);
  const seen = house.shop.requests().length;
  await house.alice.operator.standingGrants.revoke(grant.id);
  const stopped = await agent.call(token, 'GET', shipping);
  assert.ok(stopped.status === 401 || stopped.status === 403, await stopped.text());
  await refused(await open(), 'task.no_standing_grant');
  assert.equal(house.shop.requests().length, seen);
});

const endOf = (task: unknown): number => (task as { expiresAt?: number }).expiresAt ?? Number.POSITIVE_INFINITY;

async function endAll(): Promise<void> {
  await house.alice.operator.agents.endTasks(house.refundBot.id, 'Between two stories.');
}
