// A refund waits, and an administrator makes the approver it lacks: a role for a friend, or a second key in Bob's name.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connectOperator, enrol, newKey } from '@ambit/sdk/operator';
import { type House, openHouse } from '../house.ts';
import { asked, atWork, joins } from './questions.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const isOpenStill = async (id: Parameters<House['bob']['operator']['approvals']['show']>[0]) =>
  assert.equal((await house.bob.operator.approvals.show(id)).state, 'parked');

test('whoever becomes an approver after the question was asked does not answer it, but the next one', async () => {
  const mallory = await joins(house, 'Mallory', []);
  const waiting = await asked(house, await atWork(house), '80.00');
  await house.ada.operator.persons.setRoles(mallory.id, ['approver']);
  const late = await joins(house, 'Late', ['approver']);
  for (const one of [mallory, late]) {
    await assert.rejects(one.operator.approvals.answer(waiting.question, 'yes'), {
      code: 'approval.not_yours',
      message: /roles were changed after/,
    });
  }
  await isOpenStill(waiting.question.id);
  const next = await asked(house, await atWork(house), '81.00');
  await mallory.operator.approvals.answer(next.question, 'no');
});

test('a key that was enrolled in the approver’s name after the question was asked does not answer it', async () => {
  const waiting = await asked(house, await atWork(house), '82.00');
  const { code } = await house.ada.operator.persons.issueCode(house.bob.id);
  const key = await newKey();
  const url = house.plane.people;
  const { person } = await enrol({ url, code, key });
  const operator = await connectOperator({ url, person, key });
  await assert.rejects(operator.approvals.answer(waiting.question, 'yes'), {
    code: 'approval.not_yours',
    message: /key was enrolled after/,
  });
  await isOpenStill(waiting.question.id);
  await house.bob.operator.approvals.answer(waiting.question, 'no');
});
