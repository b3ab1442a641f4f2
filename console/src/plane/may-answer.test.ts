import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Approval, Me } from '@ambit/sdk/operator';
import { whyNot } from './may-answer.ts';

const question = { role: 'approver', askedAt: 100, keys: null, answers: [], requester: 'alice' } as unknown as Approval;
const passkey = { state: 'active', kind: 'passkey', addedAt: 100, passkey: {} };
const ofCommandLine = { state: 'active', kind: 'key', addedAt: 50, passkey: null };
const bob = (keys: readonly object[], rolesSince = 0) =>
  ({ id: 'bob', roles: ['approver'], rolesSince, keys }) as unknown as Me;

test('a passkey that is no newer than the question answers it', () => {
  assert.equal(whyNot(question, bob([passkey])), null);
  assert.equal(whyNot(question, bob([{ ...passkey, addedAt: 101 }, passkey])), null);
});

test('a question that is older than every passkey is not theirs to answer here', () => {
  const newer = { ...passkey, addedAt: 101 };
  const none =
    'You have no passkey that is older than this question, so another person with the role approver answers.';
  for (const keys of [[], [newer], [{ ...passkey, state: 'revoked' }]]) assert.equal(whyNot(question, bob(keys)), none);
  assert.match(whyNot(question, bob([newer, ofCommandLine])) ?? '', /at the command line with your older key/);
  assert.equal(whyNot({ ...question, keys: ['passkey'] }, bob([newer, ofCommandLine])), none);
});

test('a role that was given after the question does not reach back to it', () => {
  assert.match(whyNot(question, bob([passkey], 101)) ?? '', /Your roles were changed after this was asked/);
  assert.equal(whyNot(question, bob([passkey], 100)), null);
});
