// Between Bob's look at the order and his yes, the order is refunded through another task: the yes is about the past.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { renderParts, sayMoved } from '@ambit/protocol';
import { type House, openHouse, order } from '../house.ts';
import { tenantOf, whileDown, yesOf } from './offline.ts';
import { asked, atWork, poll, settled } from './questions.ts';
import { refund, refused, stepsOf } from './witness.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const ledger = () => house.shop.ledger().length;

test('the card shows what the order is now, read on the agent’s authority and told in its run', async () => {
  const waiting = await asked(house, await atWork(house), '81.00');
  const { lookedAgain } = waiting.question.shown;
  assert.deepEqual([lookedAgain?.action, lookedAgain?.status], ['shop:orders.get', 200]);
  assert.equal(JSON.parse(lookedAgain?.text ?? '').id, order);
  const look = (await stepsOf(house, waiting.task)).find((one) => one.action === 'shop:orders.get');
  assert.deepEqual([look?.decided, look?.who.initiator], ['permit', 'plane']);
});

test('an order that was refunded meanwhile is asked about again, with what it is now', async () => {
  const waiting = await asked(house, await atWork(house), '82.00');
  const elsewhere = await atWork(house);
  assert.equal((await refund(elsewhere.agent, elsewhere.token, '30.00')).status, 201);
  const before = ledger();
  await house.bob.operator.approvals.answer(waiting.question, 'yes');
  const told = await refused(await poll(waiting), 'approval.moved');
  assert.match(told.detail, /not sent/);
  assert.equal(ledger(), before);
  const anew = await asked(house, waiting, '82.00');
  assert.notEqual(anew.question.id, waiting.question.id);
  // What was answered leads to what is asked now, on the card, in the log and in the run.
  const over = await settled(house, waiting);
  assert.deepEqual([over.state, over.successor], ['moved', anew.question.id]);
  const { lines } = await house.alice.operator.runs.show(waiting.task);
  const moved = lines.find((one) => one.moved !== null);
  assert.equal(moved?.moved?.approval, anew.question.id);
  assert.equal(lines.find(({ index }) => index === moved.moved?.index)?.decision, 'ask');
  assert.match(
    renderParts(sayMoved(over.shown, anew.question.shown)),
    /^Order 1042 changed since you looked: .*"\/refunded" was .*, now .*\. Here is the new question\.$/,
  );
  const refunded = (question: typeof anew.question) =>
    Number(JSON.parse(question.shown.lookedAgain?.text ?? '').refunded);
  assert.equal(refunded(anew.question), refunded(waiting.question) + 30);
  await house.bob.operator.approvals.answer(anew.question, 'yes');
  assert.equal((await poll(anew)).status, 201);
  assert.equal(ledger(), before + 1);
});

test('a yes that is not used within its time is no yes any more', async () => {
  const waiting = await asked(house, await atWork(house), '83.00');
  const before = ledger();
  const tenant = await tenantOf(house);
  await whileDown(house, async (ground) => {
    assert.equal((await yesOf(ground, tenant, house.bob, waiting.question, 1)).state, 'approved');
    await sleep(1100);
  });
  assert.equal((await settled(house, waiting)).state, 'expired');
  await refused(await poll(waiting), 'approval.expired');
  assert.equal(ledger(), before);
});

test('a yes that a crash kept from running runs once after it, if it is in time', async () => {
  const waiting = await asked(house, await atWork(house), '84.00');
  const before = ledger();
  const tenant = await tenantOf(house);
  await whileDown(house, (ground) => yesOf(ground, tenant, house.bob, waiting.question));
  assert.equal((await settled(house, waiting)).state, 'done');
  assert.equal(ledger(), before + 1);
});
