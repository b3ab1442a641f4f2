import { constants, createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { canonicalJson } from '@ambit/protocol';

/** A public key by which an authority outside signs JWTs. Agents' own keys are another type: `PublicKey`. */
export type OutsideKey = {
  readonly kid: string;
  readonly algs: readonly OutsideAlg[];
  readonly object: KeyObject;
  /** RFC 7638. */
  readonly thumbprint: string;
};

/** JWT-SVID §2.2 takes these and no others: nothing symmetric, no `none`. */
export const outsideAlgs = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512'] as const;
export type OutsideAlg = (typeof outsideAlgs)[number];

const ofRsa: readonly OutsideAlg[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
/** RFC 7518 §3.4: each of them is for the one curve. */
const ofCurve: Readonly<Record<string, readonly OutsideAlg[]>> = {
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
};
const rsaBitsMin = 2048;
const rsaBitsMax = 8192;

type Members = Readonly<Record<string, unknown>>;

/** A public JWK as a key, or a sentence about what is wrong with it. Its `alg`, where it has one, is the only one it is for. */
export function readOutsideKey(jwk: Members): OutsideKey | string {
  const { kid, kty, alg } = jwk;
  if (typeof kid !== 'string' || kid.length === 0 || kid.length > 1024) return 'a key has no kid';
  if ('d' in jwk || 'k' in jwk) return `the key ${kid} came with its private half`;
  const members = publicMembers(jwk);
  const algs = kty === 'RSA' ? ofRsa : (ofCurve[String(jwk.crv)] ?? []);
  if (members === undefined || algs.length === 0) return `the key ${kid} is neither RSA nor of P-256, P-384 or P-521`;
  const usable = alg === undefined ? algs : algs.filter((one) => one === alg);
  if (usable.length === 0) return `the key ${kid} is for ${String(alg).slice(0, 20)}, which does not fit it`;
  const object = openJwk(members);
  if (object === undefined) return `the key ${kid} cannot be read`;
  const bits = object.asymmetricKeyDetails?.modulusLength ?? rsaBitsMin;
  if (bits < rsaBitsMin || bits > rsaBitsMax) return `the key ${kid} has ${bits} bits`;
  return { kid, algs: usable, object, thumbprint: hash('sha256', canonicalJson(members), 'base64url') };
}

function publicMembers({ kty, crv, x, y, n, e }: Members): Record<string, string> | undefined {
  const members = kty === 'RSA' ? { kty, n, e } : kty === 'EC' ? { kty, crv, x, y } : undefined;
  const isWhole = members !== undefined && Object.values(members).every((value) => typeof value === 'string');
  return isWhole ? (members as Record<string, string>) : undefined;
}

function openJwk(key: Record<string, string>): KeyObject | undefined {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

/** Whether `signature` is that of `key` over `signed`; by an algorithm that is not one of the key's it never is. */
export function outsideSignatureHolds(
  key: OutsideKey,
  alg: unknown,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean {
  const named = key.algs.find((one) => one === alg);
  if (named === undefined) return false;
  const digest = `sha${named.slice(2)}`;
  if (named.startsWith('ES')) return verify(digest, signed, { key: key.object, dsaEncoding: 'ieee-p1363' }, signature);
  // RFC 7518 §3.5: the salt is as long as the digest.
  const padding = named.startsWith('PS')
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { padding: constants.RSA_PKCS1_PADDING };
  return verify(digest, signed, { key: key.object, ...padding }, signature);
}
