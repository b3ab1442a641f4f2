import type { PasskeyScope } from '@ambit/protocol';
import type { VerifiedRegistrationResponse } from '@simplewebauthn/server';
import { refuse } from '../../foundation/index.ts';
import { openKey, type PublicJwk } from '../key.ts';
import type { Passkey } from '../person.ts';
import type { Answered } from './challenge.ts';
import { coseAlgs, jwkOfCose } from './cose-key.ts';
import type { NewCredential } from './shapes.ts';
import { webauthn } from './webauthn.ts';

/** The challenge that a browser says it answered, unbelieved. */
export function challengeIn({ response }: { readonly response: { readonly clientDataJSON: string } }): string {
  try {
    return String(webauthn.helpers.decodeClientDataJSON(response.clientDataJSON).challenge);
  } catch (error) {
    throw refuse('passkey.refused', `clientDataJSON: ${sentenceOf(error)}`);
  }
}

/** A new passkey, checked as WebAuthn §7.1 asks. Refuses with `passkey.refused`. */
export async function readCredential(
  credential: NewCredential,
  { text: challenge }: Answered,
  scope: PasskeyScope,
): Promise<{ jwk: PublicJwk; thumbprint: string; passkey: Passkey }> {
  requirePlainAttestation(credential);
  const info = await verified(credential, challenge, scope);
  if (info.credential.id !== credential.id)
    throw refuse('passkey.refused', 'it names another credential than it holds');
  const { jwk, thumbprint } = openKey(jwkOfCose(info.credential.publicKey));
  const passkey: Passkey = {
    ...scope,
    credential: info.credential.id,
    transports: credential.response.transports,
    aaguid: info.aaguid,
    signCount: info.credential.counter,
    mayBeBackedUp: info.credentialDeviceType === 'multiDevice',
    isBackedUp: info.credentialBackedUp,
  };
  return { jwk, thumbprint, passkey };
}

/**
 * Who made the authenticator is not asked, and not believed: none of the statements is read that name certificates,
 * and with them addresses which the plane would have to fetch from.
 */
function requirePlainAttestation({ response }: NewCredential): void {
  const format = formatOf(response.attestationObject);
  if (format !== 'none') throw refuse('passkey.refused', `the attestation is ${format}, and none was asked for`);
}

function formatOf(attestationObject: string): string {
  try {
    const { decodeAttestationObject, isoBase64URL } = webauthn.helpers;
    return decodeAttestationObject(isoBase64URL.toBuffer(attestationObject)).get('fmt');
  } catch (error) {
    throw refuse('passkey.refused', `attestationObject: ${sentenceOf(error)}`);
  }
}

type Info = NonNullable<VerifiedRegistrationResponse['registrationInfo']>;

async function verified({ id, response }: NewCredential, challenge: string, scope: PasskeyScope): Promise<Info> {
  const { clientDataJSON, attestationObject } = response;
  const result = await webauthn.library
    .verifyRegistrationResponse({
      response: {
        id,
        rawId: id,
        type: 'public-key',
        response: { clientDataJSON, attestationObject },
        clientExtensionResults: {},
      },
      expectedChallenge: challenge,
      expectedOrigin: scope.origin,
      expectedRPID: scope.rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: coseAlgs,
    })
    .catch((error: unknown) => {
      // Whatever the library throws is about what came.
      throw refuse('passkey.refused', sentenceOf(error));
    });
  requireOwnPage(clientDataJSON);
  if (!result.verified) throw refuse('passkey.refused', 'the attestation does not hold');
  return result.registrationInfo;
}

/** A page inside another one can be laid under what its visitor believes to click. */
export function requireOwnPage(clientDataJSON: string): void {
  const { crossOrigin, topOrigin } = webauthn.helpers.decodeClientDataJSON(clientDataJSON);
  if ((crossOrigin ?? false) === false && topOrigin === undefined) return;
  throw refuse('passkey.refused', 'it was made inside a page of another origin');
}

export const sentenceOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 300);
