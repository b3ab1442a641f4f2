import { type Sha256, toBase64Url, utf8 } from './bytes.ts';
import type { AgentId, CredentialId, TaskId, TenantId } from './ids.ts';
import { canonicalJson } from './json.ts';

/** Everything that makes a call this call: an approval of it is an approval of nothing else. */
export type CallParts = {
  readonly tenant: TenantId;
  readonly task: TaskId;
  readonly agent: AgentId;
  /** Upper case. */
  readonly method: string;
  /** Scheme, host and port of the upstream, e.g. `https://shop.example`. */
  readonly origin: string;
  /** As it is sent, percent-encoded. */
  readonly path: string;
  /** As it is sent, without the question mark; empty where there is none. */
  readonly query: string;
  /** `contentDigest` of the body as it is sent; null where there is none. */
  readonly bodyDigest: string | null;
  /** Forwarded header fields by lower-case name. */
  readonly headers: { readonly [name: string]: string };
  /** The downstream credential that would be lent. */
  readonly credential: CredentialId | null;
  readonly catalogVersion: string;
};

/** `sha-256:` and base64url of the SHA-256 of the canonical JSON (RFC 8785) of exactly these parts. */
export function callDigest(parts: CallParts, sha256: Sha256): string {
  const { tenant, task, agent, method, origin, path, query, bodyDigest, headers, credential, catalogVersion } = parts;
  return jsonDigest(
    { tenant, task, agent, method, origin, path, query, bodyDigest, headers, credential, catalogVersion },
    sha256,
  );
}

/** Digest of any JSON value in its canonical form. */
export function jsonDigest(value: unknown, sha256: Sha256): string {
  return contentDigest(utf8(canonicalJson(value)), sha256);
}

/** Digest of bytes: `sha-256:` and base64url without padding. */
export function contentDigest(bytes: Uint8Array, sha256: Sha256): string {
  return `sha-256:${toBase64Url(sha256(bytes))}`;
}

/**
 * What stands in an entry for its detail: SHA-256(salt ‖ canonical JSON of the detail). The salt, a text of 22
 * base64url characters, keeps short details from being guessed from their hash.
 */
export function detailHash(salt: string, canonicalDetail: string, sha256: Sha256): string {
  return contentDigest(utf8(salt + canonicalDetail), sha256);
}
