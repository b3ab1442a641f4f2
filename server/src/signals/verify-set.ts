import { JsonNumber, type JsonObject } from '@ambit/protocol';
import { compactVerify, createLocalJWKSet, errors, type JSONWebKeySet } from 'jose';
import { refuse } from '../foundation/index.ts';
import { type Jws, readJws, skewSecondsMax, textClaim, timeClaim } from '../identity/index.ts';
import { setType } from './names.ts';
import type { Transmitter } from './stream.ts';

/** A SET that was verified: one event about one subject. */
export type VerifiedSet = {
  readonly jti: string;
  readonly type: string;
  readonly event: JsonObject;
  /** Null where the subject is none of the kinds that can name a person. */
  readonly subject: { readonly iss: string; readonly sub: string } | null;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
};

/** SETs older than this are refused, and a `jti` is remembered for longer: an outage of a day loses nothing. */
export const setAgeSecondsMax = 86_400;

// Asymmetric ones only: nobody who can read the published keys can sign.
const algorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519'];

/**
 * RFC 8417 §2 and §5, SSF 1.0 §4.1: typ, signature, issuer, audience, age, one event, a subject. THREATS: forged-set. The
 * order is that of trust: nothing of what it says is used before the signature held.
 */
export async function verifySet(
  text: string,
  transmitter: Transmitter,
  keys: JSONWebKeySet,
  now: number,
): Promise<VerifiedSet> {
  const jws = readJws(text, 'signal.set_invalid');
  if (jws.header.typ !== setType) throw refuse('signal.set_invalid', `typ is not ${setType}`);
  if (!algorithms.some((alg) => alg === jws.header.alg))
    throw refuse('signal.key_invalid', 'its alg is none that is taken');
  await requireSignature(text, keys);
  const { claims } = jws;
  if (claims.iss !== transmitter.issuer) throw refuse('signal.issuer_invalid', `iss is not ${transmitter.issuer}`);
  const audience = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  if (!audience.includes(transmitter.audience))
    throw refuse('signal.audience_invalid', `aud is not ${transmitter.audience}`);
  if (claims.exp !== undefined || claims.sub !== undefined)
    throw refuse('signal.set_invalid', 'a SET has neither exp nor sub');
  const issuedAt = requireAge(jws, now);
  const events = requireObject(claims.events, 'events');
  const [[type, event] = [undefined, undefined], ...more] = Object.entries(events);
  if (type === undefined || more.length > 0) throw refuse('signal.set_invalid', 'a SET is about one event');
  return {
    jti: textClaim(claims, 'jti', 'signal.set_invalid'),
    type,
    event: requireObject(event, 'the event'),
    subject: personIn(requireObject(claims.sub_id, 'sub_id')),
    issuedAt,
  };
}

async function requireSignature(text: string, keys: JSONWebKeySet): Promise<void> {
  try {
    await compactVerify(text, createLocalJWKSet(keys), { algorithms });
  } catch (error) {
    if (!(error instanceof errors.JOSEError) && !(error instanceof TypeError)) throw error;
    throw refuse(
      'signal.key_invalid',
      `no published key of the transmitter holds for it (${error.message.slice(0, 100)})`,
    );
  }
}

function requireAge({ claims }: Jws, now: number): number {
  const issuedAt = timeClaim(claims, 'iat', 'signal.set_invalid');
  if (issuedAt > now + skewSecondsMax * 1000) throw refuse('signal.stale', 'iat lies in the future');
  if (issuedAt < now - setAgeSecondsMax * 1000) throw refuse('signal.stale', `it is older than ${setAgeSecondsMax} s`);
  return issuedAt;
}

function requireObject(value: unknown, name: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber))
    return value as JsonObject;
  throw refuse('signal.set_invalid', `${name} is missing, or no object`);
}

/** RFC 9493: the user of a complex subject, or the subject itself, where it names an issuer and a subject of it. */
function personIn(subject: JsonObject): VerifiedSet['subject'] {
  const named = subject.format === 'complex' ? subject.user : subject;
  if (typeof named !== 'object' || named === null || Array.isArray(named) || named instanceof JsonNumber) return null;
  const { format, iss, sub } = named as JsonObject;
  return format === 'iss_sub' && typeof iss === 'string' && typeof sub === 'string' ? { iss, sub } : null;
}
