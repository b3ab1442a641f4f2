import { type AgentId, assertionType, parseId } from '@ambit/protocol';
import { type Ground, refuse } from '../../foundation/index.ts';
import { requireHolds } from '../agent.ts';
import { type Claimed, checkAssertion, confirmedKey, readAssertion } from '../assertion.ts';
import { agentFacts } from '../facts.ts';
import { openKey } from '../key.ts';
import { spendAssertion } from '../spend-proof.ts';
import { tenantOfSubject } from '../store.ts';
import type { ClientCredentials, ClientMethod } from './client-method.ts';
import { isByOutsideIssuer } from './workload-token.ts';

const lifeSecondsMax = 300;

/** RFC 7523 §2.2: an assertion that the agent signed with a key that is registered for it. */
export const privateKeyJwt: ClientMethod = {
  name: 'private_key_jwt',
  assertionType: assertionType.jwtBearer,
  isMeant: (credentials) =>
    credentials.parameters.client_assertion_type === assertionType.jwtBearer && !isByOutsideIssuer(credentials),
  async prove(ground, credentials, { issuer, now }) {
    const claimed = readAssertion(assertionOf(credentials));
    requireSameClient(claimed, credentials.parameters.client_id);
    requireMeantHere(claimed, credentials.holder);
    const { tenant, facts, key } = await signerOfAssertion(ground, claimed);
    const asserted = checkAssertion(claimed, openKey(key.jwk), { issuer, now, lifeSecondsMax });
    requireHolds(key, now);
    return { tenant, facts, agentKey: key.thumbprint, spend: [spendAssertion(facts.agent.id, asserted)] };
  },
};

function assertionOf({ parameters }: ClientCredentials): string {
  if (parameters.client_assertion !== undefined) return parameters.client_assertion;
  throw refuse('client.unauthenticated', 'no client_assertion came');
}

// RFC 7521 §4.2: client_id is optional, and names the same client where it comes.
function requireSameClient({ subject }: Claimed, clientId: string | undefined): void {
  if (clientId === undefined || clientId === subject) return;
  throw refuse('client.unauthenticated', 'client_id is not the subject of the assertion');
}

/**
 * An assertion that names a proof key or a certificate is good with that one only. What an agent signs as actor token
 * for another one names its own, so that the other cannot use it to log in under its name (RFC 8725 §2.8, cross-JWT
 * confusion).
 */
function requireMeantHere({ jws }: Claimed, holder: ClientCredentials['holder']): void {
  const confirmed = confirmedKey(jws.claims);
  if (confirmed === null) return;
  const isSame = confirmed.x5t === (holder?.x5t ?? null) && (confirmed.jkt === null || confirmed.jkt === holder?.jkt);
  if (holder !== null && isSame) return;
  throw refuse('assertion.invalid', 'the assertion names another key or certificate than the one that came along');
}

// Unknown agents, foreign ones and unknown keys are refused in the same words: who has no key learns nothing.
async function signerOfAssertion(ground: Ground, { subject, kid }: Claimed) {
  const id: AgentId | undefined = parseId('agent', subject);
  const tenant = id && (await tenantOfSubject(ground, id));
  const facts = id && tenant && (await agentFacts(ground, tenant, id));
  const key = [...(facts?.keys ?? []), ...(facts?.ended ?? [])].find((one) => one.thumbprint === kid);
  if (!tenant || !facts || !key) throw refuse('client.unauthenticated', `no agent ${subject} with a valid key ${kid}`);
  return { tenant, facts, key };
}
