// One credential in two places: a copied key at work beside the agent, a key that two agents would share, a proof key of two agents.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EntryHeader } from '@ambit/protocol';
import { connect } from '@ambit/sdk';
import { newKey } from '@ambit/sdk/operator';
import { type Bot, type House, openHouse, publicHalf, registerBot } from '../house.ts';
import { exchangeForm, type RawAgent, rawAgent, tokenOf } from '../raw-agent.ts';
import { refused } from './witness.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const freshBot = () => registerBot(house.alice, `bot-${crypto.randomUUID().slice(0, 8)}`);

/** In turns, so that each is seen after the other one was. */
async function inTurns(...agents: readonly RawAgent[]) {
  for (const agent of agents) {
    await agent.agentToken();
    await sleep(3);
  }
}

/** The entries about that agent which say that its credential is shared. */
async function told(bot: Bot): Promise<readonly EntryHeader[]> {
  const found: EntryHeader[] = [];
  for await (const line of await house.carol.operator.log.export()) {
    const { header } = JSON.parse(line) as { header?: EntryHeader };
    const isAboutIt = header?.keys?.includes(`ambit:agent/${bot.id}`);
    if (header?.kind === 'identity.credential-shared' && isAboutIt) found.push(header);
  }
  return found;
}

const stateOf = async (bot: Bot) => (await house.alice.operator.agents.show(bot.id)).state;

test('a copied key at work beside the agent is noticed, told once, and shown with the instances', async () => {
  const bot = await freshBot();
  const [agent, thief] = [await rawAgent(house, bot), await rawAgent(house, bot)];
  await inTurns(agent, thief);
  assert.deepEqual(await told(bot), [], 'a restart looks like this, too');
  await inTurns(agent, thief, agent, thief);
  const entries = await told(bot);
  assert.equal(entries.length, 1);
  assert.equal(entries[0]?.who.agent, bot.id);
  const { instances } = await house.alice.operator.agents.show(bot.id);
  assert.ok(instances.length === 2 && instances.every(({ sharedAt }) => sharedAt !== null));
  assert.equal(await stateOf(bot), 'active', 'it is recorded, unless its owner wants more');
});

test('an agent that restarts again and again is nothing to tell', async () => {
  const bot = await freshBot();
  for (let start = 0; start < 4; start++) {
    const agent = await rawAgent(house, bot);
    await inTurns(agent, agent);
  }
  assert.deepEqual(await told(bot), []);
});

test('two keys of one agent at two instances are not one credential', async () => {
  const bot = await freshBot();
  const key = await newKey('ES256');
  await house.alice.operator.agents.addKey(bot.id, { jwk: publicHalf(key) });
  const [one, two] = [await rawAgent(house, bot), await rawAgent(house, { ...bot, key })];
  await inTurns(one, two, one, two);
  assert.deepEqual(await told(bot), []);
});

test('where the owner wants it so the agent is suspended, the thief with it, and a resumed one is watched anew', async () => {
  const bot = await freshBot();
  const { agents } = house.alice.operator;
  await agents.whenShared(bot.id, 'suspend', 'It runs on one machine.');
  const [agent, thief] = [await rawAgent(house, bot), await rawAgent(house, bot)];
  const task = await house.openTask({ agent: bot.id });
  const stolen = await thief.accept(task);
  await sleep(3);
  await inTurns(agent);
  await thief.agentToken();
  assert.equal(await stateOf(bot), 'suspended');
  await refused(await thief.call(stolen, 'GET', '/api/shop/orders/1042'), 'agent.not_active');
  await assert.rejects(agent.agentToken(), /agent\.not_active/);
  await agents.resume(bot.id, 'It was a drill.');
  await inTurns(agent, thief);
  assert.equal(await stateOf(bot), 'active');
  await inTurns(agent);
  assert.equal(await stateOf(bot), 'suspended');
  assert.equal((await told(bot)).length, 2);
});

test('only the owner or an administrator says what follows', async () => {
  const bot = await freshBot();
  const other = house.bob.operator.agents.whenShared(bot.id, 'suspend', 'x');
  await assert.rejects(other, { code: 'agent.not_owner' });
  await house.ada.operator.agents.whenShared(bot.id, 'suspend', 'The whole organisation does.');
});

test('what the organisation wants of all binds agents of which nobody said anything, and no owner gets below it', async () => {
  const [quiet, loose] = [await freshBot(), await freshBot()];
  const { agents } = house.alice.operator;
  await agents.whenShared(loose.id, 'record', 'It has two replicas.');
  await assert.rejects(agents.setWhenSharedDefault('suspend', 'x'), { code: 'caller.not_allowed' });
  assert.deepEqual(await agents.whenSharedDefault(), { whenShared: 'record', setBy: null });
  const { ada } = house;
  await ada.operator.agents.setWhenSharedDefault('suspend', 'Each agent runs on one machine.');
  try {
    const lax = agents.whenShared(quiet.id, 'record', 'It has two replicas.');
    await assert.rejects(lax, { code: 'agent.laxer_than_tenant' });
    for (const bot of [quiet, loose]) {
      assert.equal(
        (await agents.show(bot.id)).doesWhenShared,
        'suspend',
        'an older word of the owner is below it, too',
      );
      const [agent, thief] = [await rawAgent(house, bot), await rawAgent(house, bot)];
      await inTurns(agent, thief, agent);
      assert.equal(await stateOf(bot), 'suspended');
    }
  } finally {
    await ada.operator.agents.setWhenSharedDefault('record', 'It was a drill.');
  }
  const rule = await agents.whenSharedDefault();
  assert.deepEqual([rule.whenShared, rule.setBy], ['record', ada.id]);
  assert.equal((await agents.show(loose.id)).doesWhenShared, 'record', 'what its owner said stands');
  await agents.whenShared(loose.id, 'suspend', 'One is enough.');
  assert.equal((await agents.show(loose.id)).doesWhenShared, 'suspend');
});

test('one public key is not registered for two agents, nor for an agent and a person', async () => {
  const [one, two] = [await freshBot(), await freshBot()];
  const { agents } = house.alice.operator;
  const [key] = (await agents.show(one.id)).keys;
  assert.ok(key);
  await assert.rejects(agents.addKey(two.id, { jwk: key.jwk }), { code: 'key.known' });
  await agents.revokeKey(one.id, key.id);
  await assert.rejects(agents.addKey(two.id, { jwk: key.jwk }), { code: 'key.known' });
  await assert.rejects(agents.addKey(two.id, { jwk: publicHalf(house.bob.key) }), { code: 'key.known' });
});

test('one proof key that is used for two agents is noticed, and told of both', async () => {
  const [one, two] = [await freshBot(), await freshBot()];
  const dpopKey = await newKey('ES256');
  for (const bot of [one, two, one, two]) {
    const agent = await connect({ url: house.plane.agents, agent: bot.id, key: bot.key, dpopKey });
    await agent.tasks();
  }
  const entries = await told(one);
  assert.equal(entries.length, 1);
  assert.deepEqual(entries, await told(two));
});

test('an agent that is handed tasks under a copied key is seen as well', async () => {
  const bot = await freshBot();
  const giver = await rawAgent(house, house.refundBot);
  const token = await giver.accept(await house.openTask());
  const authority = [
    { type: 'ambit_grant', actions: ['shop:orders.get'], where: { 'path.orderId': { all: [{ equals: '1042' }] } } },
  ];
  const [agent, thief] = [await rawAgent(house, bot), await rawAgent(house, bot)];
  for (const taker of [agent, thief, agent]) {
    await tokenOf(await giver.tokenRequest(exchangeForm(token, await taker.actorToken(), authority)));
    await sleep(3);
  }
  assert.equal((await told(bot)).length, 1);
});
