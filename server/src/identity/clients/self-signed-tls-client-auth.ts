import { refuse } from '../../foundation/index.ts';
import { requireHolds } from '../agent.ts';
import { agentNamed, isByCertificate, requireCertificate } from './certificate.ts';
import type { ClientMethod } from './client-method.ts';
import { isBySvid } from './x509-spiffe.ts';

/** RFC 8705 §2.2: a certificate that the agent made itself, for a key that is registered for it. */
export const selfSignedTlsClientAuth: ClientMethod = {
  name: 'self_signed_tls_client_auth',
  assertionType: null,
  isMeant: (credentials) =>
    isByCertificate(credentials) && !isBySvid(credentials) && credentials.certificate?.isSelfIssued === true,
  async prove(ground, credentials, { now }) {
    const { keyThumbprint } = requireCertificate(credentials, now);
    const { tenant, facts } = await agentNamed(ground, credentials);
    const key = [...facts.keys, ...facts.ended].find(({ thumbprint }) => thumbprint === keyThumbprint);
    if (key !== undefined) {
      requireHolds(key, now);
      return { tenant, facts, agentKey: key.thumbprint, spend: [] };
    }
    throw refuse('client.certificate_unknown', `${facts.agent.id} has no key ${keyThumbprint}`);
  },
};
