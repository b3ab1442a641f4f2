import { isAligned, isWithin, parseNetwork } from '@ambit/protocol';
import { type PeerCertificate, refuse } from '../../foundation/index.ts';

/** From where alone a static key counts: at least one of the two, and every one that is named. */
export type Binding = {
  /** RFC 8705 §3.1: SHA-256 of the one certificate, base64url. */
  readonly x5t: string | null;
  /** Networks (`10.1.0.0/16`), one of which the connection has to come from; null for none named. */
  readonly zone: readonly string[] | null;
};

/** What a connection is, as the socket itself says; no header has a word in it. */
export type Seen = { readonly address: string; readonly certificate: PeerCertificate | null };

const networksMax = 16;
/** Wider is no zone: a provider's or half the world's. */
const bitsMin = { 4: 8, 6: 32 } as const;
const thumbprint = /^[A-Za-z0-9_-]{43}$/;

/** INVARIANT (bound): a key that is good anywhere is never made. */
export function requireBound({ x5t, zone }: Binding): void {
  if (x5t === null && zone === null) throw unbound('the key is bound to nothing', 'Name a certificate or a zone.');
  if (x5t !== null && !thumbprint.test(x5t))
    throw unbound(`${x5t} is no thumbprint`, 'The thumbprint is SHA-256 of the certificate, base64url, 43 characters.');
  if (zone === null) return;
  if (zone.length === 0 || zone.length > networksMax)
    throw unbound(`${zone.length} networks`, `A zone is 1 to ${networksMax} networks.`);
  for (const text of zone) {
    const network = parseNetwork(text);
    if (network === undefined || !isAligned(network))
      throw unbound(`${text} is no network`, `${text} is no network such as 10.1.0.0/16 or 2001:db8::/32.`);
    if (network.length < bitsMin[network.family])
      throw unbound(`${text} is too wide`, `${text} is too wide: at least /${bitsMin[network.family]} is wanted.`);
  }
}

/** Why a key is not good over that connection; null where it is. What cannot be read is elsewhere. */
export function elsewhereBecause({ x5t, zone }: Binding, { address, certificate }: Seen, now: number): string | null {
  if (x5t !== null) {
    if (certificate === null) return `it came without a certificate, from ${address}`;
    if (certificate.thumbprint !== x5t) return `it came with certificate ${certificate.thumbprint}, from ${address}`;
    if (now < certificate.notBefore || now >= certificate.notAfter) return 'its certificate does not hold now';
  }
  if (zone === null) return null;
  // A socket that listens for both families tells of IPv4 in the clothes of IPv6.
  const from = parseNetwork(address.replace(/^::ffff:(?=\d+\.)/i, ''));
  const isInside = zone.some((text) => {
    const network = parseNetwork(text);
    return from !== undefined && network !== undefined && isWithin(from, network);
  });
  return isInside ? null : `it came from ${address}`;
}

const unbound = (because: string, says: string) => refuse('template_key.unbound', because, says);
