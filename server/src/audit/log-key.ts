import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import { type Ed25519Sign, type Ed25519Verify, type Sha256, type VerifierKey, verifierKey } from '@ambit/protocol';

export const sha256: Sha256 = (bytes) => hash('sha256', bytes, 'buffer');

export const verifyEd25519: Ed25519Verify = (publicKey, message, signature) =>
  verify(null, message, keyOf(Buffer.from(publicKey).toString('base64url')), signature);

/** A log has one key and thousands of checkpoints: the key that was read last is kept. */
let newest: { readonly x: string; readonly key: KeyObject } | undefined;

function keyOf(x: string): KeyObject {
  if (newest?.x !== x) newest = { x, key: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }) };
  return newest.key;
}

/** The key that signs checkpoints, under the log's own name: origin and key name are one. */
export type LogKey = { readonly verifier: VerifierKey; readonly sign: Ed25519Sign };

export function logKey(origin: string, key: KeyObject): LogKey {
  // The last 32 bytes of an Ed25519 SubjectPublicKeyInfo are the key itself (RFC 8410 §4).
  const raw = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32));
  return { verifier: verifierKey(origin, raw, sha256), sign: (message) => sign(null, message, key) };
}
