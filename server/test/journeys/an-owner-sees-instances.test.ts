import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bot, type House, only, openHouse, order } from '../house.ts';
import { exchangeForm, rawAgent, tokenOf } from '../raw-agent.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const instancesOf = async (bot: Bot) => (await house.alice.operator.agents.show(bot.id)).instances;

test('an agent that never came has no instance, and each key that took a token is one', async () => {
  assert.deepEqual(await instancesOf(house.refundBot), []);
  const [one, two] = [await rawAgent(house, house.refundBot), await rawAgent(house, house.refundBot)];
  await one.agentToken();
  await two.agentToken();
  const jkts = (await instancesOf(house.refundBot)).map(({ jkt }) => jkt);
  assert.deepEqual(jkts.toSorted(), [one.jkt, two.jkt].toSorted());
});

test('it is seen again when it accepts a task, and not for each call or within five seconds', async () => {
  const agent = await rawAgent(house, house.refundBot);
  const seen = async () => (await instancesOf(house.refundBot)).find(({ jkt }) => jkt === agent.jkt);
  const token = await agent.agentToken();
  const first = await seen();
  await agent.agentToken();
  assert.deepEqual(await seen(), first);
  const task = await house.openTask();
  await sleep(5100);
  assert.equal((await agent.api(token, 'POST', `/v1/agent/tasks/${task}/accept`)).status, 200);
  const again = await seen();
  assert.ok(first && again && again.lastSeenAt > first.lastSeenAt);
  assert.equal(again.firstSeenAt, first.firstSeenAt);
  const ofTask = await agent.taskToken(task);
  const before = await seen();
  await sleep(5);
  assert.equal((await agent.call(ofTask, 'GET', `/api/shop/orders/${order}`)).status, 200);
  assert.deepEqual(await seen(), before);
});

test('an agent that is handed part of a task is seen with the key that it gave, the one that hands it over is not it', async () => {
  const agent = await rawAgent(house, house.refundBot);
  const lookup = await rawAgent(house, house.lookupBot);
  const token = await agent.accept(await house.openTask());
  const part = [only('shop:orders.get', 'path.orderId', order)];
  await tokenOf(await agent.tokenRequest(exchangeForm(token, await lookup.actorToken(), part)));
  assert.deepEqual(
    (await instancesOf(house.lookupBot)).map(({ jkt }) => jkt),
    [lookup.jkt],
  );
});

test('whoever is refused a token leaves no instance', async () => {
  const thief = await rawAgent(house, { ...house.malloryBot, key: house.lookupBot.key });
  await assert.rejects(thief.agentToken(), /no token/);
  assert.deepEqual(await instancesOf(house.malloryBot), []);
});
