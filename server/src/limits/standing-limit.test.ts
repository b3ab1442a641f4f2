import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatId } from '@ambit/protocol';
import { Refusal } from '../foundation/index.ts';
import { parseStandingLimit } from './standing-limit.ts';

const agent = formatId('agent', new Uint8Array(13).fill(3));
const person = formatId('person', new Uint8Array(13).fill(3));
const daily = {
  name: 'refunds-per-day',
  subject: 'tenant',
  limit: { sum: { max: '1000.00', currency: 'USD' }, seconds: 86_400 },
  reason: 'Budget of the team',
};

test('a limit reads as it was written, with what it leaves out spelled out', () => {
  assert.deepEqual(parseStandingLimit(daily), { ...daily, whom: null, actions: null });
  const narrow = { ...daily, subject: 'requester', whom: agent, actions: ['shop:refunds.create'] };
  assert.deepEqual(parseStandingLimit(narrow), narrow);
});

const refused: readonly (readonly [what: string, more: Record<string, unknown>, says: RegExp])[] = [
  ['no window', { limit: { calls: 5 } }, /limit\.seconds is missing: a limit that outlives tasks/],
  ['no limit', { limit: { seconds: 60 } }, /exactly one of calls, sum or cost/],
  ['an unknown subject', { subject: 'team' }, /subject must be "tenant" or/],
  ['a tenant by name', { whom: 'acme' }, /whom does not name one tenant/],
  ['an agent that is a person', { subject: 'agent', whom: person }, /whom does not name one agent/],
  ['an action without its API', { subject: 'action', whom: 'refunds.create' }, /whom does not name one action/],
  ['a wildcard', { actions: ['shop: *'] }, /action ids/],
  ['actions beside an action', { subject: 'action', actions: ['shop:a'] }, /use whom/],
  ['a name with spaces', { name: 'per day' }, /small letters, digits and dashes/],
  ['a name with a bar', { name: 'a|b' }, /small letters, digits and dashes/],
  ['a negative sum', { limit: { sum: { max: '-5', currency: 'USD' }, seconds: 60 } }, /decimal in a string/],
  ['an unknown member', { scope: 'all' }, /scope is not known here/],
];

for (const [what, more, says] of refused) {
  test(`${what} is refused, with the part and the reason`, () => {
    assert.throws(
      () => parseStandingLimit({ ...daily, ...more }),
      (error) => error instanceof Refusal && error.code === 'limits.malformed' && says.test(error.says),
    );
  });
}
