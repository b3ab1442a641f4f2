import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answeredTogetherMax, neverTogether, whyNotTogether } from './answered-together.ts';
import type { ApprovalId, TaskId } from './ids.ts';

const question = (id: number, { task = 'tsk_1', action = 'shop:refunds.create' } = {}) => ({
  ...{ id: `apr_${id}` as ApprovalId, task: task as TaskId, action },
});
const many = (length: number) => Array.from({ length }, (_, i) => question(i));

test('questions of one task that ask for the same action are answered together, as many as one can read', () => {
  for (const length of [1, 2, answeredTogetherMax]) assert.equal(whyNotTogether(many(length)), null);
});

test('none, too many, one twice, and what is of different tasks or actions are not, and it is said why', () => {
  assert.equal(whyNotTogether([]), 'none');
  assert.equal(whyNotTogether(many(answeredTogetherMax + 1)), 'many');
  assert.equal(whyNotTogether([...many(3), question(1)]), 'twice');
  assert.equal(whyNotTogether([...many(3), question(3, { task: 'tsk_2' })]), 'tasks');
  assert.equal(whyNotTogether([...many(3), question(3, { action: 'shop:refunds.cancel' })]), 'actions');
  assert.equal(whyNotTogether([question(1, { action: 'ambit:elevation' })]), 'elevation');
  assert.equal(whyNotTogether([question(1, { action: 'ambits:any.thing' })]), null, 'an API of another name');
  for (const says of Object.values(neverTogether)) assert.match(says, /^[A-Z].*\.$/);
});
