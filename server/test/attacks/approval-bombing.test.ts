// A hijacked agent asks hundreds of times, so that Bob's thumb goes numb before the one that matters.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type House, openHouse, order } from '../house.ts';
import { asked, atWork, type Working } from './questions.ts';
import { refund, refused, stepsOf } from './witness.ts';

const pendingMax = 12;
let house: House;
let working: Working;
before(async () => {
  house = await openHouse({
    env: { AMBIT_APPROVALS_PENDING_MAX: String(pendingMax), AMBIT_AGENT_CALLS_PER_SECOND: '500' },
  });
  working = await atWork(house);
});
after(() => house.close());

const open = async () => (await house.bob.operator.approvals.list()).filter((one) => one.agent === house.refundBot.id);

test('the same refund asked twenty times at once is one question', async () => {
  const asks = await Promise.all(Array.from({ length: 20 }, () => refund(working.agent, working.token, '80.00')));
  assert.deepEqual([...new Set(asks.map((one) => one.status))], [202]);
  assert.equal(new Set(asks.map((one) => one.headers.get('ambit-approval'))).size, 1);
  assert.equal((await open()).length, 1);
  const steps = await stepsOf(house, working.task);
  assert.equal(steps.filter((one) => one.decided === 'ask').length, 20, 'an ask went unrecorded');
});

test('two dozen different refunds at once leave no more questions than one agent may have open', async () => {
  const amounts = Array.from({ length: 24 }, (_, i) => `${60 + (i % 30)}.${10 + i}`);
  const asks = await Promise.all(amounts.map((amount) => refund(working.agent, working.token, amount)));
  const statuses = Map.groupBy(asks, (one) => one.status);
  assert.equal((await open()).length, pendingMax);
  assert.equal(statuses.get(202)?.length, pendingMax - 1);
  assert.equal(statuses.get(429)?.length, 24 - (pendingMax - 1));
  const told = await refused(statuses.get(429)![0]!, 'approval.too_many_pending');
  assert.match(told.detail, /answered/);
  assert.equal(house.shop.ledger().length, 0);
});

test('opening another task does not open another pile', async () => {
  const again = await atWork(house);
  await refused(await refund(again.agent, again.token, '66.66'), 'approval.too_many_pending');
  assert.equal((await open()).length, pendingMax);
});

test('one agent that bombs does not silence another', async () => {
  const other = await atWork(house, {}, house.lookupBot);
  await asked(house, other, '67.00');
});

test('each question is answered by itself, and an answer makes room for one more', async () => {
  const [first, second] = await open();
  await house.bob.operator.approvals.answer(first!, 'no', 'Stop asking.');
  assert.equal((await house.bob.operator.approvals.show(second!.id)).state, 'parked');
  assert.equal((await refund(working.agent, working.token, '68.68')).status, 202);
  await refused(await refund(working.agent, working.token, '69.69'), 'approval.too_many_pending');
  assert.equal(house.shop.ledger().filter((line) => line.order === order).length, 0);
});
