import { concatBytes, equalBytes, fromBase64Url, type Sha256, toBase64Url, utf8 } from './bytes.ts';
import { canonicalJson, JsonFault, JsonNumber, type JsonObject, parseJson } from './json.ts';

/**
 * What a person signs, and how anybody checks it later, in a server or in a page: a document's canonical JSON (RFC 8785),
 * signed by a key itself or by a passkey (WebAuthn), whose challenge is then the hash of that text.
 */

/** A public key as it is kept: exactly the members that its thumbprint covers (RFC 7638 §3.2). */
export type PublicJwk =
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string };

/** `EdDSA` is what RFC 8037 calls Ed25519, `Ed25519` is what RFC 9864 calls it. */
export const signingAlgs = ['ES256', 'EdDSA', 'Ed25519'] as const;
export type SigningAlg = (typeof signingAlgs)[number];

/** How a person's key signs: by itself, or through a browser that asks its holder each time. */
export const personKeyKinds = ['cli', 'passkey'] as const;
export type PersonKeyKind = (typeof personKeyKinds)[number];

/** What an authenticator answered (WebAuthn §5.2.2). All base64url. */
export type WebAuthnAssertion = {
  readonly authenticatorData: string;
  readonly clientDataJSON: string;
  readonly signature: string;
};

type By = {
  /** Thumbprint of the enrolled key. */
  readonly kid: string;
  readonly alg: SigningAlg;
};

/** A signature over the canonical JSON of a document; `value` is base64url. */
export type DocumentSignature =
  | (By & { readonly value: string })
  /** Proof of presence: made on the device at that moment, by a person whom the device recognised. */
  | (By & { readonly webauthn: WebAuthnAssertion });

/** A document names what it is, so that a signature over one kind can never pass for another. */
export type SignedDocument = { readonly type: `ambit_${string}` };

/** Where a passkey works: the domain it was made for (RP ID), and the one origin that may use it here. */
export type PasskeyScope = { readonly rpId: string; readonly origin: string };

/** An enrolled key, as far as its signatures say. `passkey` is null for a key that signs by itself. */
export type SignerKey = { readonly jwk: PublicJwk; readonly passkey: PasskeyScope | null };

/** The signature is not one over that document by such a key. */
export class SignatureFault extends Error {
  override readonly name = 'SignatureFault';
}

export type OpenedSignature = {
  /** What the key signed, byte for byte. */
  readonly message: Uint8Array;
  /** The 64 bytes of a JWS signature (RFC 7518 §3.4, RFC 8037 §3.1). */
  readonly signature: Uint8Array;
  /** What the authenticator said beside it; null for a key that signs by itself. */
  readonly authenticator: AuthenticatorState | null;
};

export type AuthenticatorState = {
  /** Counts up with each use, or stays 0 (WebAuthn §6.1.1). */
  readonly signCount: number;
  readonly isBackedUp: boolean;
};

/**
 * Checks everything about a signature but its arithmetic, and answers what that is about: where `signature` is one of
 * `key` over `message`, the document was signed. Throws `SignatureFault`.
 */
export function openSignature(
  signed: SignedDocument,
  given: DocumentSignature,
  key: SignerKey,
  sha256: Sha256,
): OpenedSignature {
  const text = utf8(canonicalJson(signed));
  if ('webauthn' in given) {
    if (key.passkey === null) throw new SignatureFault('That key is no passkey: it signs the document itself.');
    return openAssertion(given.webauthn, { ...key.passkey, alg: given.alg, challenge: sha256(text) }, sha256);
  }
  if (key.passkey !== null) throw new SignatureFault('That key is a passkey: it signs through a browser only.');
  return { message: text, signature: bytesOf(given.value, 'The signature'), authenticator: null };
}

/** RFC 7638, SHA-256, base64url. */
export const thumbprintOf = (jwk: PublicJwk, sha256: Sha256): string => toBase64Url(sha256(utf8(canonicalJson(jwk))));

export type Expected = PasskeyScope & { readonly alg: SigningAlg; readonly challenge: Uint8Array };

/** WebAuthn §7.2, the steps that need neither the key's arithmetic nor what is stored. Throws `SignatureFault`. */
export function openAssertion(assertion: WebAuthnAssertion, expected: Expected, sha256: Sha256): OpenedSignature {
  const clientData = bytesOf(assertion.clientDataJSON, 'clientDataJSON');
  requireClientData(readClientData(clientData), expected);
  const authenticatorData = bytesOf(assertion.authenticatorData, 'authenticatorData');
  const signature = bytesOf(assertion.signature, 'The signature');
  return {
    message: concatBytes(authenticatorData, sha256(clientData)),
    signature: expected.alg === 'ES256' ? rawSignature(signature) : signature,
    authenticator: readAuthenticatorData(authenticatorData, sha256(utf8(expected.rpId))),
  };
}

function bytesOf(text: string, what: string): Uint8Array {
  const bytes = fromBase64Url(text);
  if (bytes === undefined) throw new SignatureFault(`${what} is not base64url.`);
  return bytes;
}

function readClientData(bytes: Uint8Array): JsonObject {
  try {
    const value = parseJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), { depthMax: 4 });
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber))
      return value as JsonObject;
  } catch (error) {
    if (!(error instanceof JsonFault || error instanceof TypeError)) throw error;
  }
  throw new SignatureFault('clientDataJSON is not an object of JSON.');
}

function requireClientData({ type, challenge, origin, crossOrigin, topOrigin }: JsonObject, expected: Expected): void {
  if (type !== 'webauthn.get') throw new SignatureFault('The browser was not asked for an assertion.');
  // INVARIANT (once): one assertion is about one challenge, and so answers one question.
  if (challenge !== toBase64Url(expected.challenge)) throw new SignatureFault('It was made for something else.');
  if (origin !== expected.origin) throw new SignatureFault('It was made at another origin.');
  // A page inside another one can be laid under what its visitor believes to click.
  if ((crossOrigin !== undefined && crossOrigin !== false) || topOrigin !== undefined) {
    throw new SignatureFault('It was made inside a page of another origin.');
  }
}

// WebAuthn §6.1
const flag = { present: 0x01, verified: 0x04, mayBeBackedUp: 0x08, backedUp: 0x10, extensions: 0x80 } as const;
const fixedBytes = 37;

function readAuthenticatorData(data: Uint8Array, rpIdHash: Uint8Array): AuthenticatorState {
  const flags = data[32] ?? 0;
  const has = (bit: number) => (flags & bit) !== 0;
  const isWhole = data.length === fixedBytes || (data.length > fixedBytes && has(flag.extensions));
  if (!isWhole) throw new SignatureFault('authenticatorData has another length than its flags say.');
  if (!equalBytes(data.subarray(0, 32), rpIdHash)) throw new SignatureFault('It was made for another domain.');
  if (!has(flag.present)) throw new SignatureFault('Nobody was present.');
  if (!has(flag.verified)) throw new SignatureFault('The device did not verify who was present.');
  if (has(flag.backedUp) && !has(flag.mayBeBackedUp)) throw new SignatureFault('Its flags contradict each other.');
  const signCount = new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(33);
  return { signCount, isBackedUp: has(flag.backedUp) };
}

/** The two halves of an ECDSA signature in DER (RFC 3279 §2.2.3), as WebAuthn has it, side by side as JWS has it. */
function rawSignature(der: Uint8Array): Uint8Array {
  const raw = new Uint8Array(64);
  const middle = putInteger(der, 2, raw, 32);
  const end = putInteger(der, middle, raw, 64);
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || end !== der.length) throw new SignatureFault(notDer);
  return raw;
}

const notDer = 'The signature is not an ECDSA signature in DER.';

/** One spelling per number (X.690 §8.3.2). Answers where the next one begins. */
function putInteger(der: Uint8Array, start: number, raw: Uint8Array, end: number): number {
  const size = der[start + 1] ?? 0;
  const from = start + 2;
  const [first = 0x80, second = 0x80] = der.subarray(from, from + size);
  const isPadded = first === 0 && size > 1;
  const isPlain = der[start] === 0x02 && from + size <= der.length && first < 0x80 && !(isPadded && second < 0x80);
  const digits = der.subarray(isPadded ? from + 1 : from, from + size);
  if (!isPlain || digits.length > 32) throw new SignatureFault(notDer);
  raw.set(digits, end - digits.length);
  return from + size;
}
