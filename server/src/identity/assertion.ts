import { JsonNumber, type JsonObject } from '@ambit/protocol';
import { refuse } from '../foundation/index.ts';
import { type Jws, readJws, textClaim, timeClaim } from './jws.ts';
import { type PublicKey, signatureHolds } from './key.ts';
import { skewSecondsMax } from './proof.ts';

/** A JWT by which somebody says who they are (RFC 7523 §3), read and not believed yet. */
export type Claimed = {
  /** Issuer and subject in one: nobody speaks for another here. */
  readonly subject: string;
  /** Thumbprint of the key that is said to have signed. */
  readonly kid: string;
  readonly jws: Jws;
};

/** The same after its signature, audience and times were checked. */
export type Asserted = {
  readonly jti: string;
  /** Epoch milliseconds from which on it is refused anyway. */
  readonly expiresAt: number;
  /** The proof key that it is meant for (`cnf.jkt`, RFC 7800), where it names one. */
  readonly jkt: string | null;
};

export type AssertionRules = {
  readonly issuer: string;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly lifeSecondsMax: number;
};

// A token or a proof of another kind is not an assertion (RFC 8725 §3.11).
const types = [undefined, 'JWT', 'client-authentication+jwt'];

export function readAssertion(text: string): Claimed {
  const jws = readJws(text, 'assertion.invalid');
  if (!types.some((type) => type === jws.header.typ))
    throw refuse('assertion.invalid', 'typ is not that of an assertion');
  const subject = textClaim(jws.claims, 'sub', 'assertion.invalid');
  if (jws.claims.iss !== subject) throw refuse('assertion.invalid', 'iss and sub differ');
  return { subject, kid: textClaim(jws.header, 'kid', 'assertion.invalid'), jws };
}

export function checkAssertion({ jws }: Claimed, key: PublicKey, rules: AssertionRules): Asserted {
  if (!signatureHolds(key, textClaim(jws.header, 'alg', 'assertion.invalid'), jws.signed, jws.signature)) {
    throw refuse('assertion.invalid', 'the signature is not that of the named key');
  }
  // One string, the issuer itself: an audience that several servers accept lets one of them replay it to another.
  if (jws.claims.aud !== rules.issuer) throw refuse('assertion.invalid', `aud is not exactly ${rules.issuer}`);
  return {
    jti: textClaim(jws.claims, 'jti', 'assertion.invalid'),
    expiresAt: checkTimes(jws.claims, rules),
    jkt: confirmedKey(jws.claims),
  };
}

function checkTimes(claims: JsonObject, { now, lifeSecondsMax }: AssertionRules): number {
  const exp = timeClaim(claims, 'exp', 'assertion.invalid');
  const iat = timeClaim(claims, 'iat', 'assertion.invalid');
  const nbf = claims.nbf === undefined ? iat : timeClaim(claims, 'nbf', 'assertion.invalid');
  const ahead = now + skewSecondsMax * 1000;
  if (now >= exp) throw refuse('assertion.stale', `exp is ${exp}, the time is ${now}`);
  if (iat > ahead || nbf > ahead) throw refuse('assertion.stale', 'iat or nbf lies in the future');
  if (exp - iat > lifeSecondsMax * 1000) {
    throw refuse('assertion.stale', 'it lives too long', `Let the assertion live at most ${lifeSecondsMax} seconds.`);
  }
  return exp;
}

function confirmedKey(claims: JsonObject): string | null {
  const { cnf } = claims;
  if (cnf === undefined) return null;
  if (typeof cnf !== 'object' || cnf === null || Array.isArray(cnf) || cnf instanceof JsonNumber) {
    throw refuse('assertion.invalid', 'cnf is not an object');
  }
  return textClaim(cnf as JsonObject, 'jkt', 'assertion.invalid');
}
