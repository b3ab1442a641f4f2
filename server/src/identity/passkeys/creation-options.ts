import type { CreationOptionsJson, PasskeyScope, RequestOptionsJson } from '@ambit/protocol';
import type { Person, PersonKey } from '../person.ts';
import { challengeSeconds } from './challenge.ts';
import { coseAlgs } from './cose-key.ts';

/** WebAuthn §5.1.8: what the browser is asked to make. The user handle is the person's id, so that sign-in needs no name. */
export const creationOptions = (
  { rpId }: PasskeyScope,
  { id, name, email }: Person,
  challenge: string,
  known: readonly PersonKey[],
): CreationOptionsJson => ({
  rp: { id: rpId, name: 'Ambit' },
  user: { id: Buffer.from(id).toString('base64url'), name: email ?? name, displayName: name },
  challenge,
  pubKeyCredParams: coseAlgs.map((alg) => ({ type: 'public-key', alg })),
  timeout: challengeSeconds * 1000,
  // One authenticator holds one passkey of a person.
  excludeCredentials: known.flatMap(({ passkey, state }) =>
    passkey && state === 'active'
      ? [{ type: 'public-key', id: passkey.credential, transports: passkey.transports }]
      : [],
  ),
  authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
  attestation: 'none',
});

/** WebAuthn §5.1.9: whichever passkey of this place the person picks. */
export const requestOptions = ({ rpId }: PasskeyScope, challenge: string): RequestOptionsJson => ({
  challenge,
  rpId,
  timeout: challengeSeconds * 1000,
  userVerification: 'required',
  allowCredentials: [],
});
