import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseShortReceipt, printShortReceipt } from './receipt.ts';

const leaf = Buffer.from(Uint8Array.from({ length: 32 }, (_, i) => i)).toString('base64');

test('a short receipt reads back as it was printed', () => {
  const printed = printShortReceipt({ index: 12, leaf, size: 10 });
  assert.equal(printed, 'index=12, leaf=:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=:, size=10');
  assert.deepEqual(parseShortReceipt(printed), { index: 12, leaf, size: 10 });
});

test('what is no short receipt is none', () => {
  const printed = printShortReceipt({ index: 12, leaf, size: 10 });
  for (const text of [
    '',
    printed.replace('12', '-1'),
    printed.replace('12', '012'),
    printed.replace('AAEC', 'AAE'),
    printed.replace('8=:', '9=:'),
    `${printed} `,
  ]) {
    assert.equal(parseShortReceipt(text), undefined, text);
  }
});
