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
  entry(header: Pick<EntryHeader, 'kind' | 'decision' | 'task' | 'action'>, detail: unknown): string | null;
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
  /** The digest with which each question was asked. */
  const asked = new Map<unknown, unknown>();
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
    entry(header, detail) {
      const { kind, decision } = header;
      const isOfKeys = kind === 'identity.person-key-enrolled' || kind === 'identity.person-key-revoked';
      if (!isObject(detail)) {
        areAllGiven &&= !isOfKeys;
        return null;
      }
      const isSigned =
        signedKinds.has(kind) && (kind !== 'identity.person-key-enrolled' || detail.document !== undefined);
      // Who asks the same again is told of the question that waits: there `digest` is that of the call.
      const isAsked = decision === 'ask' && detail.again !== true && isText(detail.digest);
      if (isAsked && !asked.has(detail.approval)) asked.set(detail.approval, detail.digest);
      const because = isSigned ? (judge(detail) ?? whyNotAbout(header, detail, asked)) : null;
      const { thumbprint, person, jwk, passkey = null } = detail;
      if (kind === 'identity.person-key-enrolled') keys.set(thumbprint, { person, jwk, passkey });
      if (kind === 'identity.person-key-revoked') revoked.add(thumbprint);
      return because;
    },
    size: () => checked,
  };
}

/** An answer that was signed, and yet not to the question of which the entry tells. */
function whyNotAbout(
  { kind, task, action }: Pick<EntryHeader, 'kind' | 'task' | 'action'>,
  { approval, document: signed }: Members,
  asked: ReadonlyMap<unknown, unknown>,
): string | null {
  if (kind !== 'approval.answered' || !isObject(signed)) return null;
  const isOne = signed.type === 'ambit_approval_answer';
  const list = isOne ? [signed] : signed.type === 'ambit_approval_answers' ? signed.approvals : null;
  if (!Array.isArray(list)) return 'what was signed is no answer';
  const found: readonly unknown[] = list.filter((one) => isObject(one) && one.approval === approval);
  const [one] = found;
  if (found.length !== 1 || !isObject(one)) return `${String(approval)} is not what was answered`;
  if (!isOne && (signed.task !== task || signed.action !== action))
    return 'it answers questions of another task or action';
  // Where the entry that asked came without its detail, or from an older release, there is nothing to compare with.
  return asked.has(approval) && asked.get(approval) !== one.digest ? 'it was signed over something else' : null;
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
