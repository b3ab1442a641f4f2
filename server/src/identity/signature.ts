import { canonicalJson } from '@ambit/protocol';
import { refuse } from '../foundation/index.ts';
import { openKey, type SigningAlg, signatureHolds } from './key.ts';
import type { PersonKey } from './person.ts';

/** A signature over the canonical JSON (RFC 8785) of a document. */
export type DocumentSignature = {
  /** Thumbprint of the enrolled key. */
  readonly kid: string;
  readonly alg: SigningAlg;
  /** base64url. */
  readonly value: string;
};

/** A document names what it is, so that a signature over one kind can never pass for another. */
export type SignedDocument = { readonly type: `ambit_${string}` };

/** The enrolled key that signed `document`; a refusal where none of `keys` did. */
export function signerOf(
  keys: readonly PersonKey[],
  document: SignedDocument,
  { kid, alg, value }: DocumentSignature,
): PersonKey {
  const key = keys.find((one) => one.thumbprint === kid && one.state === 'active');
  if (key === undefined) throw refuse('signature.invalid', `no active key ${kid} is enrolled for this person`);
  const bytes = Buffer.from(value, 'base64url');
  if (!signatureHolds(openKey(key.jwk), alg, Buffer.from(canonicalJson(document)), bytes)) {
    throw refuse('signature.invalid', 'the signature is not that of the named key over this document');
  }
  return key;
}
