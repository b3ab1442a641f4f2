// An agent opens its own task inside a grant that asks a person, and leaves the asking out; or spends what its owner may not give.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Authority, Grant } from '@ambit/protocol';
import { type Bot, type House, openHouse, order, registerBot, wholeShop } from '../house.ts';
import { type RawAgent, rawAgent } from '../raw-agent.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const refunds: Grant = {
  type: 'ambit_grant',
  actions: ['shop:refunds.create'],
  where: {
    'path.orderId': { all: [{ equals: order }] },
    'body.amount': { all: [{ range: { min: '0.01', max: '100.00' } }] },
    'body.currency': { all: [{ equals: 'USD' }] },
  },
  limits: [{ sum: { max: '250.00', currency: 'USD' } }],
};
const always: Authority = [{ ...refunds, asks: [{ always: true, reason: 'Always ask me.' }] }];
const above: Authority = [
  { ...refunds, asks: [{ over: { amount: '5.00', currency: 'USD' }, per: 'path.orderId', reason: 'Above 5 ask me.' }] },
];

const refund = (agent: RawAgent, token: string, amount: string) =>
  agent.call(token, 'POST', `/api/shop/orders/${order}/refunds`, { body: { amount, currency: 'USD' } });

function sign(bot: Bot, authority: Authority) {
  const terms = { liveTasksMax: 2, taskSecondsMax: 600, expiresAt: Date.now() + 3_600_000 };
  return house.alice.operator.standingGrants.sign({ agent: bot.id, authority, ...terms });
}

async function ownTask(bot: Bot, authority: Authority) {
  const agent = await rawAgent(house, bot);
  const wish = { purpose: { type: 'support', text: 'Settle it.' }, ttlSeconds: 300, authority };
  const opened = await agent.api(await agent.agentToken(), 'POST', '/v1/agent/tasks', wish);
  return { agent, opened };
}

async function working(bot: Bot, authority: Authority) {
  const { agent, opened } = await ownTask(bot, authority);
  const { id } = (await opened.json()) as { id: Parameters<RawAgent['accept']>[0] };
  return { agent, token: await agent.accept(id) };
}

test('a standing grant asks although the task that was opened under it leaves the asks out', async () => {
  for (const [name, authority] of Object.entries({ always, above })) {
    const bot = await registerBot(house.alice, `grant-${name}-bot`);
    await sign(bot, authority);
    const { agent, token } = await working(bot, [refunds]);
    const before = house.shop.ledger().length;
    assert.equal((await refund(agent, token, '90.00')).status, 202, name);
    assert.equal(house.shop.ledger().length, before);
  }
});

test('sums behind the asks of a standing grant go on over one task and the next', async () => {
  const bot = await registerBot(house.alice, 'slices-bot');
  await sign(bot, above);
  const first = await working(bot, [refunds]);
  assert.equal((await refund(first.agent, first.token, '4.00')).status, 201);
  const second = await working(bot, [refunds]);
  assert.equal((await refund(second.agent, second.token, '4.00')).status, 202);
});

test('a ceiling asks although the task leaves the asks out', async () => {
  const bot = await registerBot(house.alice, 'ceiling-bot', always);
  const agent = await rawAgent(house, bot);
  const token = await agent.accept(await house.openTask({ agent: bot.id, authority: [refunds] }));
  assert.equal((await refund(agent, token, '3.00')).status, 202);
});

test('what an agent may do unasked ends with what its owner may give', async () => {
  const bot = await registerBot(house.alice, 'withdrawn-bot');
  await sign(bot, [refunds]);
  const { agent, token } = await working(bot, [refunds]);
  assert.equal((await refund(agent, token, '1.00')).status, 201);
  const { persons } = house.ada.operator;
  await persons.setDelegable(house.alice.id, [{ ...refunds, limits: [{ sum: { max: '3.00', currency: 'USD' } }] }]);
  try {
    assert.equal((await refund(agent, token, '1.50')).status, 201);
    const beyond = await refund(agent, token, '5.00');
    assert.equal(beyond.status, 403);
    assert.equal(((await beyond.json()) as { code: string }).code, 'limits.sum_exceeded');
    await persons.setDelegable(house.alice.id, []);
    const nothing = await refund(agent, token, '0.10');
    assert.equal(((await nothing.json()) as { code: string }).code, 'authority.beyond_delegable');
    const { opened } = await ownTask(bot, [refunds]);
    assert.equal(((await opened.json()) as { code: string }).code, 'task.beyond_delegable');
  } finally {
    await persons.setDelegable(house.alice.id, wholeShop);
  }
});
