import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fill } from './fill.ts';

const grants = [
  { type: 'ambit_grant', actions: ['shop:orders.get'], where: { 'path.orderId': { all: [{ equals: '{order}' }] } } },
] as const;

test('a parameter stands in its hole, and an empty one leaves it', () => {
  assert.deepEqual(fill(grants, { order: '1042' })[0]?.where, { 'path.orderId': { all: [{ equals: '1042' }] } });
  assert.deepEqual(fill(grants, { order: '' }), grants);
});
