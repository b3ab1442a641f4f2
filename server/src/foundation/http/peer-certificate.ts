import { hash, type KeyObject, X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { canonicalJson } from '@ambit/protocol';
import { createKeptChains } from './kept-chains.ts';

/**
 * The certificate whose key the other end of a connection proved to hold when it was made. That says nothing of who
 * it is: anybody can make one. `issuers` says which authorities do.
 */
export type PeerCertificate = {
  /** RFC 8705 §3.1: SHA-256 of the certificate, base64url. */
  readonly thumbprint: string;
  /** RFC 7638 thumbprint of its key, the same that a DPoP proof by that key has; base64url. */
  readonly keyThumbprint: string;
  /** Epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Subject and issuer are one: what it says of itself is nobody's word but its own. */
  readonly isSelfIssued: boolean;
  /** The URIs among its alternative names (RFC 5280 §4.2.1.6). */
  readonly uris: readonly string[];
  /**
   * Names of the authorities that signed it, each by a certificate in that authority's own file; none where the chain
   * does not hold. Asked anew each time, since those files change.
   */
  readonly issuers: () => readonly string[];
  /** The certificate itself, for authorities of which the listener knows nothing. */
  readonly x509: X509Certificate;
  /** Those that came along after it, each said to have signed the one before: nobody vouches for them. */
  readonly between: readonly X509Certificate[];
};

/** How a request came where its connection was encrypted here: with a certificate, or without one. */
export type TlsPeer = { readonly certificate: PeerCertificate | null };

/** Which authorities signed a certificate, whatever else is wrong with it. */
export type IssuersOf = (certificate: X509Certificate) => readonly string[];

const peers = new WeakMap<Socket, TlsPeer>();

/** Of a connection it is read once: nothing of it changes while that lasts. Null for one that is not encrypted here. */
export const tlsPeerOf = (socket: Socket): TlsPeer | null => peers.get(socket) ?? null;

/** Called once a handshake is done. */
export function notePeer(socket: TLSSocket, issuersOf: IssuersOf): void {
  const x509 = socket.getPeerX509Certificate();
  const holds = socket.authorized;
  const certificate = x509 && readPeerCertificate(x509, () => (holds ? issuersOf(x509) : []));
  peers.set(socket, { certificate: certificate ?? null });
}

export function readPeerCertificate(x509: X509Certificate, issuers: () => readonly string[]): PeerCertificate {
  return {
    thumbprint: hash('sha256', x509.raw, 'base64url'),
    keyThumbprint: thumbprintOf(x509.publicKey),
    ...certificateTimes(x509),
    isSelfIssued: x509.issuer === x509.subject,
    uris: urisOf(x509),
    issuers,
    x509,
    between: betweenOf(x509),
  };
}

/**
 * A time that nobody can read compares as if it were right, earlier and later: with one of them it holds at no time. The
 * text says that it is unreadable (`Bad time value`), where the date is whatever lay in memory.
 */
export function certificateTimes({
  validFrom,
  validTo,
}: X509Certificate): Pick<PeerCertificate, 'notBefore' | 'notAfter'> {
  const [notBefore, notAfter] = [Date.parse(validFrom), Date.parse(validTo)];
  return Number.isNaN(notBefore + notAfter) ? { notBefore: 0, notAfter: 0 } : { notBefore, notAfter };
}

/** From the first moment on, and not at the last (RFC 5280 §4.1.2.5). */
export function certificateHolds(certificate: X509Certificate, now: number): boolean {
  const { notBefore, notAfter } = certificateTimes(certificate);
  return notBefore <= now && now < notAfter;
}

const betweenMax = 8;
/** A connection that is taken up again brings the certificate back, and not those above it: they are kept from before. */
const kept = createKeptChains<readonly X509Certificate[]>();

function betweenOf(x509: X509Certificate): readonly X509Certificate[] {
  const found = certificatesAbove(x509);
  if (found.length === 0) return kept.get(x509.fingerprint512) ?? [];
  kept.put(x509.fingerprint512, found);
  return found;
}

function certificatesAbove(x509: X509Certificate): readonly X509Certificate[] {
  const found: X509Certificate[] = [];
  for (let next = x509.issuerCertificate; next !== undefined; next = next.issuerCertificate) {
    if (found.length === betweenMax || found.some(({ raw }) => raw.equals(next?.raw ?? raw))) break;
    found.push(next);
  }
  return found;
}

/** A certificate out of its DER, e.g. an `x5c` (RFC 7515 §4.1.6); undefined for what is none. */
export function openCertificate(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

/** RFC 7638 §3.2 has no members for a kind of key that has no JWK: such a key is named by its SPKI. */
function thumbprintOf(key: KeyObject): string {
  if (!hasJwk(key)) return hash('sha256', key.export({ type: 'spki', format: 'der' }), 'base64url');
  const { kty, crv, x, y, e, n } = key.export({ format: 'jwk' });
  const members = { kty, crv, x, y, e, n };
  const present = Object.fromEntries(Object.entries(members).filter(([, value]) => typeof value === 'string'));
  return hash('sha256', canonicalJson(present as Record<string, string>), 'base64url');
}

const jwkCurves = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

function hasJwk({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  return type === 'rsa' || type === 'ed25519' || (type === 'ec' && jwkCurves.has(details?.namedCurve ?? ''));
}

/**
 * Node writes the names as one text, and quotes each that has a character by which it could be taken for several. No
 * URI that stands for an agent has one: where anything is quoted, none is read.
 */
export function urisOf({ subjectAltName: names = '' }: X509Certificate): readonly string[] {
  if (names.includes('"')) return [];
  return names.split(', ').flatMap((name) => (name.startsWith('URI:') ? [name.slice('URI:'.length)] : []));
}
