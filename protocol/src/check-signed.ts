import type { Sha256 } from './bytes.ts';
import type { EntryHeader } from './entry.ts';
import { JsonFault } from './json.ts';
import {
  type DocumentSignature,
  openSignature,
  type PasskeyScope,
  type PublicJwk,
  SignatureFault,
  type SignedDocument,
  thumbprintOf,
} from './signature.ts';

/** Arithmetic only: whether `signature` (64 bytes) is that of the key over `message`. */
export type SignatureVerify = (jwk: PublicJwk, message: Uint8Array, signature: Uint8Array) => boolean;

/**
 * INVARIANT (asked): what an entry says that a person signed, that person's key signed: one that an entry enrolled before
 * and none revoked. Pure: entries in order in, sentences out.
 */
export type SignedCheck = {
  /** A sentence where the entry tells of a signature that does not hold. `detail` is undefined where it was not given. */
  entry(header: Pick<EntryHeader, 'kind'>, detail: unknown): string | null;
  /** How many signatures were checked. */
  size(): number;
};

type Known = { readonly person: unknown; readonly jwk: unknown; readonly passkey: unknown };
type Members = Readonly<Record<string, unknown>>;

const signedKinds = new Set([
  'approval.answered',
  'identity.standing-grant-signed',
  // Only where a key that was there signed for the new one.
  'identity.person-key-enrolled',
]);

export function checkSigned(sha256: Sha256, verify: SignatureVerify): SignedCheck {
  const keys = new Map<unknown, Known>();
  const revoked = new Set<unknown>();
  let areAllGiven = true;
  let checked = 0;

  function judge({ document: signed, signature, key }: Members): string | null {
    if (!isObject(signed) || !isSignature(signature)) return 'it tells of no signature';
    const known = keys.get(signature.kid);
    if (known === undefined && areAllGiven) return `no entry before it enrolled the key ${signature.kid}`;
    if (revoked.has(signature.kid)) return `the key ${signature.kid} was revoked before`;
    const signer = signed.person ?? signed.owner;
    if (known !== undefined && known.person !== signer)
      return `the key ${signature.kid} is not that of ${String(signer)}`;
    // Entries of older releases name a key by its thumbprint only: then there is nothing to check with.
    const { jwk, passkey } = { ...(isObject(key) ? key : {}), ...(known?.jwk === undefined ? {} : known) } as Members;
    if (jwk === undefined) return null;
    checked++;
    return whyNot(signed as SignedDocument, signature, jwk as PublicJwk, passkey as PasskeyScope | null);
  }

  function whyNot(signed: SignedDocument, signature: DocumentSignature, jwk: PublicJwk, passkey: PasskeyScope | null) {
    try {
      if (thumbprintOf(jwk, sha256) !== signature.kid) return 'the key is not the one that it names';
      const opened = openSignature(signed, signature, { jwk, passkey }, sha256);
      const holds = opened.signature.length === 64 && verify(jwk, opened.message, opened.signature);
      return holds ? null : 'it is not that of the key';
    } catch (error) {
      if (error instanceof SignatureFault || error instanceof JsonFault) return error.message;
      throw error;
    }
  }

  return {
    entry({ kind }, detail) {
      const isOfKeys = kind === 'identity.person-key-enrolled' || kind === 'identity.person-key-revoked';
      if (!isObject(detail)) {
        areAllGiven &&= !isOfKeys;
        return null;
      }
      const isSigned =
        signedKinds.has(kind) && (kind !== 'identity.person-key-enrolled' || detail.document !== undefined);
      const because = isSigned ? judge(detail) : null;
      const { thumbprint, person, jwk, passkey = null } = detail;
      if (kind === 'identity.person-key-enrolled') keys.set(thumbprint, { person, jwk, passkey });
      if (kind === 'identity.person-key-revoked') revoked.add(thumbprint);
      return because;
    },
    size: () => checked,
  };
}

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === 'string';

function isSignature(value: unknown): value is DocumentSignature {
  if (!isObject(value) || !isText(value.kid) || !isText(value.alg)) return false;
  const { webauthn } = value;
  if (webauthn === undefined) return isText(value.value);
  return (
    isObject(webauthn) &&
    isText(webauthn.authenticatorData) &&
    isText(webauthn.clientDataJSON) &&
    isText(webauthn.signature)
  );
}
