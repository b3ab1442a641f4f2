import { claim, JsonNumber, type JsonObject } from '@ambit/protocol';
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
  readonly confirmed: Confirmed | null;
};

/** What an assertion may be used with, where it says so (`cnf`, RFC 7800 §3.1). */
export type Confirmed = {
  /** Thumbprint of the proof key, or of the key of the certificate; a certificate may come without it. */
  readonly jkt: string | null;
  /** Thumbprint of the certificate (RFC 8705 §3.1); null for a proof key. */
  readonly x5t: string | null;
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
    confirmed: confirmedKey(jws.claims),
  };
}

function checkTimes(claims: JsonObject, { now, lifeSecondsMax }: AssertionRules): number {
  const exp = timeClaim(claims, 'exp', 'assertion.invalid');
  const iat = timeClaim(claims, 'iat', 'assertion.invalid');
  const nbf = claims.nbf === undefined ? iat : timeClaim(claims, 'nbf', 'assertion.invalid');
  const ahead = now + skewSecondsMax * 1000;
  if (now >= exp) throw refuse('assertion.stale', `exp is ${exp}, the time is ${now}`).with({ values: { until: exp } });
  if (iat > ahead || nbf > ahead) throw refuse('assertion.stale', 'iat or nbf lies in the future');
  if (exp - iat > lifeSecondsMax * 1000) {
    throw refuse('assertion.stale', 'it lives too long', `Let the assertion live at most ${lifeSecondsMax} seconds.`);
  }
  return exp;
}

export function confirmedKey(claims: JsonObject): Confirmed | null {
  const { cnf } = claims;
  if (cnf === undefined) return null;
  if (typeof cnf !== 'object' || cnf === null || Array.isArray(cnf) || cnf instanceof JsonNumber) {
    throw refuse('assertion.invalid', 'cnf is not an object');
  }
  const named = cnf as JsonObject;
  const text = (name: string) => (named[name] === undefined ? null : textClaim(named, name, 'assertion.invalid'));
  const [jkt, x5t] = [text(claim.thumbprint), text(claim.certificateThumbprint)];
  if (jkt === null && x5t === null) throw refuse('assertion.invalid', 'cnf names neither a key nor a certificate');
  return { jkt, x5t };
}
