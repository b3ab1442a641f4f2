// Bob's inbox lists what waits in short; what he answers he reads whole.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { renderParts } from '@ambit/sdk/operator';
import { asked, atWork, joins, type Working } from '../attacks/questions.ts';
import { type House, openHouse } from '../house.ts';

let house: House;
let working: Working;
before(async () => {
  house = await openHouse();
  working = await atWork(house);
});
after(() => house.close());

const inbox = () => house.bob.operator.approvals.inbox();

test('each question has its sentence, who asks and whose it is to answer, and nothing that a signature would cover', async () => {
  const { question } = await asked(house, working, '67.00');
  const { questions, now } = await inbox();
  const [listed] = questions;
  const whole = await house.bob.operator.approvals.show(question.id);
  assert.equal(questions.length, 1);
  assert.equal(listed?.digest, whole.digest);
  assert.equal(renderParts(listed.sentence), renderParts(whole.card.sentence));
  assert.deepEqual([listed.agentName, listed.requesterName], [whole.shown.agent, whole.shown.requester]);
  assert.deepEqual([listed.role, listed.state, listed.answers], ['approver', 'parked', []]);
  assert.ok(now <= listed.expiresAt && listed.askedAt <= now);
  for (const never of ['shown', 'asks', 'card', 'sealed', 'jkt']) assert.ok(!(never in listed), never);
});

test('those that are alike are told together, one that is like no other is not', async () => {
  assert.deepEqual((await inbox()).alike, []);
  const second = await asked(house, working, '68.00');
  const { alike, questions } = await inbox();
  assert.equal(alike.length, 1);
  assert.deepEqual(new Set(alike[0]?.approvals), new Set(questions.map(({ id }) => id)));
  assert.ok(alike[0]?.approvals.includes(second.question.id));
});

test('what was answered is listed by what became of it, with who said what', async () => {
  const [first] = await house.bob.operator.approvals.list();
  await house.bob.operator.approvals.answer(first!, 'no', 'Not this one.');
  const { questions } = await house.bob.operator.approvals.inbox({ state: 'refused' });
  assert.deepEqual(
    questions.map(({ id, answers }) => [id, answers.map(({ person, answer }) => [person, answer])]),
    [[first?.id, [[house.bob.id, 'no']]]],
  );
  assert.ok((await inbox()).questions.every(({ id }) => id !== first?.id));
});

test('nobody finds there what they may not read', async () => {
  const { questions } = await house.ada.operator.approvals.inbox();
  const readable = await house.ada.operator.approvals.list();
  assert.deepEqual(
    questions.map(({ id }) => id),
    readable.map(({ id }) => id),
  );
  const sam = await joins(house, 'Sam', ['reviewer']);
  assert.deepEqual((await sam.operator.approvals.inbox()).questions, []);
});
