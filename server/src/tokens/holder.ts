import { type Change, type PeerCertificate, type RawRequest, refuse } from '../foundation/index.ts';
import { bodyDigestOf, coversBody, type Proof, proofHeader, spendProof, verifyProof } from '../identity/index.ts';
import { type Issuer, originOf } from './issuer.ts';

/** What a token is bound to: the key of a DPoP proof (RFC 9449), or the certificate of a connection (RFC 8705 §3). */
export type Bound = {
  /** RFC 7638 thumbprint of the key, of a proof or of the certificate: it is what a task belongs to. */
  readonly jkt: string;
  /** Thumbprint of the certificate; null where proofs are what shows the key. */
  readonly x5t: string | null;
};

/** Evidence that whoever sent the request holds that key now. Only `holderOf` makes one out of a request. */
export type Holder = Bound & {
  /** Epoch milliseconds after which it shows nothing any more; null for a key. */
  readonly endsAt: number | null;
  /** What is used up by it: a proof counts once, a connection is nothing that could be replayed. */
  readonly spend: readonly Change[];
};

/**
 * Who holds the token that is asked for. A proof is what it will be bound to wherever one comes (RFC 9449 §5); without
 * one, it is the certificate of the connection.
 */
export function holderOf(issuer: Pick<Issuer, 'url' | 'tls'>, raw: RawRequest, now: number): Holder {
  const certificate = raw.tls?.certificate ?? null;
  if (certificate !== null && raw.headers.dpop === undefined) return heldByCertificate(certificate, now);
  const proof = proofOfClient(issuer, raw, now);
  return { jkt: proof.jkt, x5t: null, endsAt: null, spend: [spendProof(proof)] };
}

function heldByCertificate(certificate: PeerCertificate, now: number): Holder {
  const { keyThumbprint, thumbprint, notBefore, notAfter } = certificate;
  if (now < notBefore || now >= notAfter) {
    const holds = `it holds until ${new Date(notAfter).toISOString()}`;
    throw refuse('client.certificate_expired', holds).with({ values: { until: notAfter } });
  }
  return { jkt: keyThumbprint, x5t: thumbprint, endsAt: notAfter, spend: [] };
}

function proofOfClient(issuer: Pick<Issuer, 'url' | 'tls'>, raw: RawRequest, now: number): Proof {
  const about = { method: raw.method, url: `${originOf(issuer, raw.tls)}${raw.url}`, now };
  const proof = verifyProof(proofHeader(raw.rawHeaders), about);
  // What authenticates the client covers what matters; a digest is compared where a client names one.
  if (proof.bodyDigest !== null) coversBody(proof, bodyDigestOf(raw.body));
  return proof;
}
