// Carol's auditors want nothing to grow old: Ada sets greatest ages, and what is older stops where it stands.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type House, openHouse, order, registerBot } from '../house.ts';
import { rawAgent } from '../raw-agent.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

/** An agent at work, and what it hears when it makes a call. */
async function working() {
  const bot = await registerBot(house.alice, `bot-${crypto.randomUUID().slice(0, 8)}`);
  const agent = await rawAgent(house, bot);
  const task = await house.openTask({ agent: bot.id });
  const token = await agent.accept(task);
  const call = async () => {
    const response = await agent.call(token, 'GET', `/api/shop/orders/${order}`);
    const { code } = (await response.json()) as { code?: string };
    return { status: response.status, code };
  };
  return { bot, agent, task, call };
}

/** The test removed it itself. */
const isGone = (error: unknown) => assert.equal((error as { code?: string }).code, 'thing.not_found');

for (const [of, code, again] of [
  ['key', 'token.key_revoked', /ambit agent key rotate.*client\.key_ended/],
  ['token', 'token.expired', undefined],
  ['agent', 'agent.expired', /register it anew.*agent\.expired/],
  ['task', 'task.ended', /open another.*task\.ended/],
] as const) {
  test(`calls stop when the ${of} behind them becomes too old, without anything else happening`, async (t) => {
    const { ada } = house;
    const { agent, task, call } = await working();
    const begun = Date.now();
    assert.equal((await call()).status, 200);
    await ada.operator.limits.setAge({ of, secondsMax: 4, reason: 'Nothing grows old here.' });
    t.after(() => ada.operator.limits.removeAge(of).catch(isGone));
    assert.equal((await call()).status, 200, 'it is not that old yet');
    await sleep(begun + 4500 - Date.now());
    const seen = house.shop.requests().length;
    assert.deepEqual(await call(), { status: code === 'agent.expired' ? 403 : 401, code });
    assert.equal(house.shop.requests().length, seen);
    if (again !== undefined) await assert.rejects(agent.taskToken(task), again);
    await ada.operator.limits.removeAge(of);
    if (of !== 'task') assert.equal((await call()).status, 200);
  });
}

test('everybody sees what is set, only administrators set it, and each change is in the log', async () => {
  const { ada, alice, carol } = house;
  await ada.operator.limits.setAge({ of: 'unused', secondsMax: 2_592_000, reason: 'Who is not needed goes.' });
  assert.deepEqual(
    (await alice.operator.limits.ages()).map(({ of, secondsMax }) => [of, secondsMax]),
    [['unused', 2_592_000]],
  );
  await assert.rejects(alice.operator.limits.setAge({ of: 'key', secondsMax: 1, reason: 'x' }), /administrator/);
  await assert.rejects(alice.operator.limits.removeAge('unused'), /administrator/);
  await ada.operator.limits.removeAge('unused');
  assert.deepEqual(await carol.operator.limits.ages(), []);
});
