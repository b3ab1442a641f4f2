import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatId } from '@ambit/protocol';
import { whyNotOpenTask, whyNotRegister } from './may-begin.ts';

const [alice, bob] = [1, 2].map((last) => formatId('person', new Uint8Array(13).fill(last)));
const delegable = [{ type: 'ambit_grant', actions: ['shop:orders.get'] }] as const;

test('owners and administrators register agents, and others are told who does', () => {
  assert.equal(whyNotRegister({ roles: ['owner'] }), null);
  assert.equal(whyNotRegister({ roles: ['administrator', 'auditor'] }), null);
  for (const roles of [[], ['approver', 'auditor', 'catalog', 'policy', 'reviewer']] as const)
    assert.match(whyNotRegister({ roles }) ?? '', /role owner or administrator/);
});

test('a task is opened by who may hand something to agents', () => {
  assert.equal(whyNotOpenTask({ id: alice!, delegable }), null);
  assert.match(whyNotOpenTask({ id: alice!, delegable: [] }) ?? '', /hand nothing to agents.*administrator/);
});

test('nobody opens a task for a service, and only its owner for a client', () => {
  const of = (kind: 'agent' | 'service' | 'client', owner = bob!) =>
    whyNotOpenTask({ id: alice!, delegable }, { kind, owner });
  assert.equal(of('agent'), null);
  assert.match(of('service') ?? '', /nobody’s behalf/);
  assert.match(of('client') ?? '', /person who owns it/);
  assert.equal(of('client', alice!), null);
});
