// Bob said yes once, to one refund: Mallory has it stand for the next one, for another amount, or against a rule.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ApprovalId } from '@ambit/protocol';
import { type House, openHouse, order, type Player } from '../house.ts';
import { asked, atWork, joins, poll, settled, twoMustAgree } from './questions.ts';
import { callsOf, refund, refused } from './witness.ts';

let house: House;
let dora: Player;
before(async () => {
  house = await openHouse();
  dora = await joins(house, 'Dora', ['approver']);
});
after(() => house.close());

const ledger = () => house.shop.ledger().length;

test('a yes is used up by the refund it was for: the same refund again is a new question', async () => {
  const waiting = await asked(house, await atWork(house), '70.00');
  await house.bob.operator.approvals.answer(waiting.question, 'yes');
  assert.equal((await poll(waiting)).status, 201);
  const after = ledger();
  const again = await asked(house, waiting, '70.00');
  assert.notEqual(again.question.id, waiting.question.id);
  assert.equal(again.question.callDigest, waiting.question.callDigest);
  assert.equal(ledger(), after);
});

test('a yes to 71.00 is none to 71.01, to another reason, or to another task of the same agent', async () => {
  const waiting = await asked(house, await atWork(house), '71.00');
  const { agent, token } = waiting;
  const others = [
    await refund(agent, token, '71.01'),
    await agent.call(token, 'POST', `/api/shop/orders/${order}/refunds`, {
      body: { amount: '71.00', currency: 'USD', reason: 'as discussed' },
    }),
    await atWork(house).then((other) => refund(other.agent, other.token, '71.00')),
  ];
  const before = ledger();
  await house.bob.operator.approvals.answer(waiting.question, 'yes');
  assert.equal((await poll(waiting)).status, 201);
  assert.equal(ledger(), before + 1);
  for (const response of others) {
    assert.equal(response.status, 202);
    const id = response.headers.get('ambit-approval') as ApprovalId;
    assert.notEqual(id, waiting.question.id);
    assert.equal((await house.bob.operator.approvals.show(id)).state, 'parked');
  }
});

test('the signature over one question answers no other', async () => {
  const first = await asked(house, await atWork(house), '72.00');
  const second = await asked(house, first, '73.00');
  const signed = { id: second.question.id, digest: first.question.digest };
  await assert.rejects(house.bob.operator.approvals.answer(signed, 'yes'), { code: 'signature.invalid' });
  assert.equal((await house.bob.operator.approvals.show(second.question.id)).state, 'parked');
});

test('a rule that forbids, published after the first yes, beats every yes', async () => {
  const [policy] = await house.ada.operator.policies.list();
  const { text } = await house.ada.operator.policies.show(policy!.number);
  await twoMustAgree(house);
  const waiting = await asked(house, await atWork(house), '74.00');
  const before = ledger();
  await house.bob.operator.approvals.answer(waiting.question, 'yes');
  const forbid =
    '@id("frozen") @reason("The books are closed.") forbid(principal, action == Action::"shop:refunds.create", resource);';
  await house.ada.operator.policies.publish(`${text}\n${forbid}`);
  await dora.operator.approvals.answer(await dora.operator.approvals.show(waiting.question.id), 'yes');
  await refused(await poll(waiting), 'approval.denied');
  const last = (await callsOf(house, waiting.task)).at(-1);
  assert.equal(ledger(), before);
  assert.equal((await settled(house, waiting)).state, 'denied');
  assert.equal(last?.decidedAgain ?? last?.decided, 'deny');
  await house.ada.operator.policies.publish(text);
});

test('a question that a rule adds between the first yes and the second is asked, with all others, anew', async () => {
  const [policy] = await house.ada.operator.policies.list();
  const { text } = await house.ada.operator.policies.show(policy!.number);
  const waiting = await asked(house, await atWork(house), '75.00');
  const before = ledger();
  await house.bob.operator.approvals.answer(waiting.question, 'yes');
  const ask =
    '@id("audit-week") @reason("It is audit week.") @ask("Is this in the audit file?") forbid(principal, action == Action::"shop:refunds.create", resource);';
  await house.ada.operator.policies.publish(`${text}\n${ask}`);
  await dora.operator.approvals.answer(await dora.operator.approvals.show(waiting.question.id), 'yes');
  await refused(await poll(waiting), 'approval.moved');
  assert.equal(ledger(), before);
  const anew = (await house.bob.operator.approvals.list()).find((one) => one.task === waiting.task);
  assert.deepEqual(
    anew?.asks.map((one) => one.ask.replace(/^task:.*$/, 'task')),
    ['task', 'policy:audit-week'],
  );
  assert.deepEqual(anew?.answers, []);
  await house.ada.operator.policies.publish(text);
});
