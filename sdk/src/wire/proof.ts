import { jwtType, proofClaim, toBase64Url, utf8 } from '@ambit/protocol';
import { sha256, signJws } from './jws.ts';
import type { SigningKey } from './key.ts';

/** One request, as a proof speaks of it. */
export type Proving = {
  readonly method: string;
  /** Its query and fragment stay out of the proof (RFC 9449 §4.2). */
  readonly url: string;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly token?: string | undefined;
  /** What is sent, byte for byte; left out where there is no body, or where it is a stream that nobody has read yet. */
  readonly body?: Uint8Array | undefined;
  readonly nonce?: string | undefined;
};

/** A DPoP proof (RFC 9449 §4.2) that covers the body too, good for one request. */
export async function signProof(key: SigningKey, { method, url, now, token, body, nonce }: Proving): Promise<string> {
  const claims = {
    [proofClaim.id]: crypto.randomUUID(),
    [proofClaim.method]: method,
    [proofClaim.uri]: url.replace(/[?#].*$/s, ''),
    [proofClaim.issuedAt]: Math.floor(now / 1000),
    ...(token !== undefined && { [proofClaim.accessTokenHash]: toBase64Url(await sha256(utf8(token))) }),
    ...(body !== undefined && { [proofClaim.bodyDigest]: `sha-256:${toBase64Url(await sha256(body))}` }),
    ...(nonce !== undefined && { [proofClaim.nonce]: nonce }),
  };
  return signJws(key, { typ: jwtType.proof, jwk: key.jwk }, claims);
}
