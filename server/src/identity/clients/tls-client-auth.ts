import { refuse } from '../../foundation/index.ts';
import type { IdentityMethod } from '../agent-identity.ts';
import { listAgentIdentities } from '../store.ts';
import { agentNamed, isByCertificate, requireCertificate } from './certificate.ts';
import type { ClientMethod } from './client-method.ts';
import { isBySvid } from './x509-spiffe.ts';

/** RFC 8705 §2.1, by `tls_client_auth_san_uri`: a URI in a certificate that the authority named for it has signed. */
export const tlsClientAuth: ClientMethod = {
  name: 'tls_client_auth',
  assertionType: null,
  isMeant: (credentials) =>
    isByCertificate(credentials) && !isBySvid(credentials) && credentials.certificate?.isSelfIssued === false,
  async prove(ground, credentials, { now }) {
    const { uris, issuers } = requireCertificate(credentials, now);
    const { tenant, facts } = await agentNamed(ground, credentials);
    const signedBy = issuers();
    // INVARIANT (lying name): a name counts only from the authority that the owner named for it, and of two who hold
    // one certificate nobody could say which it was: it has one name.
    const registered = (await listAgentIdentities(ground, tenant, facts.agent.id)).find(
      ({ method, issuer, subject }) =>
        method === tlsClientAuth.name && uris.length === 1 && subject === uris[0] && signedBy.includes(issuer),
    );
    if (registered !== undefined) return { tenant, facts, agentKey: registered.id, spend: [] };
    const said = `${uris.length} URIs, ${uris[0]?.slice(0, 200) ?? 'none'}, signed by ${signedBy.join(', ') || 'nobody known'}`;
    throw refuse('client.certificate_unknown', `${facts.agent.id} is not registered for a certificate with ${said}`);
  },
};

// What certificates and Node write without quotes; RFC 3986 §2.
const uriText = /^[a-z][a-z0-9+.-]*:[A-Za-z0-9._~:/?#@!$&()*+;=%[\]-]{1,2000}$/;

/** How such names are registered. */
export const sanUris = (authorities: readonly string[]): IdentityMethod => ({
  issuers: async () => authorities,
  whyNot: (subject) =>
    uriText.test(subject)
      ? undefined
      : 'subject must be the URI in the certificate, e.g. spiffe://acme.example/refund-bot.',
});
