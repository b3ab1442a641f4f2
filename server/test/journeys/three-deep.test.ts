// A task is handed on and on: each hand gets less, all spend from one budget, and at the sixth it is enough.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Authority, TaskId } from '@ambit/protocol';
import { atWork } from '../attacks/questions.ts';
import { oneOfMany, refund, refundsUpTo, refused } from '../attacks/witness.ts';
import { type House, only, openHouse, order } from '../house.ts';
import { exchangeForm, type RawAgent, rawAgent, tokenOf } from '../raw-agent.ts';

let house: House;
let bots: RawAgent[];
before(async () => {
  house = await openHouse();
  bots = [];
  for (const bot of [house.lookupBot, house.malloryBot, house.refundBot]) bots.push(await rawAgent(house, bot));
});
after(() => house.close());

type Held = { readonly agent: RawAgent; readonly token: string };

const hand = async (from: Held, to: RawAgent, authority: Authority, more: Record<string, string> = {}) =>
  from.agent.tokenRequest(exchangeForm(from.token, await to.actorToken(), authority, more));

async function handOn(from: Held, to: RawAgent, authority: Authority): Promise<Held> {
  return { agent: to, token: await tokenOf(await hand(from, to, authority)) };
}

const reads = [only('shop:shipping.get', 'path.orderId', order)];
const bot = (n: number): RawAgent => bots[n % bots.length] as RawAgent;

test('five hands deep every link still works, and the sixth is refused', async () => {
  let held: Held = await atWork(house);
  for (let depth = 1; depth <= 5; depth++) {
    held = await handOn(held, bot(depth), reads);
    const response = await held.agent.call(held.token, 'GET', `/api/shop/orders/${order}/shipping`);
    assert.equal(response.status, 200, `at depth ${depth}: ${await response.text()}`);
  }
  const sixth = await hand(held, bot(6), reads);
  const { code, error_description } = (await sixth.json()) as { code: string; error_description: string };
  assert.equal(sixth.status, 400);
  assert.equal(code, 'task.too_deep');
  assert.ok(error_description.length > 20);
});

test('the token of the last hand names all before it, outermost the one that acts', async () => {
  let held: Held = await atWork(house);
  const acted = [house.refundBot.id];
  for (let depth = 1; depth <= 3; depth++) {
    held = await handOn(held, bot(depth), reads);
    acted.unshift(held.agent.bot.id);
  }
  type Act = { readonly sub: string; readonly act?: Act };
  let act = claimsOf<{ act?: Act }>(held.token).act;
  const named: string[] = [];
  for (; act !== undefined; act = act.act) named.push(act.sub.split('/').at(-1) ?? '');
  assert.deepEqual(named, acted);
});

test('all hands spend from one budget, whoever is first', async () => {
  const top = await atWork(house, { authority: refundsUpTo('100.00') });
  const second = await handOn(top, bot(0), refundsUpTo('80.00'));
  const third = await handOn(second, bot(1), refundsUpTo('80.00'));
  assert.equal((await refund(third.agent, third.token, '50.00')).status, 201);
  await refused(await refund(second.agent, second.token, '40.00'), 'limits.sum_exceeded');
  assert.equal((await refund(second.agent, second.token, '30.00')).status, 201);
  await refused(await refund(top.agent, top.token, '30.00'), 'limits.sum_exceeded');
  assert.equal((await refund(top.agent, top.token, '20.00')).status, 201);
  await refused(await refund(third.agent, third.token, '0.01'), 'limits.sum_exceeded');
});

test('many hands at the same moment do not oversell it either', async () => {
  const refunds = house.shop.ledger().length;
  const top = await atWork(house, { authority: refundsUpTo('100.00') });
  const hands = await Promise.all([0, 1, 0, 1].map((n) => handOn(top, bot(n), refundsUpTo('100.00'))));
  const all = await Promise.all(
    [...hands, ...hands, ...hands].map(({ agent, token }, i) => oneOfMany(agent, token, '20.00', `${i}`)),
  );
  const sent = all.filter(({ status }) => status === 201).length;
  assert.ok(sent <= 5, `${sent} refunds of 20.00 went out of a budget of 100.00`);
  assert.equal(house.shop.ledger().length, refunds + sent);
  assert.ok(sent > 0);
});

test('no hand gives more than it has: not an action, not an order, not an amount', async () => {
  const top = await atWork(house);
  const narrow = await handOn(top, bot(0), refundsUpToWithAsk('40.00'));
  for (const more of [
    refundsUpToWithAsk('41.00'),
    [only('shop:orders.get', 'path.orderId', order)],
    [only('shop:shipping.get', 'path.orderId', '1043')],
  ] as Authority[]) {
    const response = await hand(narrow, bot(1), more);
    assert.equal(response.status, 400, JSON.stringify(more));
    assert.equal(((await response.json()) as { error: string }).error, 'invalid_authorization_details');
  }
});

test('who leaves the threshold out does not get rid of it: the hand above still asks', async () => {
  const below = await handOn(await atWork(house), bot(0), refundsUpTo('100.00'));
  assert.equal((await refund(below.agent, below.token, '60.00')).status, 202);
});

test('a sub-task ends no later than the task above it, whatever was wished', async () => {
  const top = await atWork(house, { ttlSeconds: 60 });
  await tokenOf(await hand(top, bot(0), reads, { ambit_ttl_seconds: '86400' }));
  const { task, run } = await house.alice.operator.tasks.show(top.task);
  for (const below of run) assert.ok(below.expiresAt <= task.expiresAt);
  assert.ok(run.length >= 1);
});

test('where a hand in the middle is taken away, all below it is dead and all above it lives', async () => {
  const top = await atWork(house);
  const middle = await handOn(top, bot(0), reads);
  const last = await handOn(middle, bot(1), reads);
  const task = claimsOf<{ mission: { id: TaskId } }>(middle.token).mission.id;
  await house.alice.operator.tasks.revoke(task, 'That one is not needed.');
  const path = `/api/shop/orders/${order}/shipping`;
  await refused(await middle.agent.call(middle.token, 'GET', path), 'task.ended');
  await refused(await last.agent.call(last.token, 'GET', path), 'task.ended');
  assert.equal((await top.agent.call(top.token, 'GET', path)).status, 200);
});

const claimsOf = <T>(token: string): T =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as T;

function refundsUpToWithAsk(max: string): Authority {
  const asks = [
    {
      over: { amount: '50.00', currency: 'USD' },
      per: 'path.orderId',
      reason: 'Refunds on one order above 50.00 USD need a person.',
    },
  ];
  return refundsUpTo(max).map((grant) => ({ ...grant, asks }));
}
