// Above 50.00 a person is asked, so the refund comes in slices: one after another, all at once, and through helpers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type House, openHouse } from '../house.ts';
import { exchangeForm, type RawAgent, rawAgent, tokenOf } from '../raw-agent.ts';
import { callsOf, oneOfMany, refund, refundsUpTo, refused } from './witness.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const paid = (since: number) =>
  house.shop
    .ledger()
    .slice(since)
    .reduce((cents, line) => cents + Math.round(Number(line.amount) * 100), 0);

/** How many answers there were of each status. */
function statuses(responses: readonly Response[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of responses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

test('the sixth slice of 10.00 on one order asks, since the threshold counts what went before', async () => {
  const since = house.shop.ledger().length;
  const agent = await rawAgent(house, house.refundBot);
  const task = await house.openTask();
  const token = await agent.accept(task);
  for (let slice = 1; slice <= 5; slice++) assert.equal((await refund(agent, token, '10.00')).status, 201);
  const sixth = await refund(agent, token, '0.01');
  assert.equal(sixth.status, 202);
  assert.match(await sixth.text(), /above 50\.00 USD need a person/);
  assert.equal(paid(since), 5000);
  const decided = (await callsOf(house, task)).map((step) => step.decided);
  assert.deepEqual(decided, [...Array(5).fill('permit'), 'ask']);
});

test('ten slices at the same moment pass the line no further than ten in a row', async () => {
  const since = house.shop.ledger().length;
  const agent = await rawAgent(house, house.lookupBot);
  const task = await house.openTask({ agent: house.lookupBot.id });
  const token = await agent.accept(task);
  const all = await Promise.all(Array.from({ length: 10 }, (_, i) => oneOfMany(agent, token, '10.00', `${i}`)));
  const counts = statuses(all);
  assert.equal(counts[201], 5, JSON.stringify(counts));
  assert.equal(counts[202], 5, JSON.stringify(counts));
  assert.equal(paid(since), 5000);
});

test('of ten refunds of 30.00 at the same moment eight fit under 250.00, and two hear so', async () => {
  const since = house.shop.ledger().length;
  const agent = await rawAgent(house, house.malloryBot);
  const task = await house.openTask({ agent: house.malloryBot.id, authority: refundsUpTo('250.00') });
  const token = await agent.accept(task);
  const all = await Promise.all(Array.from({ length: 10 }, (_, i) => oneOfMany(agent, token, '30.00', `${i}`)));
  const over = all.filter((one) => one.status !== 201);
  assert.equal(over.length, 2);
  for (const one of over) {
    const told = await refused(one, 'limits.sum_exceeded');
    assert.match(told.detail, /250\.00 USD.*ask for an elevation or use a smaller amount/);
  }
  assert.equal(paid(since), 24_000);
  assert.equal((await refund(agent, token, '10.00')).status, 201, 'what is left is still to be had');
  assert.equal(paid(since), 25_000);
});

test('slices through sub-tasks count in every task above, asked thresholds and sums alike', async () => {
  const since = house.shop.ledger().length;
  const parent = await rawAgent(house, house.refundBot);
  const task = await house.openTask();
  const token = await parent.accept(task);
  const { authority } = (await house.carol.operator.tasks.show(task)).task;
  const refunds = authority.filter((grant) => grant.actions.includes('shop:refunds.create'));
  const helper = async (bot: House['lookupBot']): Promise<[RawAgent, string]> => {
    const agent = await rawAgent(house, bot);
    return [agent, await tokenOf(await parent.tokenRequest(exchangeForm(token, await agent.actorToken(), refunds)))];
  };
  const hands: [RawAgent, string][] = [
    [parent, token],
    await helper(house.lookupBot),
    await helper(house.malloryBot),
    await helper(house.lookupBot),
  ];
  const all = await Promise.all(
    hands.flatMap(([agent, own], hand) => [1, 2, 3].map((i) => oneOfMany(agent, own, '10.00', `${hand} ${i}`))),
  );
  const counts = statuses(all);
  assert.equal(paid(since), 5000, JSON.stringify(counts));
  assert.equal(counts[201], 5, JSON.stringify(counts));
  assert.equal(counts[202], 7, JSON.stringify(counts));
  const own = await refund(parent, token, '10.00');
  assert.equal(own.status, 202);
});

test('a sub-task cannot leave the threshold of its parent behind', async () => {
  const parent = await rawAgent(house, house.refundBot);
  const task = await house.openTask();
  const token = await parent.accept(task);
  const helper = await rawAgent(house, house.lookupBot);
  const { authority } = (await house.carol.operator.tasks.show(task)).task;
  const without = authority
    .filter((grant) => grant.actions.includes('shop:refunds.create'))
    .map(({ asks: _asks, limits: _limits, ...rest }) => rest);
  const response = await parent.tokenRequest(exchangeForm(token, await helper.actorToken(), without));
  if (response.status === 200) {
    const child = await tokenOf(response);
    assert.equal((await refund(helper, child, '60.00')).status, 202);
    await refused(await refund(helper, child, '100.01'), 'authority.not_covered');
  } else assert.equal(((await response.json()) as { code: string }).code, 'task.widened');
});
