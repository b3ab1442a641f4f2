import { canonicalJson, toBase64Url, utf8 } from '@ambit/protocol';
import type { SigningAlg, SigningKey } from '../wire/key.ts';

/** A person’s signature over the canonical JSON (RFC 8785) of a document. */
export type DocumentSignature = {
  /** Thumbprint of the enrolled key. */
  readonly kid: string;
  readonly alg: SigningAlg;
  /** base64url. */
  readonly value: string;
};

/** A document says what it is, so that a signature over one kind never passes for another. */
export async function signDocument(
  key: SigningKey,
  document: { readonly type: `ambit_${string}` },
): Promise<DocumentSignature> {
  const value = toBase64Url(await key.sign(utf8(canonicalJson(document))));
  return { kid: key.thumbprint, alg: key.alg, value };
}
