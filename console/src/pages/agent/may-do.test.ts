import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNotDo } from './may-do.ts';

const agent = { owner: 'psn_alice' } as never;
const alice = { id: 'psn_alice', roles: ['owner'] } as never;
const ada = { id: 'psn_ada', roles: ['administrator'] } as never;
const carol = { id: 'psn_carol', roles: ['auditor'] } as never;

test('an owner and an administrator may suspend, nobody else', () => {
  assert.equal(whyNotDo('suspend', agent, alice, 'Alice'), null);
  assert.equal(whyNotDo('suspend', agent, ada, 'Alice'), null);
  assert.equal(
    whyNotDo('suspend', agent, carol, 'Alice'),
    'Only its owner or an administrator can suspend it. Its owner is Alice.',
  );
});

test('the owner alone lets an agent act, and an administrator alone gives it away', () => {
  assert.equal(whyNotDo('resume', agent, ada, 'Alice'), 'Only its owner can let it act again. Its owner is Alice.');
  assert.equal(whyNotDo('resume', agent, alice, 'Alice'), null);
  assert.notEqual(whyNotDo('reassign', agent, alice, 'Alice'), null);
  assert.equal(whyNotDo('reassign', agent, ada, 'Alice'), null);
});
