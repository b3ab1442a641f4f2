import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { amount, cents } from '../src/money.ts';
import { openShop, refundOf } from './open-shop.ts';

const refunds = '/orders/1042/refunds';
const key = (name: string) => ({ 'idempotency-key': name });

test("Alice's case is Dana Ruiz's damaged order of more than 300 USD", async (t) => {
  const { send } = await openShop(t);
  const { body: order } = await send('GET', '/orders/1042');
  assert.equal(order.customer, 'cus_0217');
  assert.equal(order.damaged, true);
  assert.equal(order.currency, 'USD');
  assert.ok(cents(order.remaining) > cents('300.00'));
  assert.match(order.note, /crack/);
  assert.equal((await send('GET', '/customers/cus_0217')).body.name, 'Dana Ruiz');
  assert.equal((await send('GET', '/orders/1042/shipping')).body.id, order.shipment);
  assert.notEqual((await send('GET', '/orders/1043')).body.customer, 'cus_0217');
});

test('a refund is paid, shown on the order and written in the ledger', async (t) => {
  const { shop, send } = await openShop(t);
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const headers = { ...key('k-1'), traceparent: `00-${trace}-00f067aa0ba902b7-01` };
  const { status, body } = await send('POST', refunds, { ...refundOf('30.00'), reason: 'Scratched' }, headers);
  assert.equal(status, 201);
  assert.equal(body.status, 'pending');
  const order = (await send('GET', '/orders/1042')).body;
  assert.equal(order.refunded, '30.00');
  assert.equal(cents(order.remaining), cents(order.total) - 3000);
  assert.deepEqual((await send('GET', refunds)).body, { refunds: [body] });
  assert.deepEqual(shop.ledger(), [
    {
      kind: 'refund',
      refund: body.id,
      order: '1042',
      amount: '30.00',
      currency: 'USD',
      at: '2026-11-02T09:00:00.000Z',
      idempotencyKey: 'k-1',
      run: trace,
    },
  ]);
});

test('the same key with the same body gets the same answer and pays once', async (t) => {
  const { shop, time, send } = await openShop(t);
  const first = await send('POST', refunds, refundOf('30.00'), key('k-1'));
  time.now += 3_600_000;
  const again = await send('POST', refunds, { currency: 'USD', amount: '30.00' }, key('k-1'));
  assert.equal(again.status, 201);
  assert.deepEqual(again.body, first.body);
  assert.equal(first.headers.get('idempotent-replayed'), null);
  assert.equal(again.headers.get('idempotent-replayed'), 'true');
  assert.equal(shop.ledger().length, 1);
});

test('many requests at once with one key pay once', async (t) => {
  const { shop, send } = await openShop(t);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => send('POST', refunds, refundOf('80.00'), key('k-1'))),
  );
  assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
  assert.equal(shop.ledger().length, 1);
});

test('a key of another body, reason or order is refused and pays nothing', async (t) => {
  const { shop, send } = await openShop(t);
  await send('POST', refunds, refundOf('30.00'), key('k-1'));
  const refused = [
    await send('POST', refunds, refundOf('31.00'), key('k-1')),
    await send('POST', refunds, { ...refundOf('30.00'), reason: 'other' }, key('k-1')),
    await send('POST', '/orders/1043/refunds', refundOf('30.00'), key('k-1')),
  ];
  assert.deepEqual(
    refused.map(({ status }) => status),
    [422, 422, 422],
  );
  assert.equal(shop.ledger().length, 1);
});

test('without a key the same refund twice is two refunds', async (t) => {
  const { shop, send } = await openShop(t);
  await send('POST', refunds, refundOf('30.00'));
  await send('POST', refunds, refundOf('30.00'));
  assert.equal(shop.ledger().length, 2);
});

test('refunds stop at the total of the order', async (t) => {
  const { shop, send } = await openShop(t);
  const { total } = (await send('GET', '/orders/1042')).body;
  const nearly = amount(cents(total) - 1);
  assert.equal((await send('POST', refunds, refundOf(nearly))).status, 201);
  const { status, body } = await send('POST', refunds, refundOf('0.02'));
  assert.equal(status, 409);
  assert.match(body.detail, /0\.02 USD is more than the 0\.01 that remain of order 1042/);
  assert.equal((await send('POST', refunds, refundOf('0.01'))).status, 201);
  assert.equal((await send('POST', refunds, refundOf('0.01'))).status, 409);
  assert.equal(shop.ledger().length, 2);
});

test('a refund in another currency than the order is refused', async (t) => {
  const { shop, send } = await openShop(t);
  assert.equal((await send('POST', refunds, refundOf('1.00', 'EUR'))).status, 409);
  assert.deepEqual(shop.ledger(), []);
});

test('amounts have exactly two places and are above zero', async (t) => {
  const { shop, send } = await openShop(t);
  for (const amount of [
    '0.00',
    '-1.00',
    '1',
    '1.0',
    '1.000',
    '01.00',
    '1e3',
    '1,00',
    ' 1.00',
    '1.00\n',
    '٣.٠٠',
    'NaN',
  ]) {
    assert.equal((await send('POST', refunds, refundOf(amount))).status, 400, amount);
  }
  assert.deepEqual(shop.ledger(), []);
});

test('a pending refund can be cancelled, and what it took can be refunded again', async (t) => {
  const { shop, send } = await openShop(t);
  const { body } = await send('POST', refunds, refundOf('30.00'), key('k-1'));
  const cancelled = await send('DELETE', `/refunds/${body.id}`);
  assert.equal(cancelled.status, 200);
  assert.equal(cancelled.body.status, 'cancelled');
  assert.deepEqual((await send('DELETE', `/refunds/${body.id}`)).body, cancelled.body);
  assert.equal((await send('GET', '/orders/1042')).body.refunded, '0.00');
  assert.deepEqual(
    shop.ledger().map(({ kind, refund }) => [kind, refund]),
    [
      ['refund', body.id],
      ['cancellation', body.id],
    ],
  );
});

test('repeating the key of a cancelled refund does not pay it again', async (t) => {
  const { shop, send } = await openShop(t);
  const { body } = await send('POST', refunds, refundOf('30.00'), key('k-1'));
  await send('DELETE', `/refunds/${body.id}`);
  assert.deepEqual((await send('POST', refunds, refundOf('30.00'), key('k-1'))).body, body);
  assert.equal((await send('GET', '/orders/1042')).body.refunded, '0.00');
  assert.equal(shop.ledger().length, 2);
});

test('a refund pays out after half an hour and can then not be cancelled', async (t) => {
  const { shop, time, send } = await openShop(t);
  const { body } = await send('POST', refunds, refundOf('30.00'));
  time.now += 30 * 60_000;
  assert.equal((await send('GET', refunds)).body.refunds[0].status, 'settled');
  assert.equal((await send('DELETE', `/refunds/${body.id}`)).status, 409);
  assert.equal(shop.ledger().length, 1);
});

test('a refund that never was cannot be cancelled', async (t) => {
  const { send } = await openShop(t);
  assert.equal((await send('DELETE', '/refunds/rfd_999999')).status, 404);
});

test('amounts survive reading and printing', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 999_999_999 }), (whole) => cents(amount(whole)) === whole));
});
