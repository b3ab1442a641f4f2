import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromBase64, fromBase64Url, fromHex, toBase64, toBase64Url, toHex } from './bytes.ts';

test('bytes are printed as Node prints them, and read back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const buffer = Buffer.from(bytes);
      assert.equal(toBase64(bytes), buffer.toString('base64'));
      assert.equal(toBase64Url(bytes), buffer.toString('base64url'));
      assert.equal(toHex(bytes), buffer.toString('hex'));
      assert.deepEqual(fromBase64(toBase64(bytes)), bytes);
      assert.deepEqual(fromBase64Url(toBase64Url(bytes)), bytes);
      assert.deepEqual(fromHex(toHex(bytes)), bytes);
    }),
  );
});

test('each value has one spelling', () => {
  for (const text of ['A', 'AB', 'AA=', 'AB==', 'AA==\n', ' AA==', 'A-==', 'AAAA=', '===='])
    assert.equal(fromBase64(text), undefined, text);
  for (const text of ['A', 'AB', 'AA==', 'A+', 'AA ', 'AAAAA']) assert.equal(fromBase64Url(text), undefined, text);
  for (const text of ['0', 'AB', 'zz', '0x']) assert.equal(fromHex(text), undefined, text);
});
