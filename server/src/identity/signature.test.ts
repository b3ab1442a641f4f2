import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomId } from '../foundation/index.ts';
import type { PersonKey } from './person.ts';
import { signerOf } from './signature.ts';
import { signDocument, type TestKey, testKey } from './testing.ts';

const alice = randomId('person');
const enrolled = ({ jwk, thumbprint }: TestKey, state: PersonKey['state'] = 'active'): PersonKey => ({
  ...{ id: randomId('key'), person: alice, jwk, thumbprint, label: 'laptop', kind: 'cli', state },
  ...{ addedBy: null, addedAt: 0, passkey: null },
});
const document = { type: 'ambit_answer', yes: true, amount: '30.00' } as const;

test('a document names the enrolled key that signed it, whatever the order of its members', () => {
  for (const key of [testKey('ES256'), testKey('EdDSA')]) {
    const keys = [enrolled(testKey()), enrolled(key)];
    const signature = signDocument(key, document);
    assert.equal(signerOf(keys, document, signature), keys[1]);
    assert.equal(
      signerOf(keys, { amount: '30.00', yes: true, type: 'ambit_answer' } as typeof document, signature),
      keys[1],
    );
  }
});

test('a key that is not enrolled, or was revoked, signs nothing', () => {
  const key = testKey();
  for (const keys of [[], [enrolled(testKey())], [enrolled(key, 'revoked')]]) {
    assert.throws(() => signerOf(keys, document, signDocument(key, document)), {
      code: 'signature.invalid',
      because: `no active key ${key.thumbprint} is enrolled for this person`,
    });
  }
});

test('a signature over another document, by another key, or of another algorithm is refused', () => {
  const [key, other] = [testKey(), testKey()];
  const keys = [enrolled(key), enrolled(other)];
  const signature = signDocument(key, document);
  const wrong = [
    [{ ...document, amount: '90.00' }, signature],
    [{ ...document, type: 'ambit_grant' }, signature],
    [document, { ...signature, kid: other.thumbprint }],
    [document, { ...signature, alg: 'EdDSA' }],
    [document, { ...signature, value: '' }],
    [document, { ...signature, value: Buffer.alloc(61).toString('base64url') }],
  ] as const;
  for (const [signed, shown] of wrong) {
    assert.throws(() => signerOf(keys, signed, shown), {
      code: 'signature.invalid',
      because: 'the signature is not that of the named key over this document',
    });
  }
});
