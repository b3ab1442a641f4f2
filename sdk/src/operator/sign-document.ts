import { canonicalJson, type DocumentSignature, type SignedDocument, toBase64Url, utf8 } from '@ambit/protocol';
import type { SigningKey } from '../wire/key.ts';

/** A document says what it is, so that a signature over one kind never passes for another. */
export async function signDocument(key: SigningKey, document: SignedDocument): Promise<DocumentSignature> {
  const value = toBase64Url(await key.sign(utf8(canonicalJson(document))));
  return { kid: key.thumbprint, alg: key.alg, value };
}
