import {
  canonicalJson,
  type DocumentSignature,
  fromBase64Url,
  openSignature,
  type SignedDocument,
  type SignerKey,
  toBase64Url,
  utf8,
} from '@ambit/protocol';
import { sha256 } from '../wire/jws.ts';
import { verifyBytes } from '../wire/key.ts';

/**
 * Whether `key` signed exactly this document, checked here: nothing of the plane is believed but which key is whose.
 * Throws `SignatureFault`, which says what does not fit.
 */
export async function checkSignature(
  document: SignedDocument,
  signature: DocumentSignature,
  key: SignerKey,
): Promise<boolean> {
  const opened = openSignature(document, signature, key, await hashesOf(document, signature, key));
  return verifyBytes(key.jwk, opened.message, opened.signature);
}

/** A page hashes ahead of time only: these three texts are all that is hashed. */
async function hashesOf(document: SignedDocument, signature: DocumentSignature, { passkey }: SignerKey) {
  const clientData = 'webauthn' in signature ? fromBase64Url(signature.webauthn.clientDataJSON) : undefined;
  const texts = [utf8(canonicalJson(document)), utf8(passkey?.rpId ?? ''), clientData ?? new Uint8Array()];
  const hashes = new Map<string, Uint8Array>();
  for (const text of texts) hashes.set(toBase64Url(text), await sha256(text));
  return (bytes: Uint8Array): Uint8Array => {
    const hash = hashes.get(toBase64Url(bytes));
    if (hash === undefined) throw new TypeError('This was not hashed ahead of time.');
    return hash;
  };
}
