import type { X509Certificate } from 'node:crypto';
import type * as X509 from '@peculiar/x509';
import { certificateHolds, urisOf, x509 } from '../../foundation/index.ts';
import { parseWorkloadId, type SpiffeId } from './spiffe-id.ts';

/** RFC 5280, of the extensions that are understood here. A critical one that is not among them ends a chain (§4.2). */
const understood = new Set(['2.5.29.14', '2.5.29.15', '2.5.29.17', '2.5.29.19', '2.5.29.35', '2.5.29.37']);
const purpose = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;
const betweenMax = 4;

type Told = {
  readonly basic: X509.BasicConstraintsExtension | null;
  readonly usage: X509.KeyUsagesExtension | null;
  readonly extended: X509.ExtendedKeyUsageExtension | null;
  readonly odd: string | undefined;
};

// A certificate never changes, and its authority is looked at with each that it signed.
const read = new WeakMap<X509Certificate, Told>();

function told(certificate: X509Certificate): Told {
  const known = read.get(certificate);
  if (known !== undefined) return known;
  const opened = new x509.library.X509Certificate(new Uint8Array(certificate.raw));
  const made = {
    basic: opened.getExtension(x509.library.BasicConstraintsExtension),
    usage: opened.getExtension(x509.library.KeyUsagesExtension),
    extended: opened.getExtension(x509.library.ExtendedKeyUsageExtension),
    odd: opened.extensions.find(({ critical, type }) => critical && !understood.has(type))?.type,
  };
  read.set(certificate, made);
  return made;
}

/** X509-SVID §4.1, §4.3: CA, and may sign certificates. */
export function isAuthority(certificate: X509Certificate): boolean {
  const { basic, usage, odd } = told(certificate);
  const maySign = usage !== null && (usage.usages & x509.library.KeyUsageFlags.keyCertSign) !== 0;
  return certificate.ca && basic?.ca === true && maySign && odd === undefined;
}

export const spiffeIdsOf = (certificate: X509Certificate): readonly string[] =>
  urisOf(certificate).filter((uri) => /^spiffe:/i.test(uri));

/** The one name of an X.509-SVID (§2), or a sentence about why it is none. Nothing is said of who signed it. */
export function readSvid(certificate: X509Certificate): SpiffeId | string {
  const uris = urisOf(certificate);
  const id = uris.length === 1 ? parseWorkloadId(uris[0] ?? '') : undefined;
  if (id === undefined) return `it has ${uris.length} URIs, and an SVID has exactly one, the SPIFFE ID of a workload`;
  return whyNoLeaf(certificate) ?? id;
}

// X509-SVID §4, §4.4.
function whyNoLeaf(certificate: X509Certificate): string | undefined {
  const { basic, usage, extended, odd } = told(certificate);
  if (certificate.ca || basic?.ca === true) return 'it is the certificate of an authority';
  if (odd !== undefined) return `its critical extension ${odd} is not understood here`;
  if (usage?.critical !== true) return 'it has no critical key usage';
  if ((usage.usages & x509.library.KeyUsageFlags.digitalSignature) === 0) return 'its key may not sign';
  if ((usage.usages & (x509.library.KeyUsageFlags.keyCertSign | x509.library.KeyUsageFlags.cRLSign)) !== 0) {
    return 'its key may sign certificates or revocation lists';
  }
  const purposes = extended?.usages.map(String);
  if (purposes !== undefined && !purposes.includes(purpose.client)) return 'it is not for the client’s side of TLS';
  return undefined;
}

/**
 * Why a certificate does not lead to one of those authorities; undefined where it does. `between` are the ones that came
 * along, which nobody vouches for: each must be signed by the next. INVARIANT (lying name): no other authority is asked.
 */
export function whyNotSignedBy(
  authorities: readonly X509Certificate[],
  leaf: X509Certificate,
  between: readonly X509Certificate[],
  now: number,
): string | undefined {
  const holdsNow = (one: X509Certificate) => certificateHolds(one, now);
  let below = leaf;
  for (let depth = 0; depth <= betweenMax; depth++) {
    const top = authorities.find((one) => signed(one, below, depth) && holdsNow(one));
    if (top !== undefined) return undefined;
    const next = between[depth];
    if (next === undefined) return 'no authority of the trust domain signed it';
    if (!signed(next, below, depth)) return 'what came along did not sign it';
    if (!holdsNow(next)) return 'an authority between it and the trust domain does not hold now';
    below = next;
  }
  return `more than ${betweenMax} authorities are between it and the trust domain`;
}

/** `depth`: how many authorities are between the two. */
function signed(authority: X509Certificate, below: X509Certificate, depth: number): boolean {
  if (!isAuthority(authority)) return false;
  const { pathLength } = told(authority).basic ?? {};
  if (pathLength !== undefined && depth > pathLength) return false;
  return below.checkIssued(authority) && below.verify(authority.publicKey);
}
