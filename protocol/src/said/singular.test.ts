import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argumentName } from './argument-name.ts';
import { singular, unitBehind } from './singular.ts';

test('of several things one is called by its own word, and what only ends like several stays as it is', () => {
  assert.deepEqual(['notes', 'entries', 'boxes', 'branches', 'addresses', 'order'].map(singular), [
    'note',
    'entry',
    'box',
    'branch',
    'address',
    'order',
  ]);
  const same = ['status', 'address', 'analysis', 'keys_'];
  assert.deepEqual(same.map(singular), same);
});

test('a call that names one of several names that one', () => {
  const words = { money: null, resource: { type: 'notes', id: 'path.id' } } as unknown as Parameters<
    typeof argumentName
  >[1];
  assert.equal(argumentName('path.id', words), 'note');
  assert.equal(argumentName('body.lines', words), 'lines');
});

test('one of a unit is said as one, and money as ever', () => {
  assert.deepEqual(
    [unitBehind('1', 'calls'), unitBehind('0', 'calls'), unitBehind('1', 'cost units'), unitBehind('1', 'USD')],
    ['call', 'calls', 'cost unit', 'USD'],
  );
});
