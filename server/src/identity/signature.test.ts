import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { canonicalJson, openSignature, thumbprintOf, type WebAuthnAssertion } from '@ambit/protocol';
import { randomId } from '../foundation/index.ts';
import { readPublicKey } from './key.ts';
import type { PersonKey } from './person.ts';
import { readSignature, signerOf } from './signature.ts';
import { signDocument, type TestKey, testKey } from './testing.ts';
import { type Lies, softAuthenticator } from './testing-authenticator.ts';

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

test('a signature that is no base64url is refused, and a document that cannot be written is a fault', () => {
  const key = testKey();
  const signature = signDocument(key, document);
  assert.throws(() => signerOf([enrolled(key)], document, { ...signature, value: '€' }), {
    code: 'signature.invalid',
    because: 'The signature is not base64url.',
  });
  const [sha256, plain] = [(bytes: Uint8Array) => createHash('sha256').update(bytes).digest(), enrolled(key)];
  assert.throws(() => openSignature(document, { ...signature, value: '€' }, plain, sha256), { name: 'SignatureFault' });
  assert.equal(thumbprintOf(key.jwk, sha256), key.thumbprint);
  const unwritable = { ...document, amount: Number.NaN };
  assert.throws(
    () => signerOf([enrolled(key)], unwritable, signature),
    (error) => !(error instanceof Error && 'code' in error && error.code === 'signature.invalid'),
  );
});

// ---- passkeys (WebAuthn)

const scope = { rpId: 'ambit.example', origin: 'https://ambit.example' };
const challengeOf = (signed: object) => createHash('sha256').update(canonicalJson(signed)).digest();
const text = (bytes: ArrayBuffer) => Buffer.from(bytes).toString('base64url');

/** A passkey that was enrolled, and what its holder's browser makes of a document, lies included. */
async function passkey(alg: 'ES256' | 'EdDSA' = 'ES256', synced = false) {
  const authenticator = softAuthenticator({ alg: alg === 'ES256' ? -7 : -8, synced });
  await authenticator.browser(scope.origin).create({
    publicKey: {
      ...{ rp: { id: scope.rpId }, user: { id: Buffer.from('alice') }, challenge: Buffer.alloc(32) },
      ...{ pubKeyCredParams: [{ alg: alg === 'ES256' ? -7 : -8 }], excludeCredentials: [] },
    },
  });
  const { jwk, thumbprint } = readPublicKey(authenticator.held[0]!.public.export({ format: 'jwk' }));
  const key: PersonKey = {
    ...{ id: randomId('key'), person: alice, jwk, thumbprint, label: 'phone', kind: 'passkey', state: 'active' },
    ...{ addedBy: null, addedAt: 0 },
    passkey: {
      ...{ ...scope, credential: 'a-credential', transports: [], aaguid: '', signCount: 0 },
      ...{ mayBeBackedUp: synced, isBackedUp: synced },
    },
  };
  const assertion = async (lies: Lies = {}, origin = scope.origin): Promise<WebAuthnAssertion> => {
    const { response } = await authenticator
      .browser(origin, lies)
      .get({ publicKey: { rpId: scope.rpId, challenge: challengeOf(document), allowCredentials: [] } });
    return {
      authenticatorData: text(response.authenticatorData),
      clientDataJSON: text(response.clientDataJSON),
      signature: text(response.signature),
    };
  };
  const read = (webauthn: WebAuthnAssertion, signed: typeof document | object = document) =>
    readSignature([key], signed as typeof document, { kid: thumbprint, alg, webauthn });
  return { key, assertion, read };
}

test('a passkey signs a document by its hash, and says how often it was used and where it may be', async () => {
  for (const alg of ['ES256', 'EdDSA'] as const) {
    const { key, assertion, read } = await passkey(alg);
    // Numbers in DER have as few bytes as tell them: among so many signatures there are short ones.
    for (let use = 1; use <= 40; use++) {
      assert.deepEqual(read(await assertion()), { key, authenticator: { signCount: use, isBackedUp: false } });
    }
  }
  const synced = await passkey('ES256', true);
  const { authenticator } = synced.read(await synced.assertion());
  assert.deepEqual(authenticator, { signCount: 0, isBackedUp: true });
  const plain = testKey();
  assert.equal(readSignature([enrolled(plain)], document, signDocument(plain, document)).authenticator, null);
});

test('what a browser or an authenticator says otherwise is refused, and why', async () => {
  const { assertion, read } = await passkey();
  const refuses = (because: string, shown: WebAuthnAssertion, signed?: object) =>
    assert.throws(() => read(shown, signed), { code: 'signature.invalid', because });
  const lies: [string, Lies][] = [
    ['The browser was not asked for an assertion.', { type: 'webauthn.create' }],
    ['It was made for something else.', { challenge: Buffer.alloc(32) }],
    ['It was made inside a page of another origin.', { crossOrigin: true }],
    ['It was made for another domain.', { rpId: 'evil.example' }],
    ['Nobody was present.', { present: false }],
    ['The device did not verify who was present.', { verified: false }],
    ['the signature is not that of the named key over this document', { signedBy: testKey().private }],
  ];
  for (const [because, lie] of lies) refuses(because, await assertion(lie));
  refuses('It was made for something else.', await assertion(), { ...document, amount: '90.00' });
  refuses('It was made at another origin.', await assertion({}, 'https://evil.example'));

  const good = await assertion();
  const data = (change: (bytes: Buffer) => Buffer) => ({
    ...good,
    authenticatorData: change(Buffer.from(good.authenticatorData, 'base64url')).toString('base64url'),
  });
  const length = 'authenticatorData has another length than its flags say.';
  refuses(
    length,
    data(() => Buffer.alloc(0)),
  );
  refuses(
    length,
    data((bytes) => bytes.subarray(0, 36)),
  );
  refuses(
    length,
    data((bytes) => Buffer.concat([bytes, Buffer.of(0)])),
  );
  const flags = (bits: number) => (bytes: Buffer) =>
    Buffer.concat([bytes.subarray(0, 32), Buffer.of(bits), bytes.subarray(33)]);
  refuses('Its flags contradict each other.', data(flags(0x15)));
  refuses(
    length,
    data((bytes) => flags(0x85)(bytes).subarray(0, 36)),
  );
  const extended = data((bytes) => Buffer.concat([flags(0x85)(bytes), Buffer.of(0xa0)]));
  refuses('the signature is not that of the named key over this document', extended);

  const client = (said: string | Buffer) => ({ ...good, clientDataJSON: Buffer.from(said).toString('base64url') });
  const deep = `{"a":${'['.repeat(9)}${']'.repeat(9)}}`;
  const illFormed = Buffer.concat([Buffer.from('{"a":"'), Buffer.of(0xff), Buffer.from('"}')]);
  for (const said of ['', '[]', 'null', '5', '"a"', 'true', '{', deep, illFormed, '\ufeff{}']) {
    refuses('clientDataJSON is not an object of JSON.', client(said));
  }
  const told = JSON.parse(Buffer.from(good.clientDataJSON, 'base64url').toString()) as { crossOrigin: boolean };
  refuses(
    'It was made inside a page of another origin.',
    client(JSON.stringify({ ...told, topOrigin: 'https://evil.example' })),
  );
  const { crossOrigin: _, ...silent } = told;
  refuses('the signature is not that of the named key over this document', client(JSON.stringify(silent)));
  for (const part of ['clientDataJSON', 'authenticatorData'] as const) {
    refuses(`${part} is not base64url.`, { ...good, [part]: '€' });
  }
  refuses('The signature is not base64url.', { ...good, signature: '€' });
});

test('a signature of a passkey is DER in its one spelling', async () => {
  const { assertion, read } = await passkey();
  const good = await assertion();
  const der = Buffer.from(good.signature, 'base64url');
  const half = (...bytes: number[]) => [2, bytes.length, ...bytes];
  const whole = (...bytes: number[]) => [0x30, bytes.length, ...bytes];
  const odd = [
    [],
    [...der, 0],
    [...der.subarray(0, -1)],
    [0x31, ...der.subarray(1)],
    [0x30, der.length - 1, ...der.subarray(2)],
    whole(...half(1)),
    whole(...half(), ...half(1)),
    whole(...half(1), 3, 1, 1),
    whole(...half(1), ...half(0x80)),
    whole(...half(0, 1), ...half(1)),
    whole(...half(1), ...half(0, 0x7f)),
    whole(...half(1), 2, 9, 1),
    whole(...half(1), ...half(1), 0),
    whole(...half(...Array<number>(33).fill(1)), ...half(1)),
  ];
  for (const bytes of odd) {
    assert.throws(() => read({ ...good, signature: Buffer.from(bytes).toString('base64url') }), {
      because: 'The signature is not an ECDSA signature in DER.',
    });
  }
  for (const bytes of [whole(...half(1), ...half(0, 0x80)), whole(...half(0), ...half(...Array<number>(32).fill(1)))]) {
    assert.throws(() => read({ ...good, signature: Buffer.from(bytes).toString('base64url') }), {
      because: 'the signature is not that of the named key over this document',
    });
  }
});

test('a passkey signs through a browser only, and no other key does', async () => {
  const { key, assertion } = await passkey();
  const plain = testKey();
  const signature = signDocument(plain, document);
  assert.throws(() => signerOf([key], document, { ...signature, kid: key.thumbprint }), {
    because: 'That key is a passkey: it signs through a browser only.',
  });
  const webauthn = await assertion();
  assert.throws(() => signerOf([enrolled(plain)], document, { kid: plain.thumbprint, alg: 'ES256', webauthn }), {
    because: 'That key is no passkey: it signs the document itself.',
  });
});
