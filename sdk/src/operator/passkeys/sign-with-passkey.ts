import { canonicalJson, type DocumentSignature, toBase64Url, utf8 } from '@ambit/protocol';
import { sha256 } from '../../wire/jws.ts';
import type { Ask } from '../request.ts';
import type { Signer } from '../signer.ts';
import { type BrowserCredentials, getAssertion, PasskeyFault } from './credentials.ts';

const timeoutMilliseconds = 120_000;

/**
 * Signs documents by a passkey of the person in the session: the device asks its holder each time, and what it signs is
 * the hash of that very document.
 */
export function passkeySigner(credentials: BrowserCredentials, json: Ask['json']): Signer['sign'] {
  return async (document) => {
    const { keys } = await json('GET /v1/me');
    const own = keys.flatMap(({ passkey, ...key }) => (passkey && key.state === 'active' ? [{ ...key, passkey }] : []));
    const [first] = own;
    if (first === undefined) throw new PasskeyFault('No passkey is enrolled for you. Nothing was signed.');
    const { id, response } = await getAssertion(credentials, {
      challenge: toBase64Url(await sha256(utf8(canonicalJson(document)))),
      rpId: first.passkey.rpId,
      timeout: timeoutMilliseconds,
      userVerification: 'required',
      allowCredentials: own.map(({ passkey }) => ({ type: 'public-key', id: passkey.credential })),
    });
    const used = own.find(({ passkey }) => passkey.credential === id);
    if (used === undefined) throw new PasskeyFault('Another passkey answered than was asked for. Nothing was sent.');
    const { authenticatorData, clientDataJSON, signature } = response;
    const webauthn = { authenticatorData, clientDataJSON, signature };
    return {
      kid: used.thumbprint,
      alg: used.jwk.kty === 'EC' ? 'ES256' : 'EdDSA',
      webauthn,
    } satisfies DocumentSignature;
  };
}
