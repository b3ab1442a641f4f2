import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimalOf } from '@ambit/protocol';
import type { Approval, Widest } from '@ambit/sdk/operator';
import { leftAfter, readBounds, sumOf, type Written } from './read-bounds.ts';

const until = 10_000_000;
const widest: Widest = {
  grant: {
    type: 'ambit_grant',
    actions: ['shop:refunds.create'],
    where: { 'body.amount': { all: [{ range: { max: '80.00' } }] } },
    limits: [{ calls: 20 }, { sum: { max: '1600.00', currency: 'USD' } }],
  },
  until,
  amount: { argument: 'body.amount', each: '80.00', currency: 'USD' },
};
const read = (written: Partial<Written>, now = 0) =>
  readBounds(widest, { calls: '5', each: '', inAll: '', until, ...written }, now);

test('what is left empty is as much as was asked about, and as many times that', () => {
  const found = read({});
  assert.ok('bounds' in found);
  assert.deepEqual(found.bounds.grant.limits, [{ calls: 5 }, { sum: { max: '400.00', currency: 'USD' } }]);
});

test('all of them are as much as the task has left, where that is less; what a person writes is theirs', () => {
  const sum = (found: ReturnType<typeof readBounds>) => 'bounds' in found && sumOf(found.bounds);
  const written = { calls: '5', each: '', inAll: '', until };
  assert.equal(sum(readBounds(widest, written, 0, decimalOf('140.00'))), '140.00');
  assert.equal(sum(readBounds(widest, written, 0, decimalOf('1000'))), '400.00');
  assert.equal(sum(readBounds(widest, { ...written, inAll: '200.00' }, 0, decimalOf('140.00'))), '200.00');
});

test('what is left is of the money that is asked about, the least of several limits, and no bound where it is nothing', () => {
  const left = (...budget: readonly (readonly [string, string | null])[]) =>
    leftAfter(
      { card: { budget: budget.map(([unit, rest]) => ({ unit, left: rest })) } } as unknown as Approval,
      widest,
    );
  assert.equal(left(['calls', '2'], ['USD', '140.00'], ['USD', '90.00']), '90.00');
  assert.equal(left(['EUR', '140.00']), null);
  assert.equal(left(['USD', '0.00']), null);
  assert.equal(left(['USD', null]), null);
});

test('amounts and the number are read as they are written, spaces around them aside', () => {
  const found = read({ calls: ' 3 ', each: ' 40.00', inAll: '70 ', until: until - 1 });
  assert.ok('bounds' in found);
  assert.deepEqual(found.bounds.grant.limits, [{ calls: 3 }, { sum: { max: '70', currency: 'USD' } }]);
  assert.equal(found.bounds.until, until - 1);
});

test('what is no number, no amount, too much or over says so, and nothing is there to be signed', () => {
  const says = (written: Partial<Written>, pattern: RegExp, now = 0) => {
    const found = read(written, now);
    assert.ok('fault' in found, JSON.stringify(written));
    assert.match(found.fault, pattern);
  };
  for (const calls of ['', '0', '21', '-1', '1.5', '1e1', 'five', '0x5']) says({ calls }, /1 to 20 more calls/);
  for (const each of ['40,00', '-1', '1e3', 'USD 40', '٤٠', '.5']) says({ each }, /with digits and a point/);
  says({ inAll: '4 00' }, /with digits and a point/);
  says({ each: '80.01' }, /Each may move at most 80\.00 USD/);
  says({ inAll: '400.01' }, /5 of them move at most 400\.00 USD in all/);
  says({}, /That time has passed/, until);
});
