import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createDigests } from './digests.ts';

const digestOf = (text: string) => hash('sha256', text, 'buffer');

test('what was added is there, what was not is not, and twice is once, however many there are', () => {
  const digests = createDigests();
  for (let i = 0; i < 20_000; i++) {
    assert.equal(digests.has(digestOf(`${i}`)), false, `${i} before it came`);
    digests.add(digestOf(`${i}`));
    digests.add(digestOf(`${i >> 1}`));
    assert.equal(digests.size, i + 1);
  }
  for (let i = 0; i < 20_000; i++) assert.ok(digests.has(digestOf(`${i}`)), `${i}`);
  for (let i = 20_000; i < 40_000; i++) assert.equal(digests.has(digestOf(`${i}`)), false, `${i}`);
});

test('digests that begin alike, or with nothing but zeros, stay apart', () => {
  const few = fc.constantFrom(0, 0, 1, 255);
  const digest = fc.array(few, { minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from([2, ...bytes.slice(1)]));
  fc.assert(
    fc.property(fc.array(digest, { maxLength: 200 }), fc.array(digest, { maxLength: 50 }), (added, asked) => {
      const digests = createDigests();
      for (const one of added) digests.add(one);
      const known = new Set(added.map((one) => one.toString('hex')));
      assert.equal(digests.size, known.size);
      for (const one of [...added, ...asked]) assert.equal(digests.has(one), known.has(one.toString('hex')));
    }),
  );
  const zeros = createDigests();
  assert.equal(zeros.has(Buffer.alloc(32)), false);
  zeros.add(Buffer.alloc(32));
  assert.equal(zeros.has(Buffer.alloc(32)), true);
});
