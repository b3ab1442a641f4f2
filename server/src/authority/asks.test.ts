import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addDecimal,
  type CallFacts,
  type Decimal,
  decimalOf,
  type Grant,
  JsonNumber,
  type JsonValue,
} from '@ambit/protocol';
import fc from 'fast-check';
import { askCounters, asksOf, fits } from './asks.ts';

const grant: Grant = {
  type: 'ambit_grant',
  actions: ['shop:refunds.create'],
  asks: [{ over: { amount: '50.00', currency: 'USD' }, per: 'path.orderId', reason: 'Large refund' }],
};

const refund = (amount: string, orderId: JsonValue | undefined = '1042'): CallFacts => ({
  action: 'shop:refunds.create',
  arguments: new Map<string, JsonValue>(orderId === undefined ? [] : [['path.orderId', orderId]]),
  money: { amount: decimalOf(amount), currency: 'USD' },
});

function purse(): { spent: (counter: string) => Decimal; spend: (call: CallFacts, of?: Grant) => boolean } {
  const sums = new Map<string, Decimal>();
  const spent = (counter: string) => sums.get(counter) ?? decimalOf('0');
  const spend = (call: CallFacts, of = grant) => {
    const asked = asksOf(of, 0, call, spent).length > 0;
    if (!asked)
      for (const { counter, by } of askCounters(of, 0, call)) sums.set(counter, addDecimal(spent(counter), by));
    return asked;
  };
  return { spent, spend };
}

test('amounts up to the line are not asked about, the one that passes it is', () => {
  const { spend } = purse();
  assert.equal(spend(refund('30.00')), false);
  assert.equal(spend(refund('20.00')), false);
  assert.equal(spend(refund('0.01')), true);
});

test('splitting stays under no line: five times 50.00 asks from the second on', () => {
  const { spend } = purse();
  assert.deepEqual(
    ['50.00', '50.00', '50.00', '50.00', '50.00'].map((amount) => spend(refund(amount))),
    [false, true, true, true, true],
  );
});

test('each resource has its own sum', () => {
  const { spend } = purse();
  assert.equal(spend(refund('50.00', '1042')), false);
  assert.equal(spend(refund('50.00', '1043')), false);
  assert.equal(spend(refund('1.00', '1043')), true);
});

test('another spelling of the resource is the same resource', () => {
  for (const spelling of ['01042', ' 1042', '1042.0', '１０４２', new JsonNumber('1042')]) {
    const { spend } = purse();
    assert.equal(spend(refund('50.00', '1042')), false);
    assert.equal(spend(refund('1.00', spelling)), true, JSON.stringify(spelling));
  }
  const { spend } = purse();
  assert.equal(spend(refund('50.00', 'ORD-a')), false);
  assert.equal(spend(refund('50.00', 'ord-A')), true);
});

test('a resource that cannot be told is asked about at any amount', () => {
  for (const value of [undefined, null, '', ['1042'], { id: '1042' }, 'x'.repeat(201)]) {
    assert.equal(
      purse().spend({ ...refund('0.01'), arguments: new Map(value === undefined ? [] : [['path.orderId', value]]) }),
      true,
    );
  }
});

test('without a resource the whole task has one sum', () => {
  const whole: Grant = { ...grant, asks: [{ over: { amount: '50', currency: 'USD' }, reason: 'Large' }] };
  const { spend } = purse();
  assert.equal(spend(refund('30.00', '1'), whole), false);
  assert.equal(spend(refund('30.00', '2'), whole), true);
});

test('what is asked each time is asked each time, and what cannot be counted is asked', () => {
  const always: Grant = { ...grant, asks: [{ always: true, reason: 'Irreversible' }] };
  assert.deepEqual(
    asksOf(always, 0, refund('0.00'), () => decimalOf('0')),
    [{ ask: 0, reason: 'Irreversible' }],
  );
  const foreign = { ...refund('1.00'), money: { amount: decimalOf('1.00'), currency: 'EUR' } };
  assert.deepEqual(
    asksOf(grant, 0, foreign, () => decimalOf('0')),
    [{ ask: 0, reason: 'Large refund' }],
  );
});

test('a grant that asks nothing has no sums and no questions', () => {
  const { asks: _, ...silent } = grant;
  assert.deepEqual(askCounters(silent, 0, refund('80.00')), []);
  assert.deepEqual(
    asksOf(silent, 0, refund('80.00'), () => decimalOf('0')),
    [],
  );
});

test('a call without readable money has no sum, and is asked about', () => {
  const { money: _, ...unpriced } = refund('1.00');
  assert.deepEqual(askCounters(grant, 0, unpriced), []);
  assert.deepEqual(
    asksOf(grant, 0, unpriced, () => decimalOf('0')),
    [{ ask: 0, reason: 'Large refund' }],
  );
});

test('each ask of a grant has a sum of its own, named after the grant, the ask and the resource', () => {
  const two: Grant = {
    ...grant,
    asks: [
      { over: { amount: '100', currency: 'USD' }, per: 'path.orderId', reason: 'Large for one order' },
      { over: { amount: '50', currency: 'USD' }, reason: 'Large in all' },
    ],
  };
  const by = decimalOf('60');
  const counted = (orderId: JsonValue) =>
    askCounters(two, 2, refund('60', orderId)).map(({ counter, unreadable }) => [counter, unreadable]);
  assert.deepEqual(counted('1042'), [
    ['ask|2|0|1042', false],
    ['ask|2|1|', false],
  ]);
  assert.deepEqual(counted(null), [
    ['ask|2|0|?', true],
    ['ask|2|1|', false],
  ]);
  assert.deepEqual(askCounters(two, 2, refund('60'))[1], {
    ...{ ask: 1, counter: 'ask|2|1|', of: undefined, by, threshold: decimalOf('50'), unreadable: false },
  });
  const asked = asksOf(two, 2, refund('60'), () => decimalOf('0'));
  assert.deepEqual(
    asked.map(({ ask, reason }) => [ask, reason]),
    [[1, 'Large in all']],
  );
  const both = asksOf(two, 2, refund('101', '"1042'), () => decimalOf('0'));
  assert.deepEqual(
    both.map(({ over }) => [over?.of, over !== undefined && 'of' in over]),
    [
      ['"1042', true],
      [undefined, false],
    ],
  );
});

test('a resource of 200 characters can still be told', () => {
  assert.equal(purse().spend(refund('0.01', 'x'.repeat(200))), false);
});

test('a question says what was spent, what is asked for, and where the line is', () => {
  const [asked] = asksOf(grant, 3, refund('80.00'), (counter) => decimalOf(counter === 'ask|3|0|1042' ? '30.00' : '0'));
  const over = { spent: '30.00', amount: '80.00', threshold: '50.00', currency: 'USD', of: '1042' };
  assert.deepEqual(asked?.over, over);
});

test('however amounts are split, what passed unasked on one resource never exceeds the line', () => {
  const amounts = fc.array(fc.tuple(fc.integer({ min: 0, max: 4000 }), fc.constantFrom('a', 'b')), { maxLength: 20 });
  fc.assert(
    fc.property(amounts, (calls) => {
      const { spend, spent } = purse();
      for (const [cents, order] of calls) spend(refund((cents / 100).toFixed(2), order));
      for (const order of ['a', 'b']) assert.ok(Number(spent(`ask|0|0|${order}`)) <= 50);
    }),
  );
});

test('a sum that would grow too long to write does not fit', () => {
  const huge = decimalOf('999999999999999');
  assert.equal(fits(huge, huge, huge), false);
  assert.equal(fits(decimalOf('0'), huge, huge), true);
  assert.equal(fits(decimalOf('2'), decimalOf('0'), decimalOf('1')), false);
  assert.equal(fits(decimalOf('1'), decimalOf('0'), decimalOf('1')), true);
});

test('what fits is exact to the last digit of the longest amounts, with a fraction and without', () => {
  const fitting = (spent: string, by: string, max: string) => fits(decimalOf(spent), decimalOf(by), decimalOf(max));
  assert.ok(fitting('999999999999998', '1', '999999999999999'));
  assert.ok(!fitting('999999999999999', '1', '999999999999999'));
  assert.ok(!fitting('999999999999999', '999999999999999', '999999999999999'));
  assert.ok(fitting('999999999999998.999999999', '0.000000001', '999999999999999'));
  assert.ok(!fitting('999999999999999', '0.000000001', '999999999999999'));
  assert.ok(!fitting('10', '0', '9'));
  assert.ok(fitting('0', '0', '0'));
  assert.ok(fitting('0.5', '1', '2'));
  assert.ok(fitting('1', '1', '2.5'));
  assert.ok(fitting('2.5', '0', '2.5'));
  assert.ok(!fitting('2.6', '0', '2.5'));
});
