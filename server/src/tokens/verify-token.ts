import { type KeyObject, verify as verifySignature } from 'node:crypto';
import {
  type ActorClaim,
  entityProfile,
  JsonNumber,
  type JsonObject,
  jwtType,
  type MissionClaim,
  parseId,
  type WorkloadKind,
  workloadKinds,
} from '@ambit/protocol';
import { type Refusal, refuse } from '../foundation/index.ts';
import {
  accessTokenHash,
  derSignature,
  type Jws,
  readJws,
  skewSecondsMax,
  textClaim,
  timeClaim,
} from '../identity/index.ts';
import { type TokenKeys, tokenAlg } from './keys.ts';
import { tokenClaim, type VerifiedToken } from './token.ts';

/** What a token must be to be taken. Audience, issuer and algorithm are compared as texts, never guessed. */
export type TokenRules = {
  readonly keys: TokenKeys;
  readonly issuer: string;
  /** Null where it is only asked what a token of ours says, whatever it is for. */
  readonly audience: string | null;
  /** Epoch milliseconds. */
  readonly now: number;
};

/**
 * Reads an access token (RFC 9068 §4). A signature is checked once per token and set of keys; times and audience are
 * compared every time. Whether the token, its task and its agent are still alive is for `requireAlive`.
 */
export function verifyToken(text: string, rules: TokenRules, hash: string = accessTokenHash(text)): VerifiedToken {
  const token = signedToken(text, rules, hash);
  if (rules.audience !== null && token.audience !== rules.audience) {
    const { audience } = token;
    throw refuse('token.wrong_audience', `the token is for ${audience}, not for ${rules.audience}`).with({
      values: { audience },
    });
  }
  if (rules.now >= token.expiresAt) throw expired(token);
  if (token.issuedAt > rules.now + skewSecondsMax * 1000) {
    throw refuse('token.invalid', `token ${token.id} is from the future, ${token.issuedAt}`);
  }
  return token;
}

/** What a token says that one of our keys signed, whatever it is for and however old it is. */
export const signedToken = (
  text: string,
  rules: Pick<TokenRules, 'keys' | 'issuer'>,
  hash: string = accessTokenHash(text),
): VerifiedToken => rules.keys.seen.get(hash) ?? readToken(text, rules, hash);

/** It was a token, until then. */
export const expired = ({ id, expiresAt }: Pick<VerifiedToken, 'id' | 'expiresAt'>): Refusal =>
  refuse('token.expired', `token ${id} expired at ${expiresAt}`).with({
    values: { until: expiresAt },
  });

function readToken(text: string, { keys, issuer }: Pick<TokenRules, 'keys' | 'issuer'>, hash: string): VerifiedToken {
  const jws = readJws(text, 'token.invalid');
  if (!signedBy(keyOf(jws, keys), jws)) throw refuse('token.invalid', 'the signature is not that of the named key');
  if (jws.claims[tokenClaim.issuer] !== issuer) throw refuse('token.invalid', `iss is not ${issuer}`);
  const token = tokenOf(jws.claims);
  // Only what was signed by one of our keys comes to be kept: an outsider cannot fill the memory.
  keys.seen.put(hash, token);
  return token;
}

// RFC 8725 §3.1: type and algorithm are fixed here; a key comes from our own set and never from the token.
function keyOf({ header }: Jws, keys: TokenKeys): KeyObject {
  if (header.typ !== jwtType.accessToken) throw refuse('token.invalid', 'typ is not at+jwt');
  if (header.alg !== tokenAlg) throw refuse('token.invalid', `alg is not ${tokenAlg}`);
  const key = typeof header.kid === 'string' ? keys.verifying.get(header.kid) : undefined;
  if (key === undefined) throw refuse('token.invalid', 'kid is none of our keys');
  return key;
}

const signedBy = (key: KeyObject, { signed, signature }: Jws): boolean =>
  signature.length === 64 && verifySignature('sha256', signed, key, derSignature(signature));

function tokenOf(claims: JsonObject): VerifiedToken {
  const mission = claims[tokenClaim.mission] === undefined ? null : missionOf(claims);
  return {
    id: idClaim('token', claims, tokenClaim.tokenId),
    tenant: idClaim('tenant', claims, tokenClaim.tenant),
    agent: idClaim('agent', claims, tokenClaim.clientId),
    kind: kindIn(claims),
    requester: parseId('person', claims[tokenClaim.subject]) ?? null,
    audience: textOf(claims, tokenClaim.audience),
    ...boundTo(objectOf(claims, tokenClaim.confirmation)),
    agentKey: textOf(claims, tokenClaim.agentKey),
    task: mission === null ? null : idClaim('task', objectOf(claims, tokenClaim.mission), 'id'),
    run: mission === null ? null : idClaim('task', claims, tokenClaim.run),
    mission,
    actor: actorOf(objectOf(claims, tokenClaim.actor)),
    issuedAt: timeClaim(claims, tokenClaim.issuedAt, 'token.invalid'),
    expiresAt: timeClaim(claims, tokenClaim.expires, 'token.invalid'),
  };
}

/** RFC 9449 §6.1 or RFC 8705 §3.1: one of them, never both and never neither. */
function boundTo(confirmation: JsonObject): Pick<VerifiedToken, 'jkt' | 'x5t'> {
  const { certificateThumbprint, thumbprint } = tokenClaim;
  if (confirmation[certificateThumbprint] === undefined) return { jkt: textOf(confirmation, thumbprint), x5t: null };
  if (confirmation[thumbprint] === undefined) return { jkt: null, x5t: textOf(confirmation, certificateThumbprint) };
  throw refuse('token.invalid', 'cnf names a key and a certificate');
}

const textOf = (claims: JsonObject, name: string) => textClaim(claims, name, 'token.invalid');

/** Tokens of releases that knew agents alone say nothing of it. */
function kindIn(claims: JsonObject): WorkloadKind {
  const profile = claims[tokenClaim.clientProfile];
  if (profile === undefined) return 'agent';
  const kind = workloadKinds.find((one) => entityProfile[one] === profile);
  if (kind === undefined)
    throw refuse('token.invalid', `the claim ${tokenClaim.clientProfile} names no kind that is known`);
  return kind;
}

function idClaim<K extends Parameters<typeof parseId>[0]>(kind: K, claims: JsonObject, name: string) {
  const id = parseId(kind, claims[name]);
  if (id === undefined) throw refuse('token.invalid', `the claim ${name} is no id of a ${kind}`);
  return id;
}

function objectOf(claims: JsonObject, name: string): JsonObject {
  const value = claims[name];
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)) {
    return value as JsonObject;
  }
  throw refuse('token.invalid', `the claim ${name} is missing, or no object`);
}

function missionOf(claims: JsonObject): MissionClaim {
  const mission = objectOf(claims, tokenClaim.mission);
  const [id, issuer, authority_hash] = ['id', 'issuer', 'authority_hash'].map((name) => textOf(mission, name));
  return { id: id!, issuer: issuer!, authority_hash: authority_hash! };
}

function actorOf(actor: JsonObject): ActorClaim {
  const { act, sub_profile: profile } = actor;
  return {
    iss: textOf(actor, 'iss'),
    sub: textOf(actor, 'sub'),
    ...(profile === undefined ? {} : { sub_profile: textOf(actor, 'sub_profile') }),
    ...(act === undefined ? {} : { act: actorOf(objectOf(actor, 'act')) }),
  };
}
