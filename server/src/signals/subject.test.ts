import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TenantId } from '@ambit/protocol';
import { type ComplexSubject, covers, type Subject, subjectOf } from './subject.ts';

const iss = 'https://ambit.example';
const tenant = 'ten_0123456789abcdefghjk' as TenantId;
const event = subjectOf(iss, { tenant, user: 'psn_1', agent: 'agt_1', task: 'tsk_1' });
const named = (sub: string, by = iss): Subject => ({ format: 'iss_sub', iss: by, sub });
const complex = (members: object): Subject => ({ format: 'complex', ...members }) as ComplexSubject;

test('a simple subject covers an event that names it in any place, and no other', () => {
  assert.equal(covers(named('agt_1'), event), true);
  assert.equal(covers(named('psn_1'), event), true);
  assert.equal(covers({ format: 'opaque', id: 'tsk_1' }, event), true);
  assert.equal(covers(named('agt_2'), event), false);
  assert.equal(covers(named('agt_1', 'https://other.example'), event), false, 'the issuer is part of the name');
  assert.equal(covers({ format: 'opaque', id: 'agt_1' }, event), false, 'and so is the format');
});

test('of a complex subject every member that both have must be the same', () => {
  const ours = { format: 'opaque', id: tenant };
  assert.equal(covers(complex({ tenant: ours }), event), true);
  assert.equal(covers(complex({ tenant: ours, application: named('agt_1') }), event), true);
  assert.equal(covers(complex({ tenant: ours, application: named('agt_2') }), event), false);
  assert.equal(covers(complex({ tenant: { format: 'opaque', id: 'ten_x' } }), event), false);
  assert.equal(covers(complex({ application: named('agt_1'), device: named('d') }), event), true);
});

test('a subject that shares nothing with an event covers it not: nothing is left out by mistake', () => {
  assert.equal(covers(complex({}), event), false);
  assert.equal(covers(complex({ device: named('d') }), event), false);
  assert.equal(covers(complex({ session: named('agt_1') }), event), false);
});
