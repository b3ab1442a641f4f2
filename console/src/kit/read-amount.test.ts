import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAmount } from './read-amount.ts';

test('an amount is grouped, keeps every digit, and has the decimals of its currency', () => {
  assert.equal(readAmount('80', 'USD', 'en'), '80.00\u00a0USD');
  assert.equal(readAmount('12480', 'JPY', 'en'), '12,480\u00a0JPY');
  assert.equal(readAmount('1.005', 'USD', 'en'), '1.005\u00a0USD');
  assert.equal(readAmount('4200.50', 'EUR', 'de'), '4.200,50\u00a0EUR');
});

test('no float lies between an amount and what is shown', () => {
  assert.equal(readAmount('9007199254740993.01', 'USD', 'en'), '9,007,199,254,740,993.01\u00a0USD');
});

test('what is no amount is shown as it is', () => {
  assert.equal(readAmount('1e9', 'USD', 'en'), '1e9\u00a0USD');
  assert.equal(readAmount('5', '$', 'en'), '5\u00a0$');
});
