// Alice replaces the key of an agent that is at work: both hold for a while, and nothing that it does stops or fails.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskId } from '@ambit/protocol';
import { connect, type Task } from '@ambit/sdk';
import { newKey, type PrivateJwk } from '@ambit/sdk/operator';
import { until } from '../attacks/witness.ts';
import { type Bot, type House, openHouse, order, publicHalf, registerBot } from '../house.ts';
import { rawAgent } from '../raw-agent.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const freshBot = () => registerBot(house.alice, `bot-${crypto.randomUUID().slice(0, 8)}`);
const path = `/api/shop/orders/${order}`;

async function onlyKeyOf(bot: Bot) {
  const [key] = (await house.alice.operator.agents.show(bot.id)).keys;
  assert.ok(key);
  return key;
}

/** Alice puts a new key beside the one that the bot has. */
async function rotated(bot: Bot, { endsAt, movesTasks }: { readonly endsAt: number; readonly movesTasks: boolean }) {
  const key = await newKey('ES256');
  const old = (await onlyKeyOf(bot)).id;
  const made = await house.alice.operator.agents.rotateKey(bot.id, { old, jwk: publicHalf(key), endsAt, movesTasks });
  return { ...made, next: { ...bot, key } };
}

test('a key is replaced under load, and not one call fails', async () => {
  const bot = await freshBot();
  const dpopKey: PrivateJwk = await newKey('ES256');
  const instanceWith = (key: PrivateJwk) => connect({ url: house.plane.agents, agent: bot.id, key, dpopKey });
  const id: TaskId = await house.openTask({ agent: bot.id });
  const first = await (await instanceWith(bot.key)).accept(id);
  let task: Task = first;
  let isOver = false;
  const statuses: number[] = [];
  const worker = async () => {
    while (!isOver) {
      statuses.push((await task.fetch(path)).status);
      // As fast as an agent may.
      await sleep(250);
    }
  };
  const load = Promise.all([worker(), worker(), worker(), worker()]);
  const told = (count: number) => until(`${count} answers`, () => statuses.length >= count || undefined);
  await told(1);
  const endsAt = Date.now() + 6000;
  const { next, old } = await rotated(bot, { endsAt, movesTasks: true });
  assert.equal(old.notAfter, endsAt);
  // The agent is given its new key: the same instance, which takes its task up again.
  task = await (await instanceWith(next.key)).accept(id);
  await sleep(endsAt + 700 - Date.now());
  // Of each worker one may have been under way at the end.
  await told(statuses.length + 5);
  isOver = true;
  await load;
  assert.deepEqual([...new Set(statuses)], [200]);
  await assert.rejects(first.fetch(path), { code: 'token.key_revoked' });
  await assert.rejects(
    instanceWith(bot.key).then((agent) => agent.tasks()),
    { code: 'client.key_ended' },
  );
});

test('without a word about its tasks they stay with the old key, and end with it', async () => {
  const bot = await freshBot();
  const agent = await rawAgent(house, bot);
  const task = await house.openTask({ agent: bot.id });
  const token = await agent.accept(task);
  const endsAt = Date.now() + 5000;
  const { next } = await rotated(bot, { endsAt, movesTasks: false });
  assert.equal((await agent.call(await agent.taskToken(task), 'GET', path)).status, 200);
  const successor = await rawAgent(house, next);
  await assert.rejects(successor.taskToken(task), /task\.taken/);
  await successor.accept(await house.openTask({ agent: bot.id }));
  await sleep(endsAt + 100 - Date.now());
  const told = (await (await agent.call(token, 'GET', path)).json()) as { code: string };
  assert.equal(told.code, 'token.key_revoked');
});

test('the new key takes a task over at the instance that accepted it, and nowhere else', async () => {
  const bot = await freshBot();
  const agent = await rawAgent(house, bot);
  const task = await house.openTask({ agent: bot.id });
  await agent.accept(task);
  const { next } = await rotated(bot, { endsAt: Date.now() + 60_000, movesTasks: true });
  const elsewhere = await rawAgent(house, next);
  await assert.rejects(elsewhere.taskToken(task), /task\.taken/);
  await assert.rejects(elsewhere.accept(task), /task\.taken/);
});

test('a key that was revoked hands on nothing, and tasks follow as many rotations as their owner let them', async () => {
  const bot = await freshBot();
  const dpopKey = await newKey('ES256');
  const at = (key: PrivateJwk) => connect({ url: house.plane.agents, agent: bot.id, key, dpopKey });
  const id = await house.openTask({ agent: bot.id });
  await (await at(bot.key)).accept(id);
  const { agents } = house.alice.operator;
  const endsAt = Date.now() + 60_000;
  const [one, two] = [await newKey('ES256'), await newKey('ES256')];
  const first = await onlyKeyOf(bot);
  const rotation = { endsAt, movesTasks: true };
  const { key: second } = await agents.rotateKey(bot.id, { ...rotation, old: first.id, jwk: publicHalf(one) });
  await agents.rotateKey(bot.id, { ...rotation, old: second.id, jwk: publicHalf(two) });
  assert.equal((await (await (await at(two)).accept(id)).fetch(path)).status, 200);
  await agents.revokeKey(bot.id, first.id);
  await assert.rejects((await at(two)).accept(id), { code: 'task.taken' });
});

test('only the owner rotates, the old key ends in the future, and nothing lengthens its life', async () => {
  const bot = await freshBot();
  const old = await onlyKeyOf(bot);
  const jwk = publicHalf(await newKey('ES256'));
  const wanted = { old: old.id, jwk, endsAt: Date.now() + 60_000, movesTasks: false };
  const { ada, alice } = house;
  await assert.rejects(ada.operator.agents.rotateKey(bot.id, wanted), { code: 'agent.not_owner' });
  const past = alice.operator.agents.rotateKey(bot.id, { ...wanted, endsAt: Date.now() - 1 });
  await assert.rejects(past, /endsAt must lie in the future/);
  const known = alice.operator.agents.rotateKey(bot.id, { ...wanted, jwk: old.jwk });
  await assert.rejects(known, { code: 'key.known' });
  const late = await alice.operator.agents.rotateKey(bot.id, { ...wanted, endsAt: old.notAfter + 1_000_000 });
  assert.equal(late.old.notAfter, old.notAfter);
  await alice.operator.agents.revokeKey(bot.id, old.id);
  const revoked = alice.operator.agents.rotateKey(bot.id, { ...wanted, jwk: publicHalf(await newKey('ES256')) });
  await assert.rejects(revoked, { code: 'key.not_active' });
});
