import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Decimal, decimalOf } from '@ambit/protocol';
import type { ChargeFact, Facts } from '../policy/index.ts';
import { describeLimitLeft } from './left.ts';

const charge = (counter: string, used: string, by: string, max: string | null, window = 0): ChargeFact => ({
  counter,
  window,
  by: decimalOf(by),
  max: max === null ? null : (decimalOf(max) as Decimal),
  used: decimalOf(used),
  otherwise: 'limits.sum_exceeded',
  says: '',
  freeAt: null,
});
const left = (...charges: ChargeFact[]) => describeLimitLeft({ charges } as unknown as Facts);

test('each limit of the task is told with what would be left, in its own unit', () => {
  assert.deepEqual(
    left(
      charge('sum|USD|task:tsk_1|0|all', '80.00', '30.00', '250.00'),
      charge('calls|task:tsk_1|0|all', '3', '1', '5'),
      charge('cost|task:tsk_1|0|all', '0', '2', '40'),
    ),
    ['140.00 of 250.00 USD would be left', '1 of 5 calls would be left', '38 of 40 cost units would be left'],
  );
});

test('what fits exactly leaves nothing, and what does not fit is told so', () => {
  assert.deepEqual(left(charge('sum|USD|task:t|0|all', '70', '30', '100')), ['0 of 100 USD would be left']);
  assert.deepEqual(left(charge('sum|USD|task:t|0|all', '70', '30.01', '100')), ['30 of 100 USD is left, too little']);
  assert.deepEqual(left(charge('calls|task:t|0|all', '5', '1', '5')), ['0 of 5 calls is left, too little']);
  assert.deepEqual(left(charge('calls|task:t|0|all', '9', '1', '5')), ['0 of 5 calls is left, too little']);
  assert.deepEqual(left(charge('sum|USD|task:t|0|all', '12', '30', null)), ['12 USD so far']);
});

test('one call is said as one', () => {
  assert.deepEqual(left(charge('calls|task:t|0|all', '0', '1', '1')), ['0 of 1 call would be left']);
});

test('limits that are not the task’s own are no business of the card', () => {
  assert.deepEqual(
    left(
      charge('calls|agent:agt_1|0|all', '0', '1', '5'),
      charge('sum|USD|limit:daily|tenant', '0', '1', '5'),
      charge('calls|person:psn_1|0|all', '0', '1', '5'),
    ),
    [],
  );
});
