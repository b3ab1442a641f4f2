import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alike, ListedQuestion, Me } from '@ambit/sdk/operator';
import { groupOf } from './group-of.ts';

const me = {
  id: 'psn_bob',
  roles: ['approver'],
  rolesSince: 0,
  keys: [{ state: 'active', kind: 'passkey', addedAt: 0, passkey: {} }],
} as unknown as Me;

type Some = { readonly task?: string; readonly action?: string; readonly expiresAt?: number; readonly role?: string };

const question = (id: number, some: Some = {}) =>
  ({
    ...{ id: `apr_${id}`, task: 'tsk_1', action: 'shop:orders.note', state: 'parked', askedAt: 1 },
    ...{ expiresAt: 1000 + id, role: 'approver', notRequester: false, notOwner: false, keys: null, answers: [] },
    ...some,
  }) as unknown as ListedQuestion;

function group(approvals: readonly ListedQuestion[], differing: readonly number[] = [], of = approvals[0]) {
  const odd = differing.map((id) => ({ approval: `apr_${id}`, how: [] }));
  const alike = { key: 'k', approvals: approvals.map(({ id }) => id), sentence: [], title: [], differing: odd };
  return groupOf(
    { now: 0, questions: approvals, alike: [alike as unknown as Alike] },
    of ?? assert.fail('none'),
    me,
    500,
  );
}
const idsIn = (found: ReturnType<typeof group>) => found?.members.map(({ id }) => id);

test('those of the same task are answered together, the differing ones first, then the soonest', () => {
  const found = group([question(1), question(2), question(3), question(4)], [3]);
  assert.deepEqual(idsIn(found), ['apr_3', 'apr_1', 'apr_2', 'apr_4']);
  assert.deepEqual([found?.waiting, found?.never], [4, null]);
});

test('what has ended, or is another’s to answer, is not among them; one alone is no group', () => {
  const ended = question(2, { expiresAt: 400 });
  const others = question(3, { role: 'reviewer' });
  assert.deepEqual(idsIn(group([question(1), ended, others, question(4)])), ['apr_1', 'apr_4']);
  assert.equal(group([question(1), ended, others]), null);
  assert.equal(
    group([question(1), question(2), others], [], others),
    null,
    'nor where the one that is open is not theirs',
  );
});

test('of several tasks those of the open one; where it has no other, it is said why each is answered by itself', () => {
  const elsewhere = { task: 'tsk_2' };
  const some = group([question(1), question(2), question(3, elsewhere)]);
  assert.deepEqual([idsIn(some), some?.waiting, some?.never], [['apr_1', 'apr_2'], 3, null]);
  assert.match(group([question(1), question(2, elsewhere)])?.never ?? '', /of different tasks/);
  const beyond = { action: 'ambit:elevation' };
  assert.match(group([question(1, beyond), question(2, beyond)])?.never ?? '', /one question at a time/);
});

test('as many as one signature is over, the open one among them', () => {
  const all = Array.from({ length: 60 }, (_, i) => question(i + 1));
  const last = all.at(-1);
  const found = group(all, [], last);
  assert.equal(found?.members.length, 50);
  assert.ok(last !== undefined && found?.members.includes(last));
  assert.equal(found?.never, null);
});
