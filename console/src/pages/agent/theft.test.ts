import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActionWords, Grant, LimitLeft, OpenTask } from '@ambit/protocol';
import { theftOf } from './theft.ts';

const hour = 3_600_000;
const now = 1_800_000_000_000;
const refund = 'shop:refunds.create';
const read = 'shop:orders.get';
const words: Readonly<Record<string, ActionWords>> = {
  [refund]: {
    api: 'shop',
    sentence: 'Refund {body.amount} {body.currency}',
    money: { amount: 'body.amount', currency: 'body.currency', places: 0 },
    resource: null,
  },
  [read]: { api: 'shop', sentence: 'Read {path.orderId}', money: null, resource: null },
};
const saying = { now, wordsOf: (action: string) => words[action] };

const dollars: Grant = {
  type: 'ambit_grant',
  actions: [refund],
  where: {
    'body.amount': { all: [{ range: { max: '100.00' } }] },
    'body.currency': { all: [{ equals: 'usd' }] },
  },
};
const left = (unit: string, amount: string | null, more: Partial<LimitLeft> = {}): LimitLeft => ({
  ...{ unit, spent: '0', now: '0', max: '1000', left: amount },
  ...{ actions: [refund], grant: 0, seconds: null },
  ...more,
});
const task = (authority: readonly Grant[], budget: readonly LimitLeft[] = []): OpenTask =>
  ({ authority, budget, expiresAt: now + hour, elevations: [] }) as unknown as OpenTask;
const open = { authority: [{ type: 'ambit_grant', actions: [refund, read] }] as readonly Grant[], budget: [] };
const sums = (tasks: readonly OpenTask[], ceiling: Parameters<typeof theftOf>[2] = open) =>
  theftOf(tasks, [], ceiling, saying).sums.map(({ currency, atMost }) => [currency, atMost]);

test('what is left of a sum in each open task is added up, currency by currency', () => {
  const euros = left('EUR', '7.5');
  const tasks = [task([dollars], [left('USD', '220.00')]), task([dollars], [left('USD', '0.10')])];
  assert.deepEqual(sums(tasks), [['USD', '220.1']]);
  assert.deepEqual(sums([...tasks, task([{ ...dollars, where: {} }], [euros])]), [
    ['USD', '220.1'],
    ['EUR', '7.5'],
  ]);
});

test('a limit that is used up leaves nothing, and what moves no money adds nothing', () => {
  assert.deepEqual(sums([task([dollars], [left('USD', null)])]), []);
  assert.deepEqual(sums([task([{ type: 'ambit_grant', actions: [read] }])]), []);
});

test('a limit over a span counts every span until the end', () => {
  const daily = left('USD', '1.00', { max: '10', seconds: 1800 });
  assert.deepEqual(sums([task([dollars], [daily])]), [['USD', '20']]);
});

test('so many calls of so much each are a bound too, and the tighter one counts', () => {
  assert.deepEqual(sums([task([dollars], [left('calls', '3')])]), [['USD', '300']]);
  assert.deepEqual(sums([task([dollars], [left('calls', '3'), left('USD', '250.00')])]), [['USD', '250']]);
});

test('nothing that bounds it is said as such, in the currency that a rule names or in any', () => {
  assert.deepEqual(sums([task([dollars])]), [['USD', null]]);
  assert.deepEqual(sums([task([{ type: 'ambit_grant', actions: [refund] }])]), [[null, null]]);
  assert.deepEqual(sums([task([dollars], [left('USD', '5')]), task([dollars])]), [['USD', null]]);
});

test('the ceiling bounds all tasks together, and what it does not allow nobody could do', () => {
  const bounded = { authority: [dollars], budget: [left('USD', '40')] };
  assert.deepEqual(sums([task([dollars])], bounded), [['USD', '40']]);
  assert.deepEqual(sums([task([{ type: 'ambit_grant', actions: [refund] }])], bounded), [['USD', '40']]);
  const other = { authority: [{ type: 'ambit_grant', actions: [read] }] as readonly Grant[], budget: [] };
  assert.deepEqual(sums([task([dollars])], other), []);
});

test('an elevation and a standing grant are open to a thief as well', () => {
  const beside = { authority: [dollars], budget: [left('USD', '60')], expiresAt: now + hour };
  const elevated = { ...task([dollars], [left('USD', '40')]), elevations: [beside] };
  assert.deepEqual(theftOf([elevated], [beside], open, saying).sums, [{ currency: 'USD', atMost: '160' }]);
});

test('it says whether a person is asked before each, some or none of it', () => {
  const asks = (grants: readonly Grant[]) => theftOf([task(grants)], [], open, saying).asks;
  const over = { over: { amount: '50', currency: 'USD' }, reason: 'Large.' };
  const always: Grant = { ...dollars, asks: [{ always: true, reason: 'New.' }] };
  assert.equal(asks([dollars]), 'never');
  assert.equal(asks([{ ...dollars, asks: [over] }]), 'partly');
  assert.equal(asks([always]), 'always');
  assert.equal(asks([always, dollars]), 'partly');
});
