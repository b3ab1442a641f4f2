import { hash } from 'node:crypto';
import {
  type DocumentSignature,
  type OpenedSignature,
  openSignature,
  SignatureFault,
  type SignedDocument,
} from '@ambit/protocol';
import { refuse } from '../foundation/index.ts';
import { openKey, signatureHolds } from './key.ts';
import type { PersonKey } from './person.ts';

export type { DocumentSignature, SignedDocument };

/** The enrolled key that signed `document`, by itself or as a passkey; a refusal where none of `keys` did. */
export function signerOf(
  keys: readonly PersonKey[],
  document: SignedDocument,
  signature: DocumentSignature,
): PersonKey {
  return readSignature(keys, document, signature).key;
}

/** The same, with what a passkey said beside it: whoever takes a fresh signature counts its use. */
export function readSignature(
  keys: readonly PersonKey[],
  document: SignedDocument,
  given: DocumentSignature,
): { readonly key: PersonKey } & Pick<OpenedSignature, 'authenticator'> {
  const key = keys.find((one) => one.thumbprint === given.kid && one.state === 'active');
  if (key === undefined) throw refuse('signature.invalid', `no active key ${given.kid} is enrolled for this person`);
  const { message, signature, authenticator } = opened(document, given, key);
  if (!signatureHolds(openKey(key.jwk), given.alg, message, signature)) {
    throw refuse('signature.invalid', 'the signature is not that of the named key over this document');
  }
  return { key, authenticator };
}

function opened(document: SignedDocument, given: DocumentSignature, key: PersonKey): OpenedSignature {
  try {
    return openSignature(document, given, key, (bytes) => hash('sha256', bytes, 'buffer'));
  } catch (error) {
    if (error instanceof SignatureFault) throw refuse('signature.invalid', error.message);
    throw error;
  }
}
