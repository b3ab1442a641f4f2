import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startShop } from '../src/index.ts';
import { apiKey, openShop, refundOf } from './open-shop.ts';

function newDataFile(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'shop-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'deeper', 'shop.jsonl');
}

const refunds = '/orders/1042/refunds';
const key = { 'idempotency-key': 'k-1' };

test('a second start finds refunds, keys, notes and minted keys again', async (t) => {
  const dataFile = newDataFile(t);
  const first = await openShop(t, { dataFile });
  const refund = await first.send('POST', refunds, refundOf('30.00'), key);
  const cancelled = await first.send('POST', refunds, refundOf('5.00'));
  await first.send('DELETE', `/refunds/${cancelled.body.id}`);
  const note = await first.send('POST', '/orders/1042/notes', { text: 'Photos arrived.' });
  const gone = await first.send('POST', '/orders/1042/notes', { text: 'Wrong order.' });
  await first.send('DELETE', `/orders/1042/notes/${gone.body.id}`);
  const minted = await first.send('POST', '/api-keys', { name: 'scanner' });
  const ledger = first.shop.ledger();
  await first.shop.close();

  const second = await openShop(t, { dataFile });
  assert.deepEqual(second.shop.ledger(), ledger);
  const order = await second.send('GET', '/orders/1042', undefined, { authorization: `Bearer ${minted.body.key}` });
  assert.equal(order.body.refunded, '30.00');
  assert.deepEqual(order.body.internalNotes, [note.body]);
  assert.deepEqual((await second.send('POST', refunds, refundOf('30.00'), key)).body, refund.body);
  const next = await second.send('POST', refunds, refundOf('1.00'));
  assert.equal(new Set([refund.body.id, cancelled.body.id, next.body.id]).size, 3);
  assert.equal(second.shop.ledger().length, 4);
});

test('the data file holds no key', async (t) => {
  const dataFile = newDataFile(t);
  const { send } = await openShop(t, { dataFile });
  const { key } = (await send('POST', '/api-keys', { name: 'scanner' })).body;
  const kept = readFileSync(dataFile, 'utf8');
  assert.match(kept, /scanner/);
  assert.ok(!kept.includes(key) && !kept.includes(apiKey));
});

test('a line torn by a crash is dropped, and the next one follows whole', async (t) => {
  const dataFile = newDataFile(t);
  const first = await openShop(t, { dataFile });
  await first.send('POST', refunds, refundOf('30.00'));
  await first.shop.close();
  appendFileSync(dataFile, '{"kind":"refund","refund":"rfd_0000');

  const second = await openShop(t, { dataFile });
  assert.equal(second.shop.ledger().length, 1);
  await second.send('POST', refunds, refundOf('1.00'));
  await second.shop.close();
  const third = await openShop(t, { dataFile });
  assert.deepEqual(
    third.shop.ledger().map(({ amount }) => amount),
    ['30.00', '1.00'],
  );
});

test('a damaged or foreign data file stops the start and says where', async (t) => {
  const dataFile = newDataFile(t);
  await (await openShop(t, { dataFile })).shop.close();
  for (const [text, says] of [
    ['not json\n', /line 1 is not JSON: restore the file from a copy/],
    ['{"kind":"invoice"}\n', /line 1 is no line of a shop/],
    ['{"kind":"cancellation","refund":"rfd_000900"}\n', /rfd_000900 is cancelled but was never made/],
  ] as const) {
    writeFileSync(dataFile, text);
    await assert.rejects(startShop({ apiKey, dataFile }), says);
    assert.equal(readFileSync(dataFile, 'utf8'), text);
  }
});
