import { createPublicKey, hash, verify } from 'node:crypto';
import {
  type Ed25519Verify,
  type EntryProof,
  type EntryProofOptions,
  type EntryVerdict,
  type Sha256,
  type SignatureVerify,
  type Verdict,
  type VerifyOptions,
  verifyEntryProof,
  verifyExport,
} from '@ambit/protocol';

/** Checks an export here, with Node's own hash and signature check: nothing of the plane is asked or believed. */
export const verifyLines = (
  lines: AsyncIterable<string> | Iterable<string>,
  given: Pick<VerifyOptions, 'key' | 'anchors'>,
): Promise<Verdict> => verifyExport(lines, { ...given, sha256, verify: verifyEd25519, verifySignature });

/** The same of one entry with its proof. */
export const verifyProof = (proof: EntryProof, given: Pick<EntryProofOptions, 'key' | 'anchors'>): EntryVerdict =>
  verifyEntryProof(proof, { ...given, sha256, verify: verifyEd25519 });

const sha256: Sha256 = (bytes) => hash('sha256', bytes, 'buffer');

const verifyEd25519: Ed25519Verify = (publicKey, message, signature) => {
  const x = Buffer.from(publicKey).toString('base64url');
  return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature);
};

const verifySignature: SignatureVerify = (jwk, message, signature) => {
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return verify(jwk.kty === 'EC' ? 'sha256' : null, message, { key, dsaEncoding: 'ieee-p1363' }, signature);
};
