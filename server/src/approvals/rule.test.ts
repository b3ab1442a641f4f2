import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ApprovalRule, ruleByDefault, ruleFor } from './rule.ts';

const rule = (action: string): ApprovalRule => ({ ...ruleByDefault(60), action });
const fallback = rule('fallback');

test('the most particular rule counts, in whatever order they stand', () => {
  const names = ['*', 'shop:*', 'shop:refunds.create', 'shop:refunds', 'crm:*'];
  const expected: readonly [string, string][] = [
    ['shop:refunds.create', 'shop:refunds.create'],
    ['shop:refunds', 'shop:refunds'],
    ['shop:orders.get', 'shop:*'],
    ['crm:contacts.get', 'crm:*'],
    ['shopx:orders.get', '*'],
    ['mail:send', '*'],
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(names, { minLength: names.length }), (order) => {
      for (const [action, name] of expected) assert.equal(ruleFor(order.map(rule), action, fallback).action, name);
    }),
  );
});

test('without a rule that fits, the one that always holds counts', () => {
  assert.equal(ruleFor([], 'shop:refunds.create', fallback).action, 'fallback');
  assert.equal(ruleFor([rule('crm:*'), rule('shop:refunds')], 'shop:refunds.create', fallback).action, 'fallback');
  assert.deepEqual(ruleByDefault(60), {
    action: '*',
    role: 'approver',
    answersNeeded: 1,
    notRequester: true,
    notOwner: false,
    ttlSeconds: 60,
    keys: null,
  });
});
