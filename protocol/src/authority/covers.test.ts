import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimalOf } from '../decimal.ts';
import { JsonNumber, type JsonValue } from '../json.ts';
import type { Grant } from './authority.ts';
import { type CallFacts, covers } from './covers.ts';
import { readMoney } from './money.ts';

const read: Grant = {
  type: 'ambit_grant',
  actions: ['shop:orders.get'],
  where: {
    'path.orderId': { all: [{ equals: '1042' }] },
    'query.fields': { all: [{ maxLength: 40 }], optional: true },
  },
};
const refund: Grant = {
  type: 'ambit_grant',
  actions: ['shop:refunds.create'],
  where: {
    'path.orderId': { all: [{ equals: '1042' }] },
    'body.amount': { all: [{ range: { min: '0.01', max: '100.00' } }] },
    'body.currency': { all: [{ equals: 'USD' }] },
  },
  limits: [{ sum: { max: '250.00', currency: 'USD' } }],
};

function call(action: string, given: Record<string, JsonValue>): CallFacts {
  return {
    action,
    arguments: new Map(Object.entries(given)),
    money: readMoney(given['body.amount'], given['body.currency']),
  };
}

const refundOf = (amount: JsonValue, more: Record<string, JsonValue> = {}) =>
  call('shop:refunds.create', { 'path.orderId': '1042', 'body.amount': amount, 'body.currency': 'USD', ...more });

function says(facts: CallFacts, authority: readonly Grant[] = [read, refund]): string {
  const answer = covers(authority, facts);
  assert.equal(answer.covered, false);
  return answer.covered ? '' : answer.says;
}

test('a call within the bounds is covered by the first grant that has room for it', () => {
  assert.deepEqual(covers([read, refund], refundOf('30.00')), { covered: true, grant: 1 });
  assert.deepEqual(covers([read, refund, refund], refundOf(new JsonNumber('30'))), { covered: true, grant: 1 });
  assert.deepEqual(covers(read, call('shop:orders.get', { 'path.orderId': '1042' })), { covered: true, grant: 0 });
  assert.deepEqual(covers([], refundOf('30.00')).covered, false);
});

test('too much says which bound, which value, and what to do', () => {
  assert.equal(
    says(refundOf('180.00')),
    'refunds.create needs body.amount 180.00 ≤ 100.00; ask for an elevation or narrow the amount.',
  );
  assert.equal(
    says(refundOf('0.00')),
    'refunds.create needs body.amount 0.00 ≥ 0.01; ask for an elevation or raise the amount.',
  );
});

for (const amount of [
  '-1000.00',
  '1e3',
  '１００',
  '٣٠',
  ' 30',
  '30,00',
  '',
  '0x1E',
  'NaN',
  null,
  true,
  new JsonNumber('-30'),
  ['30'],
  { value: '30' },
]) {
  test(`an amount written ${JSON.stringify(amount)} is no amount`, () => {
    assert.match(says(refundOf(amount)), /^refunds\.create needs body\.amount to be from 0\.01 to 100\.00, not /);
  });
}

test("another customer's order, and an order id that is a path, are outside", () => {
  assert.equal(
    says(call('shop:orders.get', { 'path.orderId': '2000' })),
    'orders.get needs path.orderId to be "1042", not "2000"; ask for an elevation or change it.',
  );
  for (const id of ['../payroll', '%2e%2e/payroll', '1042/../../payroll', '1042 ', '１０４２']) {
    assert.match(says(call('shop:orders.get', { 'path.orderId': id })), /needs path\.orderId to be "1042"/);
  }
});

test('it is told whether that is all that stands in the way, and how many grants name the action', () => {
  const way = (authority: readonly Grant[], facts: CallFacts) => {
    const answer = covers(authority, facts);
    return answer.covered ? assert.fail('it is covered') : [answer.isAlone, answer.among];
  };
  assert.deepEqual(way([read, refund], refundOf('180.00')), [true, 1]);
  assert.deepEqual(way([read, refund, refund], refundOf('180.00', { 'body.currency': 'KWD' })), [false, 2]);
  assert.deepEqual(way([read], refundOf('180.00')), [true, 0]);
});

test('an action that no grant names is outside', () => {
  assert.equal(
    says(call('shop:payroll.list', {})),
    'payroll.list is not among the actions granted; ask for an elevation.',
  );
  assert.equal(covers([read], call('shop:Orders.get', { 'path.orderId': '1042' })).covered, false);
  assert.equal(covers([read], call('other:orders.get', { 'path.orderId': '1042' })).covered, false);
});

test('with any rule, arguments that the grant does not name are refused', () => {
  assert.equal(
    says(refundOf('30.00', { 'body.payee': 'mallory' })),
    'refunds.create may not be sent body.payee; leave it out, or ask for an elevation.',
  );
  assert.match(says(refundOf('30.00', { 'body.\u202epayee': 'x' })), /"body\.\\u\{202e\}payee"/);
  assert.equal(
    covers([read], call('shop:orders.get', { 'path.orderId': '1042', 'body.__proto__': 'x' })).covered,
    false,
  );
  assert.equal(covers([read], call('shop:orders.get', { 'path.orderId': '1042', toString: 'x' })).covered, false);
});

test('without rules any arguments will do', () => {
  const open: Grant = { type: 'ambit_grant', actions: ['shop:orders.list'] };
  assert.equal(covers([open], call('shop:orders.list', { 'query.limit': '1000' })).covered, true);
});

test('an argument with a rule has to be there, unless it may be left out', () => {
  const without = call('shop:refunds.create', { 'path.orderId': '1042', 'body.currency': 'USD' });
  assert.equal(says(without), 'refunds.create needs body.amount, which is missing; send it.');
  assert.match(
    says(call('shop:orders.get', { 'path.orderId': '1042', 'query.fields': 'x'.repeat(41) })),
    /query\.fields to be no longer than 40/,
  );
});

test('where money is counted, a missing or foreign currency is outside, even if no rule names it', () => {
  const open: Grant = {
    type: 'ambit_grant',
    actions: ['shop:refunds.create'],
    limits: [{ sum: { max: '250.00', currency: 'USD' } }],
  };
  assert.match(says(refundOf('30.00', { 'body.currency': 'EUR' }), [open]), /needs an amount in USD, not in EUR/);
  assert.match(
    says(call('shop:refunds.create', { 'body.amount': '30.00' }), [open]),
    /needs an amount in USD.*none can be read/,
  );
  assert.match(says(refundOf('1e3'), [open]), /none can be read/);
  const asking: Grant = { ...open, limits: [], asks: [{ over: { amount: '50', currency: 'USD' }, reason: 'large' }] };
  assert.match(says(refundOf('30.00', { 'body.currency': 'EUR' }), [asking]), /needs an amount in USD/);
});

test('each currency charges the grant that is written in it', () => {
  const euros: Grant = {
    ...refund,
    where: { ...refund.where, 'body.currency': { all: [{ equals: 'EUR' }] } },
    limits: [{ sum: { max: '50', currency: 'EUR' } }],
  };
  assert.deepEqual(covers([refund, euros], refundOf('30.00', { 'body.currency': 'EUR' })), { covered: true, grant: 1 });
});

test('the answer speaks of the grant that came closest, in parts a program can read', () => {
  const other: Grant = { ...refund, where: { 'path.orderId': { all: [{ equals: '7' }] } } };
  const answer = covers([other, refund], refundOf('180.00'));
  assert.ok(!answer.covered);
  assert.deepEqual(answer.why, {
    kind: 'constraint',
    grant: 1,
    argument: 'body.amount',
    constraint: { range: { min: '0.01', max: '100.00' } },
  });
});

test('of grants that come equally close the first is spoken of, wherever the others stand', () => {
  const whyOf = (...orders: string[]) => {
    const grants = orders.map((id): Grant => ({ ...read, where: { 'path.orderId': { all: [{ equals: id }] } } }));
    const answer = covers(grants, call('shop:orders.get', { 'path.orderId': '1' }));
    return answer.covered ? undefined : answer.why;
  };
  assert.deepEqual(whyOf('7', '8'), {
    ...{ kind: 'constraint', grant: 0, argument: 'path.orderId', constraint: { equals: '7' } },
  });
  const other: Grant = { ...refund, where: { 'path.orderId': { all: [{ equals: '7' }] } } };
  const answer = covers([refund, other], refundOf('180.00'));
  assert.ok(!answer.covered && 'grant' in answer.why);
  assert.equal(answer.why.grant, 0);
});

test('an argument that may be left out, and money in the right currency, do not make a grant less close', () => {
  const grantOf = (first: Grant, second: Grant, facts: CallFacts) => {
    const answer = covers([first, second], facts);
    return !answer.covered && 'grant' in answer.why ? answer.why.grant : undefined;
  };
  const plain: Grant = { ...read, where: { 'path.orderId': { all: [{ equals: '8' }] } } };
  assert.equal(grantOf(read, plain, call('shop:orders.get', { 'path.orderId': '7' })), 0);
  const { limits: _, ...uncounted }: Grant = {
    ...refund,
    where: { ...refund.where, 'body.amount': { all: [{ equals: '8' }] } },
  };
  assert.equal(grantOf(refund, uncounted, refundOf('180.00')), 0);
});

test('an amount that is a number is shown as it was written', () => {
  assert.match(says(refundOf(new JsonNumber('180.0'))), /^refunds\.create needs body\.amount 180\.0 ≤ 100\.00; /);
});

test('a constraint that is not known covers nothing', () => {
  const stored = JSON.parse(
    '{"type":"ambit_grant","actions":["shop:orders.get"],"where":{"path.orderId":{"all":[{"regex":".*"}]}}}',
  ) as Grant;
  assert.match(says(call('shop:orders.get', { 'path.orderId': '1042' }), [stored]), /a bound that is not known here/);
});

test('money is read from one grammar of amounts and three ASCII letters', () => {
  assert.deepEqual(readMoney('30.00', 'USD'), { amount: decimalOf('30.00'), currency: 'USD' });
  assert.deepEqual(readMoney(new JsonNumber('30'), 'usd'), { amount: decimalOf('30'), currency: 'USD' });
  for (const currency of ['US', 'USDT', 'u\u017fd', '\uff35\uff33\uff24', '', null, undefined, 840, ['USD']]) {
    assert.equal(readMoney('30.00', currency), undefined, String(currency));
  }
  for (const amount of ['-30', '1e3', '３０', undefined, null, 1e21, new JsonNumber('-0.01')])
    assert.equal(readMoney(amount, 'USD'), undefined);
});
