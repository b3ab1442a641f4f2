// refund-bot asks for more than the line, and Bob says yes: it happens once, exactly as shown, and within its time.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { asked, atWork, poll, settled } from '../attacks/questions.ts';
import { callsOf, refund, refused } from '../attacks/witness.ts';
import { type House, openHouse, order } from '../house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

test('Bob sees what will happen, for whom, why, what it costs and what can be undone', async () => {
  const working = await atWork(house);
  const headers = { 'ambit-reason': 'The photo shows a broken vase.' };
  const response = await refund(working.agent, working.token, '80.00', { headers });
  const question = await house.bob.operator.approvals.show(response.headers.get('ambit-approval') as never);
  const { shown } = question;
  assert.equal(shown.sentence, `Refund 80.00 USD to "Dana Ruiz" (cus_0217) for order ${order}`);
  assert.deepEqual(shown.amount, { amount: '80.00', currency: 'USD' });
  assert.equal(shown.requester, 'Alice');
  assert.equal(shown.agent, 'refund-bot');
  assert.match(shown.purpose, /damaged order/);
  assert.match(shown.reversibility, /compensable/);
  assert.equal(shown.claim, 'The photo shows a broken vase.');
  assert.equal(shown.lookedAgain?.status, 200, 'the order itself was looked up for him');
  assert.ok(shown.left.length > 0, 'he sees what is left of the budget');
});

test('the call runs once, as shown, and the agent that comes back gets the shop’s own answer', async () => {
  const refunds = house.shop.ledger().length;
  const waiting = await asked(house, await atWork(house));
  await house.bob.operator.approvals.answer(waiting.question, 'yes');
  const first = await poll(waiting);
  assert.equal(first.status, 201);
  const text = await first.text();
  assert.match(text, /80\.00/);
  assert.equal(await (await poll(waiting)).text(), text, 'who comes back again hears the same, and nothing runs again');
  const added = house.shop.ledger().slice(refunds);
  assert.deepEqual(
    added.map(({ amount }) => amount),
    ['80.00'],
  );
});

test('a yes counts against the budget like any other call', async () => {
  const working = await atWork(house);
  for (const amount of ['100.00', '100.00']) {
    const waiting = await asked(house, working, amount);
    await house.bob.operator.approvals.answer(waiting.question, 'yes');
    assert.equal((await poll(waiting)).status, 201);
  }
  await refused(await refund(working.agent, working.token, '60.00'), 'limits.sum_exceeded');
});

test('a yes is worth what was shown: once another refund changed the order, the same call is asked anew', async () => {
  const working = await atWork(house);
  const [first, second] = [await asked(house, working, '90.00'), await asked(house, working, '95.00')];
  await house.bob.operator.approvals.answer(first.question, 'yes');
  assert.equal((await poll(first)).status, 201);
  const refunds = house.shop.ledger().length;
  await house.bob.operator.approvals.answer(second.question, 'yes');
  await refused(await poll(second), 'approval.moved');
  const open = (await house.bob.operator.approvals.list()).filter((one) => one.task === working.task);
  assert.deepEqual(
    open.map(({ shown }) => shown.amount?.amount),
    ['95.00'],
    'Bob is asked again, about the order as it is now',
  );
  assert.equal(house.shop.ledger().length, refunds);
});

test('a yes to a call whose task was taken back in between runs nothing', async () => {
  const waiting = await asked(house, await atWork(house));
  const refunds = house.shop.ledger().length;
  const [taken] = await Promise.allSettled([
    house.alice.operator.tasks.revoke(waiting.task, 'Never mind.'),
    house.bob.operator.approvals.answer(waiting.question, 'yes').then(() => settled(house, waiting)),
  ]);
  assert.equal(taken.status, 'fulfilled');
  const { state } = await settled(house, waiting);
  assert.equal(house.shop.ledger().length - refunds, state === 'done' ? 1 : 0, `it is ${state}`);
  assert.equal((await poll(waiting, 0)).status, 401);
});

test('two who say yes at the same moment make one refund', async () => {
  const refunds = house.shop.ledger().length;
  const waiting = await asked(house, await atWork(house));
  const answers = await Promise.allSettled([
    house.bob.operator.approvals.answer(waiting.question, 'yes'),
    house.bob.operator.approvals.answer(waiting.question, 'yes'),
  ]);
  assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1);
  assert.equal((await poll(waiting)).status, 201);
  assert.equal(house.shop.ledger().length, refunds + 1);
});

test('the same call asked again while it waits is the same question', async () => {
  const working = await atWork(house);
  const [first, second] = [await asked(house, working), await asked(house, working)];
  assert.equal(first.question.id, second.question.id);
});

test('the run shows the question, the yes and what came of it as one step', async () => {
  const working = await atWork(house);
  const waiting = await asked(house, working);
  await house.bob.operator.approvals.answer(waiting.question, 'yes', 'Seen the photo.');
  assert.equal((await settled(house, waiting)).state, 'done');
  const steps = await callsOf(house, working.task);
  assert.equal(steps[0]?.decided, 'ask');
  assert.equal(steps[0]?.decidedAgain, 'permit');
  assert.equal(steps[0]?.answers[0]?.by, house.bob.id);
});
