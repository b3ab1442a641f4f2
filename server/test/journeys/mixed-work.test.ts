// refund-bot works for Alice, and in between for itself: one run, two tasks, and every token, decision and line says which.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Authority, TaskId } from '@ambit/protocol';
import { type Agent, AmbitRefusal, connect, type Task } from '@ambit/sdk';
import { decodeJwt } from 'jose';
import { refused, stepsOf } from '../attacks/witness.ts';
import { type House, only, openHouse, order } from '../house.ts';
import { rawAgent } from '../raw-agent.ts';

let house: House;
let agent: Agent;
before(async () => {
  house = await openHouse();
  const { id, key } = house.refundBot;
  agent = await connect({ url: house.plane.agents, agent: id, key });
  await house.alice.operator.standingGrants.sign({
    agent: id,
    authority: shipping,
    liveTasksMax: 5,
    taskSecondsMax: 300,
    expiresAt: Date.now() + 600_000,
  });
});
after(() => house.close());

const shipping: Authority = [only('shop:shipping.get', 'path.orderId', order)];
const orders: Authority = [only('shop:orders.get', 'path.orderId', order)];
const shippingPath = `/api/shop/orders/${order}/shipping`;
const orderPath = `/api/shop/orders/${order}`;
const denied = (code: string) => (error: unknown) => error instanceof AmbitRefusal && error.code === code;

async function mixed(ttlSeconds = 200): Promise<{ forAlice: Task; itself: Task }> {
  const forAlice = await agent.accept(await house.openTask({ authority: orders, ttlSeconds }));
  const purpose = { type: 'support', text: 'Look after the parcel.' };
  const itself = await agent.openTask({ purpose, authority: shipping, ttlSeconds: 300, beside: forAlice.id });
  return { forAlice, itself };
}

test('in one step it acts on behalf of Alice, in the next by itself: token, decision and log each say which', async () => {
  const { forAlice, itself } = await mixed();
  assert.equal((await forAlice.fetch(orderPath)).status, 200);
  assert.equal((await itself.fetch(shippingPath)).status, 200);
  const [hers, own] = [decodeJwt(await forAlice.accessToken()), decodeJwt(await itself.accessToken())];
  assert.deepEqual([hers.sub, own.sub], [house.alice.id, house.refundBot.id]);
  assert.deepEqual([hers.txn, own.txn], [forAlice.id, forAlice.id], 'it is one run');
  assert.equal((own.act as { act?: unknown }).act, undefined);
  const steps = await stepsOf(house, forAlice.id);
  const said = steps
    .filter(({ decided, action }) => decided === 'permit' && action !== null)
    .map(({ action, who }) => [action, who.capacity, who.requester]);
  assert.deepEqual(said, [
    ['shop:orders.get', 'on-behalf', house.alice.id],
    ['shop:shipping.get', 'own', null],
  ]);
  const { tasks } = await house.carol.operator.runs.show(forAlice.id);
  const all = [...tasks, ...tasks.flatMap((one) => one.tasks)];
  assert.deepEqual(
    all.map(({ task, requester }) => [task, requester]),
    [
      [forAlice.id, house.alice.id],
      [itself.id, null],
    ],
  );
});

test('neither capacity lends the other anything', async () => {
  const { forAlice, itself } = await mixed();
  await assert.rejects(forAlice.fetch(shippingPath), denied('authority.not_covered'));
  await assert.rejects(itself.fetch(orderPath), denied('authority.not_covered'));
  await assert.rejects(
    itself.elevate({ authority: orders, reason: 'As for Alice.', ttlSeconds: 60 }),
    denied('elevation.beyond_standing_grant'),
  );
});

test('what it does by itself ends no later than the task it stands beside', async () => {
  const { forAlice, itself } = await mixed(30);
  const [hers, own] = [await forAlice.show(), await itself.show()];
  assert.ok(own.expiresAt <= hers.expiresAt);
  assert.deepEqual([own.root, own.parent, own.requester], [forAlice.id, null, null]);
});

test('it stands beside its own live task only: not another agent’s, not another key’s, not one that is over', async () => {
  const wish = (beside: TaskId) => ({
    purpose: { type: 'support', text: 'By itself.' },
    authority: shipping,
    ttlSeconds: 60,
    beside,
  });
  const theirs = await rawAgent(house, house.lookupBot);
  const foreign = await house.openTask({ authority: orders, agent: house.lookupBot.id });
  await theirs.accept(foreign);
  await assert.rejects(agent.openTask(wish(foreign)), denied('thing.not_found'));
  const { forAlice } = await mixed();
  const copy = await rawAgent(house, house.refundBot);
  const opening = copy.api(await copy.agentToken(), 'POST', '/v1/agent/tasks', wish(forAlice.id));
  await refused(await opening, 'thing.not_found');
  await house.alice.operator.tasks.revoke(forAlice.id, 'Enough.');
  await assert.rejects(agent.openTask(wish(forAlice.id)), denied('task.ended'));
});
