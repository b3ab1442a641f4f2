import assert from 'node:assert/strict';
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import { derSignature, rawSignature } from './der-signature.ts';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

test('a signature verifies in this form exactly where it does in its own', () => {
  // Every 256th half begins with a zero, and every other with a bit that would make it negative.
  for (let i = 0; i < 600; i++) {
    const data = Buffer.from(`message ${i}`);
    const raw = sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    assert.ok(verify('sha256', data, publicKey, derSignature(raw)), raw.toString('hex'));
    raw[i % 64] = (raw[i % 64] ?? 0) ^ (1 << (i % 8));
    assert.ok(!verify('sha256', data, publicKey, derSignature(raw)), raw.toString('hex'));
  }
});

test('halves are written in as few bytes as tell them, and never as negative numbers', () => {
  const half = (...end: number[]) => [...new Uint8Array(32 - end.length), ...end];
  const hex = (r: number[], s: number[]) => Buffer.from(derSignature(Uint8Array.from([...r, ...s]))).toString('hex');
  assert.equal(hex(half(1), half(0x7f)), '300602010102017f');
  assert.equal(hex(half(0x80), half(0)), '30070202008002' + '0100');
  assert.equal(hex(half(1, 0), half(0xff, 0xff)), '3009020201000203' + '00ffff');
  const full = new Array<number>(32).fill(0xff);
  assert.equal(derSignature(Uint8Array.from([...full, ...full])).length, 72);
});

test('a signature of nothing but zeros is no signature', () => {
  assert.ok(!verify('sha256', Buffer.from('x'), publicKey, derSignature(new Uint8Array(64))));
});

test('what was signed in this form is as good in its own', () => {
  const own = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
  for (let i = 0; i < 600; i++) {
    const data = Buffer.from(`message ${i}`);
    const der = sign('sha256', data, privateKey);
    const raw = rawSignature(der);
    assert.equal(raw.length, 64);
    assert.ok(verify('sha256', data, own, raw), der.toString('hex'));
    assert.deepEqual(derSignature(raw), new Uint8Array(der));
  }
});
