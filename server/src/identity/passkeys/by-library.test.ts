// What we read of a passkey's answer is held against a library that shares nothing with us.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { canonicalJson, type WebAuthnAssertion } from '@ambit/protocol';
import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import fc from 'fast-check';
import { randomId } from '../../foundation/index.ts';
import { readPublicKey } from '../key.ts';
import type { PersonKey } from '../person.ts';
import { signerOf } from '../signature.ts';
import { softAuthenticator } from '../testing-authenticator.ts';
import { coseOfJwk } from './cose-key.ts';

const document = { type: 'ambit_answer', yes: true, amount: '30.00' } as const;
const alice = randomId('person');
const origin = 'https://ambit.example';
const rpId = 'ambit.example';
const challenge = createHash('sha256').update(canonicalJson(document)).digest();

/** A passkey, and what it answers for the document. */
async function passkey(alg: number) {
  const device = softAuthenticator({ alg });
  const user = { id: Buffer.from(alice) };
  const asked = { rp: { id: rpId }, user, challenge, pubKeyCredParams: [{ alg }], excludeCredentials: [] };
  await device.browser(origin).create({ publicKey: asked });
  const held = device.held[0] ?? assert.fail('it holds one');
  const { jwk, thumbprint } = readPublicKey(held.public.export({ format: 'jwk' }));
  const credential = held.id.toString('base64url');
  const kept = { transports: [], aaguid: '', signCount: 0, mayBeBackedUp: false, isBackedUp: false };
  const key: PersonKey = {
    ...{
      id: randomId('key'),
      person: alice,
      jwk,
      thumbprint,
      label: 'phone',
      state: 'active',
      addedBy: null,
      addedAt: 0,
    },
    ...{ kind: 'passkey', passkey: { rpId, origin, credential, ...kept } },
  };
  const answer = async () => {
    const request = { rpId, challenge, allowCredentials: [] };
    const { response } = await device.browser(origin).get({ publicKey: request });
    const text = (bytes: ArrayBuffer) => Buffer.from(bytes).toString('base64url');
    const { authenticatorData, clientDataJSON, signature } = response;
    return {
      authenticatorData: text(authenticatorData),
      clientDataJSON: text(clientDataJSON),
      signature: text(signature),
    };
  };
  const signature = (webauthn: WebAuthnAssertion) =>
    ({ kid: thumbprint, alg: jwk.kty === 'EC' ? 'ES256' : 'EdDSA', webauthn }) as const;
  return { key, answer, signature, credential };
}

for (const [name, alg] of [
  ['ES256', -7],
  ['EdDSA', -8],
] as const) {
  test(`our reading of what a passkey of ${name} answered is that of an independent library, whatever is changed in it`, async () => {
    const { key, answer, signature, credential } = await passkey(alg);
    const assertion = await answer();
    const parts = ['authenticatorData', 'clientDataJSON', 'signature'] as const;
    const byLibrary = async (webauthn: WebAuthnAssertion) => {
      const given = { id: credential, rawId: credential, type: 'public-key', clientExtensionResults: {} } as const;
      const checked = verifyAuthenticationResponse({
        response: { ...given, response: webauthn },
        ...{ expectedChallenge: challenge.toString('base64url'), expectedOrigin: origin, expectedRPID: rpId },
        credential: { id: credential, publicKey: coseOfJwk(key.jwk), counter: 0 },
      });
      return checked.then(({ verified }) => verified).catch(() => false);
    };
    const byUs = (webauthn: WebAuthnAssertion): boolean => {
      try {
        return signerOf([key], document, signature(webauthn)) === key;
      } catch {
        return false;
      }
    };
    assert.deepEqual([byUs(assertion), await byLibrary(assertion)], [true, true]);
    const change = fc.record({ part: fc.constantFrom(...parts), at: fc.nat(200), to: fc.nat(255), cut: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(change, async ({ part, at, to, cut }) => {
        const bytes = Buffer.from(assertion[part], 'base64url');
        bytes[at % bytes.length] = to;
        const changed = { ...assertion, [part]: bytes.subarray(0, bytes.length - cut).toString('base64url') };
        const [ours, theirs] = [byUs(changed), await byLibrary(changed)];
        if (ours) assert.ok(theirs, `we took ${JSON.stringify(changed)}`);
        if (ours) assert.deepEqual(changed, assertion);
      }),
      { numRuns: 300 },
    );
  });
}
