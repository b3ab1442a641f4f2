import assert from 'node:assert/strict';
import { generateKeyPairSync, verify } from 'node:crypto';
import { test } from 'node:test';
import { importJWK } from 'jose';
import { KeyFault, newKey, openKey, type PrivateJwk, parseKey, printKey, type SigningKey } from './key.ts';

// RFC 8037 appendix A.1 and A.3.
const known: PrivateJwk = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
};
const knownThumbprint = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k';

const message = Buffer.from('Refund 80.00 USD for order 1042');

async function holds(key: SigningKey): Promise<boolean> {
  const signature = await key.sign(message);
  assert.equal(signature.length, 64);
  const { subtle } = crypto;
  const imported = (await importJWK({ ...key.jwk }, key.alg)) as Parameters<typeof subtle.verify>[1];
  const how = key.alg === 'ES256' ? { name: 'ECDSA', hash: 'SHA-256' } : { name: 'Ed25519' };
  return subtle.verify(how, imported, new Uint8Array(signature), message);
}

test('the thumbprint of a key is that of the standard', async () => {
  const { thumbprint, alg } = await openKey(known);
  assert.equal(thumbprint, knownThumbprint);
  assert.equal(alg, 'EdDSA');
});

for (const alg of ['EdDSA', 'ES256'] as const) {
  test(`a new ${alg} key survives its file and signs`, async () => {
    const made = await newKey(alg);
    const read = parseKey(printKey(made));
    assert.deepEqual(read, made);
    const key = await openKey(read);
    assert.equal(key.alg, alg);
    assert.ok(await holds(key));
    assert.ok(!('d' in key.jwk), 'the public half holds no private member');
  });
}

test('a key may come as a key object of Node, or as a pair that cannot be read out', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const opened = await openKey(privateKey);
  assert.ok(verify(null, message, publicKey, await opened.sign(message)));
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  assert.ok(await holds(await openKey(pair)));
});

test('a signer of its own is taken as it is', async () => {
  const remote: SigningKey = { ...(await openKey(known)), sign: async () => new Uint8Array(64) };
  assert.equal(await openKey(remote), remote);
});

test('what cannot sign is refused', async () => {
  const { publicKey } = generateKeyPairSync('ed25519');
  const { d: _, ...half } = known;
  const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  for (const bad of [publicKey, half as PrivateJwk, rsa, { ...known, kty: 'EC' } as unknown as PrivateJwk]) {
    await assert.rejects(openKey(bad), KeyFault);
  }
});

test('what is no key at all is refused, and the sentence says what to hand in', async () => {
  for (const none of [undefined, null, 'agent.key', JSON.stringify(known), {}] as unknown as PrivateJwk[]) {
    await assert.rejects(openKey(none), (error) => error instanceof KeyFault && error.message.includes('JWK'));
  }
});

test('a fault about a key file never quotes the file', () => {
  for (const text of [`${known.d} {`, JSON.stringify([known]), JSON.stringify({ kty: 'oct', k: known.d })]) {
    assert.throws(
      () => parseKey(text),
      (error: unknown) => error instanceof KeyFault && !error.message.includes('nWGx') && error.cause === undefined,
    );
  }
});
