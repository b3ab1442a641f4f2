// A question that nobody answers ends by itself, and so does a yes that nobody used in time.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { asked, atWork, poll, settled } from '../attacks/questions.ts';
import { callsOf, refund, refused, until } from '../attacks/witness.ts';
import { type House, openHouse } from '../house.ts';

let house: House;
before(async () => {
  house = await openHouse({ env: { AMBIT_APPROVAL_TTL_SECONDS: '5' } });
});
after(() => house.close());

test('after its time the question is over: the agent is refused, nothing was sent or spent, and the log says so', async () => {
  const refunds = house.shop.ledger().length;
  const working = await atWork(house);
  const waiting = await asked(house, working, '100.00');
  const told = await refused(await poll(waiting, 10), 'approval.expired');
  assert.match(told.detail, /[Aa]sk again|again|nobody/);
  assert.equal((await settled(house, waiting)).state, 'expired');
  await assert.rejects(house.bob.operator.approvals.answer(waiting.question, 'yes'), { code: /^approval\./ } as never);
  assert.equal(house.shop.ledger().length, refunds);
  const [step] = await callsOf(house, working.task);
  assert.deepEqual([step?.decided, step?.answers.length, step?.outcome?.code], ['ask', 0, 'expired']);
  assert.equal((await refund(working.agent, working.token, '50.00')).status, 201);
});

test('a task that runs out ends by itself, with its token and its question', async () => {
  const working = await atWork(house, { ttlSeconds: 10 });
  const waiting = await asked(house, working);
  const { task } = await house.alice.operator.tasks.show(working.task);
  await new Promise((resolve) => setTimeout(resolve, task.expiresAt - Date.now()));
  const late = await refund(working.agent, working.token, '10.00');
  assert.equal(late.status, 401, await late.text());
  assert.match((await settled(house, waiting)).state, /^(ended|expired)$/);
  const ended = await until('the end of the task', async () => {
    const { task: now } = await house.alice.operator.tasks.show(working.task);
    return now.state === 'active' ? undefined : now;
  });
  assert.equal(ended.state, 'expired');
});
