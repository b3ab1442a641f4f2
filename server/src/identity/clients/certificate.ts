import { parseId } from '@ambit/protocol';
import { type Ground, type PeerCertificate, refuse } from '../../foundation/index.ts';
import { type AgentFacts, agentFacts } from '../facts.ts';
import { tenantOfSubject } from '../store.ts';
import type { ClientCredentials } from './client-method.ts';

/**
 * A client that names itself and brings nothing but the certificate of its connection (RFC 8705 §2). Beside another
 * credential a certificate is only what the token will be bound to (§3).
 */
export const isByCertificate = ({ parameters, certificate }: ClientCredentials): boolean =>
  certificate !== null &&
  parameters.client_id !== undefined &&
  parameters.client_assertion === undefined &&
  parameters.client_assertion_type === undefined;

/** The certificate, while it holds; the plane's own clock counts, at every request and not at the handshake alone. */
export function requireCertificate({ certificate }: ClientCredentials, now: number): PeerCertificate {
  if (certificate === null) throw refuse('client.unauthenticated', 'no certificate came');
  if (now < certificate.notBefore || now >= certificate.notAfter) {
    const from = new Date(certificate.notBefore).toISOString();
    const to = new Date(certificate.notAfter).toISOString();
    throw refuse('client.certificate_expired', `it holds from ${from} to ${to}`);
  }
  return certificate;
}

/** The agent that `client_id` names, before anything is proved. */
export async function agentNamed(ground: Ground, { parameters }: ClientCredentials) {
  const id = parseId('agent', parameters.client_id);
  const tenant = id && (await tenantOfSubject(ground, id));
  const facts: AgentFacts | undefined = id && tenant && (await agentFacts(ground, tenant, id));
  if (tenant && facts) return { tenant, facts };
  // In the words for a certificate that is not the agent's: who has none learns nothing of who there is.
  throw refuse('client.certificate_unknown', `no agent ${parameters.client_id?.slice(0, 100)}`);
}
