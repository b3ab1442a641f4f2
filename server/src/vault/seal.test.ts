import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { Refusal, randomId, Secret } from '../foundation/index.ts';
import type { Binding } from './credential.ts';
import { createKeyring, openSecret, sealSecret } from './seal.ts';

const tenant = randomId('tenant');
const keyring = createKeyring(randomBytes(32));
const binding: Binding = {
  id: randomId('credential'),
  kind: 'header',
  place: 'x-api-key',
  origins: ['https://a.example', 'https://b.example'],
  api: 'shop',
  agentUser: null,
};

const isShut = (error: unknown) => error instanceof Refusal && error.code === 'vault.cannot_open';

test('what was sealed opens again, and no two boxes of one secret look alike', () => {
  const property = fc.property(fc.string({ minLength: 1 }), fc.nat(), (text, version) => {
    const plain = new Secret(text.toWellFormed());
    const first = sealSecret(keyring, tenant, binding, version, plain);
    const second = sealSecret(keyring, tenant, binding, version, plain);
    assert.notEqual(first.sealed, second.sealed);
    assert.equal(openSecret(keyring, tenant, binding, version, first.sealed).unwrap(), plain.unwrap());
  });
  fc.assert(property);
});

test('key-beside-data: a box opens only for its own tenant, credential, version, origins, place, API and agent user', () => {
  const { sealed } = sealSecret(keyring, tenant, binding, 1, new Secret('shop-secret'));
  const elsewhere: Partial<Binding>[] = [
    { id: randomId('credential') },
    { origins: ['https://a.example'] },
    { origins: ['https://a.example', 'https://b.example', 'https://mallory.example'] },
    { origins: ['https://a.example:8443', 'https://b.example'] },
    { place: 'x-echo' },
    { kind: 'query' },
    { api: null },
    { agentUser: randomId('agentUser') },
  ];
  for (const part of elsewhere) {
    assert.throws(() => openSecret(keyring, tenant, { ...binding, ...part }, 1, sealed), isShut, JSON.stringify(part));
  }
  assert.throws(() => openSecret(keyring, randomId('tenant'), binding, 1, sealed), isShut);
  assert.throws(() => openSecret(keyring, tenant, binding, 2, sealed), isShut);
  const reordered = { ...binding, origins: [...binding.origins].reverse() };
  assert.equal(openSecret(keyring, tenant, reordered, 1, sealed).unwrap(), 'shop-secret');
});

test('key-beside-data: a changed box, a foreign key and a cut box stay shut', () => {
  const { sealed } = sealSecret(keyring, tenant, binding, 1, new Secret('shop-secret'));
  const [form, keyId, text = ''] = sealed.split('.');
  const bytes = Buffer.from(text, 'base64url');
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    const spelled = `${form}.${keyId}.${changed.toString('base64url')}`;
    assert.throws(() => openSecret(keyring, tenant, binding, 1, spelled), isShut);
  }
  const other = createKeyring(randomBytes(32));
  assert.throws(() => openSecret(other, tenant, binding, 1, sealed), isShut);
  assert.throws(() => openSecret(other, tenant, binding, 1, `v1.${other[0].id}.${text}`), isShut);
  for (const bad of ['', 'v1', `v2.${keyId}.${text}`, `v1.${keyId}.`, `v1.${keyId}.${text.slice(0, 20)}`]) {
    assert.throws(() => openSecret(keyring, tenant, binding, 1, bad), isShut, bad);
  }
});

test('an older key of the ring still opens, and its id says nothing of it', () => {
  const old = randomBytes(32);
  const { sealed, keyId } = sealSecret(createKeyring(old), tenant, binding, 1, new Secret('shop-secret'));
  const rotated = createKeyring(randomBytes(32), old);
  assert.equal(openSecret(rotated, tenant, binding, 1, sealed).unwrap(), 'shop-secret');
  assert.ok(!old.toString('base64url').includes(keyId));
  assert.throws(() => createKeyring(randomBytes(16)), /32 bytes/);
});
