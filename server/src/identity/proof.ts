import { hash } from 'node:crypto';
import { type JsonObject, proofClaim } from '@ambit/protocol';
import { refuse } from '../foundation/index.ts';
import { type Jws, readJws, textClaim, timeClaim } from './jws.ts';
import { type PublicJwk, type PublicKey, readPublicKey, signatureHolds } from './key.ts';
import { createRecent } from './recent.ts';

/** What the request must be for a proof to be about it. */
export type Proved = {
  readonly method: string;
  /** The public URL of the request; query and fragment are not part of a proof (RFC 9449 §4.2). */
  readonly url: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** `accessTokenHash` of the access token that came along, if one did. */
  readonly ath?: string;
  /** `bodyDigestOf` the body that the proof must cover. Leave it out where the body is compared later. */
  readonly bodyDigest?: string;
};

/** A DPoP proof (RFC 9449) whose signature, type, method, URL, time and token hash were checked. Spend it once. */
export type Proof = {
  /** Thumbprint of the key that signed (RFC 7638). */
  readonly jkt: string;
  readonly jti: string;
  /** Epoch milliseconds. */
  readonly iat: number;
  readonly jwk: PublicJwk;
  readonly nonce: string | null;
  /** The digest that the proof names, if it names one. */
  readonly bodyDigest: string | null;
  /** Epoch milliseconds from which on this proof is too old anyway. */
  readonly expiresAt: number;
  /** Epoch milliseconds of the moment when it was checked. */
  readonly checkedAt: number;
};

export const proofAgeSecondsMax = 60;
/** How far a caller's clock may run ahead. */
export const skewSecondsMax = 5;

/** RFC 9449 §4.2: what `ath` is of an access token. */
export const accessTokenHash = (token: string): string => hash('sha256', token, 'base64url');
/** What a proof says of the body it covers. */
export const bodyDigestOf = (body: Uint8Array): string => `sha-256:${hash('sha256', body, 'base64url')}`;

/** The value of a header that must come exactly once; Node itself would join or drop the others. */
export function onlyHeader(rawHeaders: readonly string[], name: string): string | undefined {
  const values = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
  if (values.length > 1) throw refuse('request.malformed', `${name} came ${values.length} times`, `Send ${name} once.`);
  return values[0];
}

/** The DPoP header of a request. RFC 9449 §4.3: not more than one. */
export function proofHeader(rawHeaders: readonly string[]): string {
  const values = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'dpop');
  const only = values[0];
  if (values.length !== 1 || only === undefined) throw refuse('proof.missing', `${values.length} DPoP headers came`);
  return only;
}

/** RFC 9449 §4.3, without the last step: whoever accepts the proof spends its `jti` in the unit that relies on it. */
export function verifyProof(text: string, about: Proved): Proof {
  const jws = readJws(text, 'proof.invalid', (header) => signers.get(header)?.header);
  const key = signerOf(jws);
  const { claims } = jws;
  if (textClaim(claims, 'htm', 'proof.invalid') !== about.method)
    throw refuse('proof.invalid', 'htm is another method');
  const htu = textClaim(claims, 'htu', 'proof.invalid');
  if (!isUrlOf(htu, about.url)) throw refuse('proof.invalid', `htu is ${htu}, another URL`, sayName(htu, about.url));
  if (about.ath !== undefined && claims.ath !== about.ath) throw refuse('proof.invalid', 'ath is of another token');
  const iat = timeClaim(claims, 'iat', 'proof.invalid');
  const expiresAt = iat + proofAgeSecondsMax * 1000;
  if (about.now >= expiresAt || iat > about.now + skewSecondsMax * 1000) {
    throw refuse('proof.stale', `iat is ${iat}, the time is ${about.now}`).with({ values: { made: iat } });
  }
  const proof: Proof = {
    jkt: key.thumbprint,
    jti: textClaim(claims, 'jti', 'proof.invalid'),
    iat,
    jwk: key.jwk,
    nonce: optionalText(claims, 'nonce'),
    bodyDigest: optionalText(claims, proofClaim.bodyDigest),
    expiresAt,
    checkedAt: about.now,
  };
  if (about.bodyDigest !== undefined) coversBody(proof, about.bodyDigest);
  return proof;
}

/** The proof names exactly this body. */
export function coversBody(proof: Proof, bodyDigest: string): void {
  if (proof.bodyDigest === null) throw refuse('proof.body_missing', 'the proof names no body');
  if (proof.bodyDigest !== bodyDigest) throw refuse('proof.body_mismatch', 'the proof names another body');
}

/** A body must be covered; a proof that names a body where none came is about another request. */
export function coversWhatCame(proof: Proof, body: Uint8Array): void {
  if (body.length > 0 || proof.bodyDigest !== null) coversBody(proof, bodyDigestOf(body));
}

type Signer = { readonly key: PublicKey; readonly alg: string; readonly header: JsonObject };

// A caller signs thousands of proofs under one header: reading it once leaves one signature check per request.
const signers = createRecent<Signer>(4096);

function signerOf(jws: Jws): PublicKey {
  const known = signers.get(jws.headerText);
  const signer = known ?? readSigner(jws.header);
  if (!signatureHolds(signer.key, signer.alg, jws.signed, jws.signature)) {
    throw refuse('proof.invalid', 'the signature is not that of the key in the header');
  }
  if (known === undefined) signers.put(jws.headerText, signer);
  return signer.key;
}

function readSigner(header: JsonObject): Signer {
  if (header.typ !== 'dpop+jwt') throw refuse('proof.invalid', 'typ is not dpop+jwt');
  const key = readProofKey(header.jwk);
  const alg = key.algs.find((one) => one === header.alg);
  if (alg === undefined) throw refuse('proof.invalid', 'alg is not one for that key');
  return { key, alg, header };
}

function readProofKey(jwk: unknown): PublicKey {
  try {
    return readPublicKey(jwk);
  } catch (error) {
    const because = error instanceof Error ? error.message : 'unreadable';
    throw refuse('proof.invalid', `the jwk of the proof: ${because}`);
  }
}

function optionalText(claims: JsonObject, name: string): string | null {
  return claims[name] === undefined ? null : textClaim(claims, name, 'proof.invalid');
}

/** Whether `htu` names what was requested: letter by letter, as most clients write it, or as both are normalised. */
function isUrlOf(htu: string, requested: string): boolean {
  const isPlain = /^https?:\/\/[a-z0-9.:[\]-]+\/[!$-;=@-Z_a-z~]*$/.test(htu);
  return (isPlain && htu === cutUrl(requested)) || bareUrl(htu) === bareUrl(requested);
}

/** Who came by another name of this listener hears by which one it is called; undefined where the name is right. */
function sayName(htu: string, requested: string): string | undefined {
  const { origin } = new URL(requested);
  if (new URL(htu).origin === origin) return undefined;
  return `Ambit is called ${origin} here, and the proof names another address: call it ${origin}.`;
}

function cutUrl(text: string): string {
  const end = text.search(/[?#]/);
  return end < 0 ? text : text.slice(0, end);
}

/** Scheme, authority and path, normalised as RFC 9449 §4.3 asks (RFC 3986 §6.2.2 and §6.2.3). */
function bareUrl(text: string): string {
  const url = URL.parse(cutUrl(text));
  if (url === null || url.username !== '' || url.password !== '') throw refuse('proof.invalid', 'a URL cannot be read');
  return `${url.protocol}//${url.host}${url.pathname}`;
}
