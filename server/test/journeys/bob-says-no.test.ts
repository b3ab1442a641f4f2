// refund-bot asks for more than the line, and Bob says no: nothing is sent, and the agent is told why.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { asked, atWork, poll } from '../attacks/questions.ts';
import { callsOf, refund, refused } from '../attacks/witness.ts';
import { type House, openHouse } from '../house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

test('the agent hears the no with Bob’s words, and the shop never saw the call', async () => {
  const refunds = house.shop.ledger().length;
  const working = await atWork(house);
  const waiting = await asked(house, working);
  await house.bob.operator.approvals.answer(waiting.question, 'no', 'The photo shows another parcel.');
  const told = await refused(await poll(waiting), 'approval.refused');
  assert.match(told.detail, /The photo shows another parcel/);
  assert.equal(house.shop.ledger().length, refunds);
});

test('the run tells who said no, when and why', async () => {
  const working = await atWork(house);
  const waiting = await asked(house, working);
  await house.bob.operator.approvals.answer(waiting.question, 'no', 'Not twice.');
  const [step] = await callsOf(house, working.task);
  assert.equal(step?.decided, 'ask');
  assert.deepEqual(
    step?.answers.map(({ by, answer, reason }) => ({ by, answer, reason })),
    [{ by: house.bob.id, answer: 'no', reason: 'Not twice.' }],
  );
});

test('a no is the end of that question: a yes afterwards is refused, by Bob and by others', async () => {
  const waiting = await asked(house, await atWork(house));
  await house.bob.operator.approvals.answer(waiting.question, 'no');
  await assert.rejects(house.bob.operator.approvals.answer(waiting.question, 'yes'), { code: 'approval.over' });
  await refused(await poll(waiting, 0), 'approval.refused');
});

test('a no spends nothing: what was left of the budget is left still', async () => {
  const working = await atWork(house);
  const waiting = await asked(house, working, '100.00');
  await house.bob.operator.approvals.answer(waiting.question, 'no');
  assert.equal((await refund(working.agent, working.token, '50.00')).status, 201);
});

test('the agent that waits hears it at once', async () => {
  const working = await atWork(house);
  const began = performance.now();
  const waiting = refund(working.agent, working.token, '80.00', { headers: { prefer: 'wait=30' } });
  await answerTheNext(working.task);
  await refused(await waiting, 'approval.refused');
  assert.ok(performance.now() - began < 10_000);
});

test('Alice, who asked, and Carol, who audits, cannot answer in Bob’s place', async () => {
  const waiting = await asked(house, await atWork(house));
  for (const other of [house.alice, house.carol, house.ada]) {
    await assert.rejects(other.operator.approvals.answer(waiting.question, 'no'), { code: 'approval.not_yours' });
  }
  assert.equal((await house.bob.operator.approvals.show(waiting.question.id)).state, 'parked');
});

async function answerTheNext(task: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const ours = (await house.bob.operator.approvals.list()).find((one) => one.task === task);
    if (ours !== undefined) {
      await house.bob.operator.approvals.answer(ours, 'no');
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail('nobody asked');
}
