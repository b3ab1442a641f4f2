import type { PublicJwk } from '@ambit/protocol';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, importJWK, type JWK, type KeyObject } from 'jose';

export type { PublicJwk };

/** The same with its private member `d`: what a key file holds. Keep it where only its owner reads. */
export type PrivateJwk = PublicJwk & { readonly d: string };

export type SigningAlg = 'ES256' | 'EdDSA';

/** A key that signs. The private half may be anywhere, in a key service too: only `sign` reaches it. */
export type SigningKey = {
  readonly alg: SigningAlg;
  readonly jwk: PublicJwk;
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string;
  /** The 64 bytes of a JWS signature (RFC 7518 §3.4, RFC 8037 §3.1). */
  readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>;
};

/** Whatever a key comes as: a private JWK, a private `KeyObject` of Node, a WebCrypto pair, or a signer of its own. */
export type KeyInput = PrivateJwk | KeyObject | Pair | SigningKey;

/** The key cannot be used. The message never holds any of it. */
export class KeyFault extends Error {
  override readonly name = 'KeyFault';
}

const webCrypto = {
  ES256: { make: { name: 'ECDSA', namedCurve: 'P-256' }, sign: { name: 'ECDSA', hash: 'SHA-256' } },
  EdDSA: { make: { name: 'Ed25519' }, sign: { name: 'Ed25519' } },
} as const;

/**
 * A new private key for a key file.
 * @param alg `EdDSA` (Ed25519, RFC 8037) unless said; or `ES256` (P-256).
 */
export async function newKey(alg: SigningAlg = 'EdDSA'): Promise<PrivateJwk> {
  const pair = await makePair(alg, true);
  return privateJwk(await crypto.subtle.exportKey('jwk', pair.privateKey));
}

/** A key that lives as long as this process: its private half cannot be read out. */
export async function newProofKey(): Promise<SigningKey> {
  return pairSigner(await newProofPair());
}

/**
 * A new pair for proofs whose private half cannot be read out, not by the page either. A page keeps it in IndexedDB, to
 * go on with its session after it was loaded again.
 */
export const newProofPair = (): Promise<Pair> => makePair('ES256', false);

export type Pair = { readonly publicKey: CryptoKey; readonly privateKey: CryptoKey };

// Of these two algorithms every key is one of a pair.
async function makePair(alg: SigningAlg, extractable: boolean): Promise<Pair> {
  return (await crypto.subtle.generateKey(webCrypto[alg].make, extractable, ['sign', 'verify'])) as Pair;
}

/** Makes a key ready to sign. Throws `KeyFault` for what is neither Ed25519 nor P-256, or has no private half. */
export async function openKey(input: KeyInput): Promise<SigningKey> {
  // Callers in plain JavaScript hand in what they have: the path or the text of a key file, or a variable that is not set.
  if (typeof input !== 'object' || input === null) {
    throw new KeyFault('Give the key itself: the JWK that a key file holds (JSON.parse), or a private key of Node.');
  }
  if ('sign' in input) return input;
  if ('privateKey' in input) return pairSigner(input);
  const jwk = privateJwk('kty' in input ? input : await exported(input));
  const { d: _, ...members } = jwk;
  const alg = algOf(members);
  return signer(members, (await imported(jwk, alg)) as CryptoKey);
}

async function exported(object: KeyObject): Promise<JWK> {
  if (object.type === undefined) throw new KeyFault('That is no key: a JWK has a member kty.');
  if (object.type !== 'private') throw new KeyFault(`Give the private key; this one is ${object.type}.`);
  return exportJWK(object);
}

async function imported(jwk: PrivateJwk, alg: SigningAlg) {
  try {
    return await importJWK({ ...jwk }, alg);
  } catch (error) {
    throw new KeyFault('The key is not a point of its curve.', { cause: error });
  }
}

async function pairSigner(pair: Pair): Promise<SigningKey> {
  return signer(publicJwk(await exportJWK(pair.publicKey)), pair.privateKey);
}

async function signer(jwk: PublicJwk, key: CryptoKey): Promise<SigningKey> {
  const alg = algOf(jwk);
  const how = webCrypto[alg].sign;
  return {
    alg,
    jwk,
    thumbprint: await calculateJwkThumbprint({ ...jwk }),
    sign: async (bytes) => new Uint8Array(await crypto.subtle.sign(how, key, new Uint8Array(bytes))),
  };
}

/** Whether `signature` (64 bytes) is that of the key over `message`. */
export async function verifyBytes(jwk: PublicJwk, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const alg = algOf(jwk);
  const key = (await importJWK({ ...jwk }, alg)) as CryptoKey;
  return crypto.subtle.verify(webCrypto[alg].sign, key, new Uint8Array(signature), new Uint8Array(message));
}

const algOf = (jwk: PublicJwk): SigningAlg => (jwk.kty === 'EC' ? 'ES256' : 'EdDSA');

function publicJwk({ kty, crv, x, y }: JWK): PublicJwk {
  if (kty === 'OKP' && crv === 'Ed25519' && x !== undefined) return { kty: 'OKP', crv, x };
  if (kty === 'EC' && crv === 'P-256' && x !== undefined && y !== undefined) return { kty: 'EC', crv, x, y };
  throw new KeyFault('Use an Ed25519 key (kty OKP) or a P-256 key (kty EC).');
}

function privateJwk(jwk: JWK): PrivateJwk {
  const members = publicJwk(jwk);
  if (typeof jwk.d !== 'string') throw new KeyFault('The key has no private half: its member d is missing.');
  return { ...members, d: jwk.d };
}

/** The text of a key file: one private JWK (RFC 7517 §4). Write it with mode 0600. */
export function printKey({ d, ...members }: PrivateJwk): string {
  return `${JSON.stringify({ ...members, d }, null, 2)}\n`;
}

/** The key of a key file. Throws `KeyFault` where the text is no private key of a kind that is used here. */
export function parseKey(text: string): PrivateJwk {
  const value = jsonOf(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return privateJwk(value as JWK);
  throw new KeyFault('The key file does not hold one JWK.');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the parser’s own words: they quote the text, which may be half of a key.
    throw new KeyFault('The key file is not JSON.');
  }
}
