// A copy of the agent's key on another machine: it picks up running tasks, takes the next ones, enrols a key of its own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newKey } from '@ambit/sdk/operator';
import { type House, openHouse, order, publicHalf, registerBot } from '../house.ts';
import { exchangeForm, rawAgent } from '../raw-agent.ts';
import { refund, refused, until } from './witness.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

/** The agent, and Mallory with the same key on another machine: the key that signs proofs is another one there. */
async function copied() {
  const bot = await registerBot(house.alice, `bot-${crypto.randomUUID().slice(0, 8)}`);
  return { bot, agent: await rawAgent(house, bot), thief: await rawAgent(house, bot) };
}

test('a task belongs to the key that took it: the copy gets no token of it and cannot use one', async () => {
  const { bot, agent, thief } = await copied();
  const task = await house.openTask({ agent: bot.id });
  const token = await agent.accept(task);
  const seen = house.shop.requests().length;
  await assert.rejects(thief.taskToken(task), /token\.other_key|task\.taken/);
  const plane = await thief.agentToken();
  const told = await refused(await thief.api(plane, 'POST', `/v1/agent/tasks/${task}/accept`), 'task.taken');
  assert.match(told.detail, /belongs to the key that accepted it.*owner can end it/);
  const used = await thief.call(token, 'GET', `/api/shop/orders/${order}`);
  assert.equal(used.status, 401);
  assert.match((await refused(used, 'token.other_key')).detail, /key that the token was issued for/);
  await refused(await refund(thief, token, '5.00'), 'token.other_key');
  const completing = await thief.api(token, 'POST', `/v1/agent/tasks/${task}/complete`);
  await refused(completing, 'token.other_key');
  assert.equal(house.shop.requests().length, seen);
  assert.equal((await refund(agent, token, '5.00')).status, 201, 'the theft disturbs the one who holds the task');
});

test('a parked call answers only to the key that asked', async () => {
  const { bot, agent, thief } = await copied();
  const token = await agent.accept(await house.openTask({ agent: bot.id }));
  const parked = await refund(agent, token, '80.00');
  const poll = parked.headers.get('location') ?? '';
  assert.match(poll, /^\/v1\/agent\/approvals\/apr_/);
  const own = await thief.accept(await house.openTask({ agent: bot.id }));
  const mine = await (await thief.call(own, 'GET', poll)).text();
  const none = await (await thief.call(own, 'GET', poll.replace(/.{6}$/, 'AAAAAA'))).text();
  const bare = (text: string) => ({ ...JSON.parse(text), entry: null });
  assert.deepEqual(bare(mine), bare(none));
});

test('a copy delegates nothing from a task that it does not hold', async () => {
  const { bot, agent, thief } = await copied();
  const task = await house.openTask({ agent: bot.id });
  const token = await agent.accept(task);
  const helper = await rawAgent(house, house.lookupBot);
  const { authority } = (await house.carol.operator.tasks.show(task)).task;
  const response = await thief.tokenRequest(exchangeForm(token, await helper.actorToken(), authority));
  const told = (await response.json()) as { code: string; error_description: string };
  assert.equal(response.status, 400, JSON.stringify(told));
  assert.equal((await house.carol.operator.tasks.show(task)).run.length, 1);
});

test('no credential of an agent adds a key, and no other person does', async () => {
  const { bot, thief } = await copied();
  const jwk = publicHalf(await newKey('ES256'));
  const adds = [
    [`/v1/agents/${bot.id}/keys`, 'route.not_found'],
    ['/v1/agent/keys', 'request.malformed'],
  ] as const;
  for (const [path, code] of adds) {
    const token = await thief.agentToken();
    const here = await thief.api(token, 'POST', path, { jwk });
    await refused(here, code);
    const url = `${house.plane.people}${path}`;
    const body = JSON.stringify({ jwk });
    const headers = { authorization: `DPoP ${token}`, 'content-type': 'application/json' };
    const dpop = await thief.proof('POST', url, { token, body });
    const there = await fetch(url, { method: 'POST', headers: { ...headers, dpop }, body });
    assert.ok([401, 404].includes(there.status), `${there.status} ${await there.text()}`);
  }
  // A token of the agent is no word of its workload, which is what brings keys there.
  const bare = await thief.api(await thief.agentToken(), 'POST', '/v1/agent/keys', {});
  assert.equal(bare.status, 401, await bare.text());
  await assert.rejects(house.bob.operator.agents.addKey(bot.id, { jwk }), /owner/);
  assert.equal((await house.alice.operator.agents.show(bot.id)).keys.length, 1);
});

test('when the owner revokes the key, everything that was made with it is dead at once', async () => {
  const { bot, agent, thief } = await copied();
  const task = await house.openTask({ agent: bot.id });
  const token = await agent.accept(task);
  const plane = await thief.agentToken();
  const parked = await refund(agent, token, '80.00');
  assert.equal(parked.status, 202);
  const [key] = (await house.alice.operator.agents.show(bot.id)).keys;
  assert.ok(key);
  const seen = house.shop.ledger().length;
  await house.alice.operator.agents.revokeKey(bot.id, key.id);
  const told = await refused(await refund(agent, token, '5.00'), 'token.key_revoked');
  assert.match(told.detail, /Ask the owner of the agent/);
  await refused(await thief.api(plane, 'GET', '/v1/agent/tasks'), 'token.key_revoked');
  await assert.rejects(thief.agentToken(), /no token: 401/);
  const question = (await house.bob.operator.approvals.list()).find((one) => one.task === task);
  assert.ok(question);
  await house.bob.operator.approvals.answer(question, 'yes');
  const isOver = async () => (await house.bob.operator.approvals.show(question.id)).state === 'denied' || undefined;
  await until('the end of the parked call', isOver);
  assert.equal(house.shop.ledger().length, seen, 'a yes ran a call whose key is revoked');
});

test('the copy that comes first is seen: the agent finds its task taken, and the owner ends it', async () => {
  const { bot, agent, thief } = await copied();
  const task = await house.openTask({ agent: bot.id });
  const stolen = await thief.accept(task);
  await assert.rejects(agent.accept(task), /task\.taken/);
  const { instances } = await house.alice.operator.agents.show(bot.id);
  assert.ok(instances.some((one) => one.jkt === thief.jkt));
  await house.alice.operator.tasks.revoke(task, 'That was not our machine.');
  await refused(await refund(thief, stolen, '5.00'), 'task.ended');
});
