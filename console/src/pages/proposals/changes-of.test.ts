import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesOf, sayName } from './changes-of.ts';

test('what is and what would be stand beside each other, member by member, and what stays is left out', () => {
  const changes = {
    person: 'psn_1',
    before: { roles: ['owner'], delegable: [] },
    after: { roles: ['owner', 'approver'], delegable: [] },
    opens: { email: null, keys: [] },
  };
  assert.deepEqual(changesOf(changes), [
    { is: 'said', name: 'person', value: 'psn_1' },
    { is: 'compared', name: 'roles', now: ['owner'], next: ['owner', 'approver'] },
    { is: 'said', name: 'opens', value: { email: null, keys: [] } },
  ]);
});

test('where nothing was before, everything is new', () => {
  const { length } = changesOf({ before: null, after: { max: '10.00', seconds: 60 } });
  assert.equal(length, 2);
});

test('single values are compared, at the top and inside', () => {
  assert.deepEqual(changesOf({ api: 'shop', from: 'https://a', to: 'https://b' })[1], {
    is: 'compared',
    name: 'value',
    now: 'https://a',
    next: 'https://b',
  });
  assert.deepEqual(changesOf({ twoPersons: { from: true, to: false } }), [
    { is: 'compared', name: 'twoPersons', now: true, next: false },
  ]);
});

test('a value that has more beside the pair is said whole', () => {
  const rules = [{ id: 'all', from: null, to: 'permit' }];
  assert.deepEqual(changesOf({ rules }), [{ is: 'said', name: 'rules', value: rules }]);
  assert.deepEqual(changesOf('odd'), [{ is: 'said', name: 'change', value: 'odd' }]);
});

test('names of members read as words', () => {
  assert.deepEqual([sayName('issuedBy'), sayName('delegable')], ['Issued by', 'May hand to agents']);
});
