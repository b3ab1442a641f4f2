import type { X509Certificate } from 'node:crypto';
import { type PeerCertificate, refuse } from '../../foundation/index.ts';
import { readSvid, whyNotSignedBy } from '../trust/svid-certificate.ts';
import type { BundleRules } from '../trust/trusted-bundle.ts';
import { isByCertificate, requireCertificate } from './certificate.ts';
import type { ClientCredentials, ClientMethod } from './client-method.ts';
import { spiffeAgent } from './spiffe-agent.ts';

/**
 * Whether an X.509-SVID is meant: `client_id` is a SPIFFE ID, or the agent's own id beside a certificate with a SPIFFE
 * ID that no authority of the listener signed. What one of those signed is for `tls_client_auth`.
 */
export const isBySvid = (credentials: ClientCredentials): boolean => {
  const { certificate, parameters } = credentials;
  if (certificate === null || !isByCertificate(credentials)) return false;
  if (parameters.client_id?.startsWith('spiffe:')) return true;
  const hasName = certificate.uris.some((uri) => uri.startsWith('spiffe:'));
  return hasName && !certificate.isSelfIssued && certificate.issuers().length === 0;
};

/** draft-ietf-oauth-spiffe-client-auth §3.2: an X.509-SVID of the connection, signed by the trust domain that it names. */
export const x509Spiffe = (bundles: BundleRules): ClientMethod => ({
  name: 'spiffe_x509',
  assertionType: null,
  isMeant: isBySvid,
  async prove(ground, credentials, { now }) {
    const certificate = requireCertificate(credentials, now);
    const id = readSvid(certificate.x509);
    if (typeof id === 'string') throw refuse('svid.invalid', id, `That certificate is no X.509-SVID: ${id}.`);
    const { client_id: clientId } = credentials.parameters;
    const asked = { id, clientId, bundles, otherwise: 'client.certificate_unknown' } as const;
    const { tenant, facts, identity } = await spiffeAgent(ground, asked, ({ authorities }) =>
      requireSigned(authorities, certificate, now),
    );
    return { tenant, facts, agentKey: identity.id, spend: [] };
  },
});

function requireSigned(authorities: readonly X509Certificate[], { x509, between }: PeerCertificate, now: number): void {
  const why = whyNotSignedBy(authorities, x509, between, now);
  if (why !== undefined) throw refuse('client.certificate_unknown', why);
}
