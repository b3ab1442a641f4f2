import { header, jwtType, proofClaim, toBase64Url, utf8 } from '@ambit/protocol';
import { calculateJwkThumbprint, EmbeddedJWK, errors, type JWK, type JWTVerifyResult, jwtVerify } from 'jose';
import { sha256 } from '../wire/jws.ts';
import { GuardRefusal } from './guard-refusal.ts';

/** The algorithms that keys of agents have, and no others (RFC 9449 §4.3, RFC 8725 §3.1). */
export const proofAlgs = ['ES256', 'EdDSA'];

export type ProofRules = {
  readonly method: string;
  /** The public URL of the request. */
  readonly url: string;
  readonly token: string;
  readonly jkt: string;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly ageSecondsMax: number;
  readonly skewSeconds: number;
};

export type CheckedProof = { readonly jti: string /** Epoch milliseconds. */; readonly expiresAt: number };

/** RFC 9449 §4.3 and §7.1, but for spending its `jti`. */
export async function checkProof(proofs: readonly string[], rules: ProofRules): Promise<CheckedProof> {
  const [proof] = proofs;
  if (proofs.length !== 1 || proof === undefined || proof === '')
    throw new GuardRefusal('proof.missing', `${proofs.length} ${header.proof} headers came`);
  const { payload, protectedHeader } = await verified(proof);
  if ((await calculateJwkThumbprint(protectedHeader.jwk as JWK)) !== rules.jkt)
    throw new GuardRefusal('token.other_key', 'the proof is by another key than the token is bound to');
  const { [proofClaim.id]: jti, [proofClaim.issuedAt]: iat } = payload;
  if (payload[proofClaim.method] !== rules.method) throw invalid('htm is another method');
  if (!isSameUrl(payload[proofClaim.uri], rules.url)) throw invalid(`htu is not ${rules.url.replace(/[?#].*/s, '')}`);
  if (payload[proofClaim.accessTokenHash] !== toBase64Url(await sha256(utf8(rules.token))))
    throw invalid('ath is of another token');
  if (typeof jti !== 'string' || jti === '' || jti.length > 256) throw invalid('jti is no text of 1 to 256 characters');
  if (typeof iat !== 'number') throw invalid('iat is missing');
  const expiresAt = (iat + rules.ageSecondsMax) * 1000;
  if (rules.now >= expiresAt || iat * 1000 > rules.now + rules.skewSeconds * 1000)
    throw new GuardRefusal('proof.stale', `iat is ${iat}, the time ${Math.floor(rules.now / 1000)}`);
  return { jti, expiresAt };
}

async function verified(proof: string): Promise<JWTVerifyResult> {
  try {
    // Times are compared above, by the clock that was handed in: a proof has no exp that counts.
    return await jwtVerify(proof, EmbeddedJWK, { typ: jwtType.proof, algorithms: proofAlgs });
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError || isKeyFault(error))
      throw invalid(error.message);
    throw error;
  }
}

/** WebCrypto says so of a JWK that is no key. */
const isKeyFault = (error: unknown): error is DOMException => error instanceof DOMException;

const invalid = (because: string) => new GuardRefusal('proof.invalid', because);

/** RFC 9449 §4.3: compared after normalisation, without query and fragment. */
function isSameUrl(htu: unknown, url: string): boolean {
  const [said, here] = [typeof htu === 'string' ? URL.parse(htu) : null, URL.parse(url)];
  return (
    said !== null &&
    here !== null &&
    said.origin === here.origin &&
    said.pathname === here.pathname &&
    said.username === ''
  );
}
