// A refund of minus a thousand gives a budget back; a number written strangely is one sum to Ambit and another to the shop.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Bot, type House, openHouse, registerBot } from '../house.ts';
import { rawAgent } from '../raw-agent.ts';
import { callsOf, refund, refundsPath, refundsUpTo, refused } from './witness.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

/** An agent of its own each time: whoever fails and fails is given a rest. */
async function fresh(max = '50.00') {
  const bot: Bot = await registerBot(house.alice, `bot-${crypto.randomUUID().slice(0, 8)}`);
  const agent = await rawAgent(house, bot);
  const task = await house.openTask({ agent: bot.id, authority: refundsUpTo(max) });
  return { agent, task, token: await agent.accept(task), seen: house.shop.requests().length };
}

const strange: Record<string, readonly unknown[]> = {
  'below nothing': ['-1000.00', '-0.01', '-0', '−1000.00', -1000],
  'in another notation': ['1e3', '1E1', '0x10', '+5.00', '1_000', '1,000.00', '05.00', '.50', '5.', ' 5.00', '5.00 '],
  'in the digits of another script': ['１０.００', '٣٠.٠٠', '3０.00'],
  'as no number at all': ['', 'NaN', 'Infinity', 'ten', '5.00\u0000', '5.00\n'],
  'as another type': [5, 1e2, true, null, ['5.00'], { value: '5.00' }],
  'finer or larger than money is': ['0.001', '0.0000000001', '99999999999999999999.00'],
  'as nothing': ['0', '0.00', '00.00'],
};

for (const [how, amounts] of Object.entries(strange)) {
  test(`an amount ${how} is refused before it is counted or sent`, async () => {
    const { agent, task, token, seen } = await fresh();
    for (const amount of amounts) {
      const response = await refund(agent, token, amount);
      const text = await response.text();
      assert.ok([400, 403].includes(response.status), `${JSON.stringify(amount)}: ${response.status} ${text}`);
      assert.match(JSON.parse(text).detail, /amount/, text);
    }
    assert.equal(house.shop.requests().length, seen, 'the shop heard of it');
    const decided = (await callsOf(house, task, null)).map((step) => step.decided);
    assert.deepEqual(decided, Array(amounts.length).fill('deny'));
    assert.equal((await refund(agent, token, '50.00')).status, 201, 'something was counted');
    await refused(await refund(agent, token, '0.01'), 'limits.sum_exceeded');
  });
}

test('a foreign, missing or strangely written currency is refused', async () => {
  const { agent, token, seen } = await fresh();
  for (const currency of ['EUR', 'usd', 'US', 'USD ', 'ＵＳＤ', '', 'UЅD'])
    assert.ok([400, 403].includes((await refund(agent, token, '5.00', { currency })).status), currency);
  for (const body of [{ amount: '5.00' }, { amount: '5.00', currency: null }, { amount: '5.00', currency: ['USD'] }])
    assert.ok([400, 403].includes((await agent.call(token, 'POST', refundsPath, { body })).status));
  assert.equal(house.shop.requests().length, seen);
});

test('two amounts in one body are no amount', async () => {
  const { agent, token, seen } = await fresh();
  const bodies = [
    '{"amount":"1.00","amount":"90.00","currency":"USD"}',
    '{"amount":"1.00","Amount":"90.00","currency":"USD"}',
    '{"amount":"1.00","\\u0061mount":"90.00","currency":"USD"}',
    '{"amount":"1.00","currency":"USD"}{"amount":"90.00","currency":"USD"}',
    '[{"amount":"1.00","currency":"USD"},{"amount":"90.00","currency":"USD"}]',
  ];
  for (const rawBody of bodies) {
    const response = await agent.call(token, 'POST', refundsPath, { rawBody });
    assert.equal(response.status, 400, `${rawBody}: ${await response.text()}`);
  }
  assert.equal(house.shop.requests().length, seen);
});

test('what is counted is the very value that the shop pays out', async () => {
  const { agent, token } = await fresh('10.10');
  const from = house.shop.ledger().length;
  for (const amount of ['0.10', '10.00']) assert.equal((await refund(agent, token, amount)).status, 201);
  assert.deepEqual(
    house.shop
      .ledger()
      .slice(from)
      .map((line) => line.amount),
    ['0.10', '10.00'],
  );
  await refused(await refund(agent, token, '0.01'), 'limits.sum_exceeded');
});
