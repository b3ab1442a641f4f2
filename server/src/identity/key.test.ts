import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { calculateJwkThumbprint } from 'jose';
import { openKey, readPublicKey, signatureHolds } from './key.ts';
import { signBytes, testKey } from './testing.ts';

test('the thumbprint is the one of RFC 7638 for both kinds of key', async () => {
  for (const { jwk, thumbprint } of [testKey('ES256'), testKey('EdDSA')]) {
    assert.equal(thumbprint, await calculateJwkThumbprint(jwk));
    assert.equal(openKey(jwk).thumbprint, thumbprint);
  }
});

test('members that the key does not need are left behind', () => {
  const { jwk, thumbprint } = testKey();
  const read = readPublicKey({ ...jwk, kid: 'mine', use: 'sig', alg: 'ES256', key_ops: ['verify'] });
  assert.deepEqual(read.jwk, jwk);
  assert.equal(read.thumbprint, thumbprint);
});

test('a private key is refused, and the refusal does not repeat it', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const jwk = privateKey.export({ format: 'jwk' });
  assert.throws(
    () => readPublicKey(jwk),
    (error: Error & { code?: string; says?: string }) =>
      error.code === 'key.private' && !error.message.includes(String(jwk.d)) && /leaked/.test(String(error.says)),
  );
});

test('each private member makes a key private, and is named for the log', () => {
  const { jwk } = testKey();
  for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])
    assert.throws(() => readPublicKey({ ...jwk, [name]: '' }), {
      code: 'key.private',
      because: `the key came with its private member ${name}`,
    });
});

test('a key that says what it is for is one for signing, with an algorithm of its type', () => {
  for (const alg of ['EdDSA', 'Ed25519']) assert.ok(readPublicKey({ ...testKey('EdDSA').jwk, alg, use: 'sig' }));
  assert.throws(() => readPublicKey({ ...testKey().jwk, use: 'enc' }), { because: 'the key is not for signing' });
  for (const [kind, alg] of [
    ['EdDSA', 'ES256'],
    ['ES256', 'EdDSA'],
  ] as const)
    assert.throws(() => readPublicKey({ ...testKey(kind).jwk, alg }), {
      because: 'the alg of the key is not one for its type',
    });
});

test('type, curve and coordinates are read together', () => {
  const [okp, ec] = [testKey('EdDSA').jwk, testKey('ES256').jwk];
  for (const odd of [
    ...[
      { ...okp, kty: 'EC' },
      { ...okp, kty: 'X' },
      { ...okp, crv: 'X25519' },
      { ...okp, crv: 'P-256' },
    ],
    ...[
      { ...ec, kty: 'OKP' },
      { ...ec, kty: 'X' },
      { ...ec, crv: 'P-384' },
      { ...ec, crv: 'Ed25519' },
    ],
    ...[
      { ...okp, x: 5 },
      { ...okp, x: [okp.x] },
      { ...okp, x: `AAAA${okp.x}` },
      { ...okp, x: `${okp.x}AAAA` },
    ],
    ...[
      { ...okp, x: okp.x.slice(1) },
      { ...ec, y: undefined },
      { ...ec, y: [ec.x] },
      { ...okp, x: undefined },
    ],
  ])
    assert.throws(() => readPublicKey(odd), { code: 'key.invalid', because: 'the key is neither Ed25519 nor P-256' });
  const offCurve = { ...ec, x: Buffer.alloc(32, 7).toString('base64url') };
  assert.throws(() => readPublicKey(offCurve), { because: /^the key is not a point of its curve \(.+\)$/ });
});

test('what is not one Ed25519 or P-256 signing key is refused', () => {
  const { jwk } = testKey('ES256');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' });
  const offCurve = {
    ...jwk,
    x: Buffer.alloc(32, 7).toString('base64url'),
    y: Buffer.alloc(32, 9).toString('base64url'),
  };
  const secret = { kty: 'oct', k: 'c2VjcmV0' };
  const strange = [
    null,
    'text',
    [],
    {},
    rsa,
    p384,
    offCurve,
    { ...jwk, use: 'enc' },
    { ...jwk, alg: 'RS256' },
    { ...jwk, x: `${jwk.x}=` },
  ];
  for (const given of strange)
    assert.throws(() => readPublicKey(given), { code: 'key.invalid' }, JSON.stringify(given));
  assert.throws(() => readPublicKey(secret), { code: 'key.private' });
});

test('a coordinate that decodes to the same bytes in another spelling is refused', () => {
  const { jwk } = testKey('EdDSA');
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(jwk.x.slice(-1));
  const other = alphabet[last ^ 1];
  assert.deepEqual(Buffer.from(`${jwk.x.slice(0, -1)}${other}`, 'base64url'), Buffer.from(jwk.x, 'base64url'));
  assert.throws(() => readPublicKey({ ...jwk, x: `${jwk.x.slice(0, -1)}${other}` }), { code: 'key.invalid' });
});

test('a signature holds for its key, algorithm and bytes only', () => {
  const bytes = Buffer.from('thirty dollars');
  for (const alg of ['ES256', 'EdDSA'] as const) {
    const key = testKey(alg);
    const signature = signBytes(key, bytes);
    assert.equal(signatureHolds(openKey(key.jwk), alg, bytes, signature), true);
    assert.equal(signatureHolds(openKey(key.jwk), alg, Buffer.from('ninety dollars'), signature), false);
    assert.equal(signatureHolds(openKey(testKey(alg).jwk), alg, bytes, signature), false);
    assert.equal(signatureHolds(openKey(key.jwk), alg === 'ES256' ? 'EdDSA' : 'ES256', bytes, signature), false);
    for (const wrong of ['none', 'HS256', ''])
      assert.equal(signatureHolds(openKey(key.jwk), wrong, bytes, signature), false);
    for (const more of [Buffer.alloc(1), Buffer.alloc(64)])
      assert.equal(signatureHolds(openKey(key.jwk), alg, bytes, Buffer.concat([signature, more])), false);
    assert.equal(signatureHolds(openKey(key.jwk), alg, bytes, signature.subarray(0, 63)), false);
    assert.equal(signatureHolds(openKey(key.jwk), alg, bytes, Buffer.alloc(0)), false);
    assert.equal(signatureHolds(openKey(key.jwk), alg, bytes, Buffer.alloc(64)), false);
  }
});
