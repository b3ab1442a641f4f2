import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Me, Proposal } from '@ambit/sdk/operator';
import { mayConfirm, whyNotAnswer, whyNotConfirm } from './may-confirm.ts';

const passkey = { state: 'active', addedAt: 50, passkey: {} };
const eva = { id: 'eva', roles: ['administrator'], rolesSince: 0, keys: [passkey] } as unknown as Me;
const proposal = {
  role: 'administrator',
  proposedBy: 'ada',
  proposedAt: 100,
  expiresAt: 200,
  gains: null,
  state: 'open',
} as unknown as Proposal;

test('another person with the same role and an older passkey confirms what still waits', () => {
  assert.ok(mayConfirm(proposal, eva, 150));
  assert.ok(!mayConfirm(proposal, eva, 200), 'it is over');
  assert.ok(!mayConfirm({ ...proposal, state: 'done' }, eva, 150), 'it is done');
  assert.ok(mayConfirm({ ...proposal, role: 'owner' }, eva, 150), 'an administrator may what an owner may');
});

test('whoever asked, or would gain, confirms it not; whoever asked may end it', () => {
  const own = { ...proposal, proposedBy: eva.id };
  assert.match(whyNotConfirm(own, eva) ?? '', /You asked for it/);
  assert.equal(whyNotAnswer(own, eva), null);
  assert.match(whyNotConfirm({ ...proposal, gains: eva.id }, eva) ?? '', /You would gain by it/);
});

test('a right or a passkey that came later does not reach back', () => {
  assert.match(whyNotAnswer(proposal, { ...eva, rolesSince: 101 }) ?? '', /Your roles were changed after/);
  const keyed = (...keys: object[]) => ({ ...eva, keys }) as unknown as Me;
  assert.match(whyNotAnswer(proposal, keyed({ ...passkey, addedAt: 101 })) ?? '', /no passkey that is older/);
  assert.match(whyNotAnswer(proposal, keyed({ ...passkey, state: 'revoked' })) ?? '', /no passkey that is older/);
  assert.match(whyNotAnswer(proposal, keyed({ ...passkey, passkey: null })) ?? '', /at the command line/);
  assert.match(whyNotAnswer(proposal, { ...eva, roles: ['owner'] }) ?? '', /with the role administrator/);
});
