// The budget of a task is spent, so the next task is opened, and the next: each with a fresh budget of its own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AmbitRefusal, newKey } from '@ambit/sdk/operator';
import { type Bot, type House, openHouse, publicHalf, registerBot, wholeShop } from '../house.ts';
import { exchangeForm, rawAgent, tokenOf } from '../raw-agent.ts';
import { callsOf, oneOfMany, refund, refundsUpTo, refused } from './witness.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const cents = () => house.shop.ledger().reduce((sum, line) => sum + Math.round(Number(line.amount) * 100), 0);
const perDay = (max: string) => ({ sum: { max, currency: 'USD' }, seconds: 86_400 });

async function spend(bot: Bot, amounts: readonly string[]): Promise<Response[]> {
  const agent = await rawAgent(house, bot);
  const answers: Response[] = [];
  for (const amount of amounts) {
    const token = await agent.accept(await house.openTask({ agent: bot.id, authority: refundsUpTo('40.00') }));
    answers.push(await refund(agent, token, amount));
  }
  return answers;
}

const statuses = (answers: readonly Response[]) => answers.map((one) => one.status);

test('what one agent spends in a day is bounded across all the tasks it is given', async () => {
  const before = cents();
  const limit = { name: 'agent-day', subject: 'agent', limit: perDay('100.00'), reason: 'Hijacked agents.' } as const;
  await house.ada.operator.limits.set(limit);
  const answers = await spend(house.refundBot, ['40.00', '40.00', '40.00', '20.00', '0.01']);
  assert.deepEqual(statuses(answers), [201, 201, 429, 201, 429]);
  const last = answers[4]!;
  assert.ok(Number(last.headers.get('retry-after')) > 0, 'nobody says how long to wait');
  const told = await refused(last, 'limits.window_exceeded');
  assert.match(told.detail, /beyond a limit that is set over time.*wait/);
  assert.ok(!told.detail.includes('100'), 'the agent hears where the line is');
  assert.equal(cents() - before, 10_000);
  assert.equal((await spend(house.lookupBot, ['1.00']))[0]!.status, 201, 'another agent has a window of its own');
  await house.ada.operator.limits.remove('agent-day');
});

test('what is done in one person’s name is bounded across tasks and agents', async () => {
  const before = cents();
  const limit = { name: 'person-day', subject: 'requester', limit: perDay('60.00'), reason: 'One purse.' } as const;
  await house.ada.operator.limits.set(limit);
  const first = await spend(house.refundBot, ['40.00']);
  const second = await spend(house.lookupBot, ['40.00', '20.00']);
  assert.deepEqual(statuses([...first, ...second]), [201, 429, 201]);
  assert.equal(cents() - before, 6000);
  await house.ada.operator.limits.remove('person-day');
});

test('what leaves the organisation is bounded, at the same moment and through sub-tasks too', async () => {
  const before = cents();
  const limit = { name: 'all-day', subject: 'tenant', limit: perDay('50.00'), reason: 'The till.' } as const;
  await house.ada.operator.limits.set(limit);
  const parent = await rawAgent(house, house.malloryBot);
  const task = await house.openTask({ agent: house.malloryBot.id, authority: refundsUpTo('250.00') });
  const token = await parent.accept(task);
  const helper = await rawAgent(house, house.lookupBot);
  const handed = await parent.tokenRequest(exchangeForm(token, await helper.actorToken(), refundsUpTo('250.00')));
  const child = await tokenOf(handed);
  const answers = await Promise.all(
    [1, 2, 3, 4].flatMap((i) => [
      oneOfMany(parent, token, '10.00', `${i} of the parent`),
      oneOfMany(helper, child, '10.00', `${i} of the helper`),
    ]),
  );
  assert.equal(answers.filter((one) => one.status === 201).length, 5);
  const over = answers.filter((one) => one.status !== 201);
  for (const one of over) {
    assert.ok(Number(one.headers.get('retry-after')) > 0, 'who lost the race is not told how long to wait');
    await refused(one, 'limits.window_exceeded');
  }
  assert.equal(cents() - before, 5000);
  const codes = (await callsOf(house, task)).filter((step) => step.decided === 'deny').map((step) => step.code);
  assert.deepEqual([...new Set(codes)], ['limits.window_exceeded']);
  await house.ada.operator.limits.remove('all-day');
});

test('an agent has a ceiling on its live tasks, whoever opens them and however fast', async () => {
  const { id } = await house.alice.operator.agents.register({
    name: 'few-bot',
    team: 'support',
    purpose: 'Does a little.',
    environment: 'test',
    zone: 'default',
    expiresAt: Date.now() + 86_400_000,
    liveTasksMax: 3,
    ceiling: wholeShop,
  });
  const spare = await registerBot(house.alice, 'spare-bot');
  await house.alice.operator.agents.addKey(id, { jwk: publicHalf(await newKey('ES256')) });
  await house.alice.operator.agents.activate(id);
  const opening = await Promise.allSettled(Array.from({ length: 8 }, () => house.openTask({ agent: id })));
  const opened = opening.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  assert.equal(opened.length, 3);
  for (const one of opening.filter((each) => each.status === 'rejected')) {
    assert.ok(one.reason instanceof AmbitRefusal, String(one.reason));
    assert.equal(one.reason.code, 'task.too_many_live');
    assert.match(one.reason.message, /3 live tasks, as many as its owner allows: end one/);
  }
  await house.alice.operator.tasks.revoke(opened[0]!, 'Not needed.');
  await house.openTask({ agent: id });
  await assert.rejects(house.openTask({ agent: id }), /too_many_live|as many as/);
  await house.openTask({ agent: spare.id });
});
