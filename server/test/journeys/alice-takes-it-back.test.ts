// Alice takes back what she gave: a task, her agent, and at last Ada takes back Alice herself. Everything under it is dead at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AmbitRefusal } from '@ambit/sdk/operator';
import { asked, atWork, poll, type Working } from '../attacks/questions.ts';
import { refund, refused } from '../attacks/witness.ts';
import { type House, only, openHouse, order } from '../house.ts';
import { exchangeForm, type RawAgent, rawAgent, tokenOf } from '../raw-agent.ts';

let house: House;
let lookup: RawAgent;
before(async () => {
  house = await openHouse();
  lookup = await rawAgent(house, house.lookupBot);
});
after(() => house.close());

const shipping = `/api/shop/orders/${order}/shipping`;

/** A task at work with everything that can hang on one: a second token, a sub-task with its token, an open question. */
async function wholeTree() {
  const working = await atWork(house);
  const less = [only('shop:shipping.get', 'path.orderId', order)];
  const form = exchangeForm(working.token, await lookup.actorToken(), less);
  const child = await tokenOf(await working.agent.tokenRequest(form));
  assert.equal((await lookup.call(child, 'GET', shipping)).status, 200);
  return { ...working, child, waiting: await asked(house, working) };
}

type Tree = Awaited<ReturnType<typeof wholeTree>>;

async function assertDead({ agent, token, child, waiting, task }: Tree, code: Parameters<typeof refused>[1]) {
  const shopSaw = house.shop.requests().length;
  await refused(await agent.call(token, 'GET', `/api/shop/orders/${order}`), code);
  await refused(await lookup.call(child, 'GET', shipping), code);
  await refused(await poll(waiting, 0), code);
  const again = await agent.tokenRequest({
    grant_type: 'client_credentials',
    authorization_details: JSON.stringify([{ type: 'ambit_task', identifier: task }]),
  });
  assert.ok(again.status === 400 || again.status === 401, await again.text());
  assert.equal(house.shop.requests().length, shopSaw, 'nothing reached the shop');
}

test('a revoked task takes its tokens, its sub-task and its open question with it, in one entry', async () => {
  const tree = await wholeTree();
  const ending = await house.alice.operator.tasks.revoke(tree.task, 'The customer called: it is settled.');
  const kinds = ending.ended.map((one) => one.kind).toSorted();
  assert.deepEqual(kinds, ['approval', 'task', 'task', 'token', 'token']);
  assert.ok(ending.milliseconds < 1000);
  await assertDead(tree, 'task.ended');
  assert.equal((await house.bob.operator.approvals.show(tree.waiting.question.id)).state, 'ended');
});

test('Bob’s yes comes too late for a task that was taken back', async () => {
  const tree = await wholeTree();
  await house.alice.operator.tasks.revoke(tree.task, 'Never mind.');
  const refunds = house.shop.ledger().length;
  await assert.rejects(house.bob.operator.approvals.answer(tree.waiting.question, 'yes'), { code: 'approval.over' });
  assert.equal(house.shop.ledger().length, refunds);
});

test('nobody takes back what is none of theirs', async () => {
  const { task, agent, token } = await atWork(house);
  for (const stranger of [house.bob, house.carol]) {
    await assert.rejects(stranger.operator.tasks.revoke(task, 'I think so.'));
  }
  assert.equal((await agent.call(token, 'GET', `/api/shop/orders/${order}`)).status, 200);
});

test('a suspended agent takes every task it has with it; resumed, it starts anew and finds nothing of before', async () => {
  const tree = await wholeTree();
  const { agents } = house.alice.operator;
  await agents.suspend(house.refundBot.id, 'It behaves oddly.');
  await assertDead(tree, 'task.ended');
  await assert.rejects(house.openTask(), { code: 'task.agent_not_active' });
  const login = await tree.agent.tokenRequest({ grant_type: 'client_credentials' });
  assert.equal(login.status >= 400, true, 'it cannot even log in');
  await agents.resume(house.refundBot.id, 'It was a false alarm.');
  await assertDead(tree, 'task.ended');
  const { agent, token } = await atWork(house);
  assert.equal((await agent.call(token, 'GET', `/api/shop/orders/${order}`)).status, 200);
});

test('a suspended sub-agent stops what it does itself and nothing above it', async () => {
  const tree = await wholeTree();
  await house.alice.operator.agents.suspend(house.lookupBot.id, 'Maintenance.');
  await refused(await lookup.call(tree.child, 'GET', shipping), 'task.ended');
  assert.equal((await tree.agent.call(tree.token, 'GET', `/api/shop/orders/${order}`)).status, 200);
  await house.alice.operator.agents.resume(house.lookupBot.id, 'Back again.');
});

test('all tasks of an agent end at once where its owner says so', async () => {
  const all: Working[] = [await atWork(house), await atWork(house)];
  const ending = await house.alice.operator.agents.endTasks(house.refundBot.id, 'Start over.');
  for (const { agent, token, task } of all) {
    assert.ok(ending.ended.some((one) => one.id === task));
    await refused(await agent.call(token, 'GET', `/api/shop/orders/${order}`), 'task.ended');
  }
});

test('when Alice is disabled, everything she asked for and every agent she owns stands still', async () => {
  const tree = await wholeTree();
  const { ending } = await house.ada.operator.persons.disable(house.alice.id, 'Left the company.');
  const shopSaw = house.shop.requests().length;
  for (const response of [
    await tree.agent.call(tree.token, 'GET', `/api/shop/orders/${order}`),
    await lookup.call(tree.child, 'GET', shipping),
    await refund(tree.agent, tree.token, '10.00'),
  ]) {
    assert.ok(response.status === 401 || response.status === 403, `${response.status} ${await response.text()}`);
  }
  assert.equal((await tree.agent.tokenRequest({ grant_type: 'client_credentials' })).status >= 400, true);
  await assert.rejects(house.alice.operator.tasks.list());
  assert.ok(ending.ended.some(({ id }) => id === tree.waiting.question.id));
  await assert.rejects(
    house.bob.operator.approvals.answer(tree.waiting.question, 'yes'),
    (error: unknown) => error instanceof AmbitRefusal && error.code === 'approval.over',
  );
  assert.equal(house.shop.requests().length, shopSaw, 'nothing reached the shop');
});
