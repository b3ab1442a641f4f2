import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grantOf, noGrant } from './draft-grant.ts';

const refund = 'shop:refunds.create';
const read = 'shop:orders.get';
const made = (draft: Partial<typeof noGrant>) =>
  grantOf({ ...noGrant, actions: [refund], ...draft }, (action) => action === refund);
const faultOf = (draft: Partial<typeof noGrant>) => {
  const result = made(draft);
  return 'fault' in result ? result.fault : assert.fail('it was taken');
};

test('what is not filled in is not said', () => {
  assert.deepEqual(made({}), { grant: { type: 'ambit_grant', actions: [refund] } });
});

test('amounts and calls bound it, in all or in a span, in the currency as it is written in capitals', () => {
  assert.deepEqual(made({ amount: ' 250.00 ', currency: 'usd', calls: '3', seconds: '86400' }), {
    grant: {
      type: 'ambit_grant',
      actions: [refund],
      limits: [
        { sum: { max: '250.00', currency: 'USD' }, seconds: 86_400 },
        { calls: 3, seconds: 86_400 },
      ],
    },
  });
});

test('a person is asked each time, or from a sum on', () => {
  assert.deepEqual(made({ asks: 'always', reason: 'New.' }), {
    grant: { type: 'ambit_grant', actions: [refund], asks: [{ always: true, reason: 'New.' }] },
  });
  assert.deepEqual(made({ asks: 'over', over: '50', currency: 'EUR', reason: 'Large.' }), {
    grant: {
      type: 'ambit_grant',
      actions: [refund],
      asks: [{ over: { amount: '50', currency: 'EUR' }, reason: 'Large.' }],
    },
  });
});

test('what the plane would refuse is said before it is asked', () => {
  assert.equal(faultOf({ actions: [] }), 'Choose at least one action.');
  assert.match(faultOf({ amount: '5' }), /Name the currency/);
  assert.match(faultOf({ actions: [refund, read], amount: '5', currency: 'USD' }), /orders\.get moves no money/);
  assert.match(faultOf({ asks: 'over', currency: 'USD' }), /from which amount/);
  assert.match(faultOf({ asks: 'always' }), /Say why/);
  for (const odd of ['-5', '1e3', '5,00', 'much']) assert.match(faultOf({ amount: odd, currency: 'USD' }), /sum\.max/);
  for (const odd of ['x', '1.5', '-1']) assert.match(faultOf({ calls: odd }), /calls/);
  assert.match(faultOf({ amount: '5', currency: 'dollars' }), /currency/);
});
