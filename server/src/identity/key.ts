import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { canonicalJson, type PublicJwk, type SigningAlg, signingAlgs } from '@ambit/protocol';
import { refuse } from '../foundation/index.ts';
import { derSignature } from './der-signature.ts';
import { createRecent } from './recent.ts';

export { type PublicJwk, type SigningAlg, signingAlgs };

export type PublicKey = {
  readonly jwk: PublicJwk;
  /** RFC 7638, SHA-256, base64url: the `jkt` of tokens and the `kid` of assertions. */
  readonly thumbprint: string;
  readonly algs: readonly SigningAlg[];
  readonly object: KeyObject;
};

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const coordinate = /^[A-Za-z0-9_-]{43}$/;

/** One public signing key, or a refusal that says what is wrong with it. Members it does not need are left behind. */
export function readPublicKey(given: unknown): PublicKey {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw refuse('key.invalid', 'the key is not an object');
  }
  const members = given as Readonly<Record<string, unknown>>;
  const secret = privateMembers.find((name) => Object.hasOwn(members, name));
  if (secret !== undefined) throw refuse('key.private', `the key came with its private member ${secret}`);
  if (members.use !== undefined && members.use !== 'sig') throw refuse('key.invalid', 'the key is not for signing');
  const jwk = keyMembers(members);
  const algs = algsOf(jwk);
  if (members.alg !== undefined && !algs.some((alg) => alg === members.alg)) {
    throw refuse('key.invalid', 'the alg of the key is not one for its type');
  }
  return openKey(jwk);
}

function keyMembers({ kty, crv, x, y }: Readonly<Record<string, unknown>>): PublicJwk {
  if (kty === 'OKP' && crv === 'Ed25519' && isCoordinate(x)) return { kty, crv, x };
  if (kty === 'EC' && crv === 'P-256' && isCoordinate(x) && isCoordinate(y)) return { kty, crv, x, y };
  throw refuse('key.invalid', 'the key is neither Ed25519 nor P-256');
}

// One spelling per value, so that one key has one thumbprint.
const isCoordinate = (text: unknown): text is string =>
  typeof text === 'string' && coordinate.test(text) && Buffer.from(text, 'base64url').toString('base64url') === text;

const algsOf = (jwk: PublicJwk): readonly SigningAlg[] => (jwk.kty === 'EC' ? ['ES256'] : ['EdDSA', 'Ed25519']);

const opened = createRecent<PublicKey>(4096);

/** The key of members that were read before, e.g. out of the store. Key objects are kept: making one costs 50 µs. */
export function openKey(jwk: PublicJwk): PublicKey {
  const same = openedOf.get(jwk);
  if (same !== undefined) return same;
  const key = openMembers(jwk);
  openedOf.set(jwk, key);
  return key;
}

/** A row in memory is one object until it changes, and so is what is in it. */
const openedOf = new WeakMap<PublicJwk, PublicKey>();

function openMembers(jwk: PublicJwk): PublicKey {
  const members = canonicalJson(jwk);
  const known = opened.get(members);
  if (known !== undefined) return known;
  const thumbprint = hash('sha256', members, 'base64url');
  const made = { jwk, thumbprint, algs: algsOf(jwk), object: keyObject(jwk) };
  opened.put(members, made);
  return made;
}

function keyObject(jwk: PublicJwk): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch (error) {
    throw refuse(
      'key.invalid',
      `the key is not a point of its curve (${error instanceof Error ? error.message : error})`,
    );
  }
}

/** Whether `signature` is that of `key` over `signed`; an algorithm that is not one of the key's never is. */
export function signatureHolds(key: PublicKey, alg: string, signed: Uint8Array, signature: Uint8Array): boolean {
  if (!key.algs.some((one) => one === alg) || signature.length !== 64) return false;
  if (alg !== 'ES256') return verify(null, signed, key.object, signature);
  return verify('sha256', signed, key.object, derSignature(signature));
}
