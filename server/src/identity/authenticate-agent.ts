import { type AgentId, assertionType, parseId, type TenantId } from '@ambit/protocol';
import { type Ground, refuse, span } from '../foundation/index.ts';
import { type Agent, type AgentKey, requireActive } from './agent.ts';
import { type Claimed, checkAssertion, readAssertion } from './assertion.ts';
import { type AgentFacts, agentFacts } from './facts.ts';
import { openKey } from './key.ts';
import type { Person } from './person.ts';
import { spendAssertion } from './spend-proof.ts';
import { tenantOfSubject } from './store.ts';

const authenticated: unique symbol = Symbol('authenticated agent');

/** Evidence that an agent proved itself just now. Only `authenticateAgent` makes one. */
export type AuthenticatedAgent = {
  readonly [authenticated]: true;
  readonly tenant: TenantId;
  readonly agent: Agent;
  readonly owner: Person;
  /** The registered key that signed. */
  readonly key: AgentKey;
};

/** What an agent sends to authenticate itself at an OAuth endpoint (RFC 6749 §2.3, RFC 7521 §4.2). */
export type ClientCredentials = {
  readonly parameters: Readonly<Record<string, string | undefined>>;
  readonly authorization: string | undefined;
};

const lifeSecondsMax = 300;

/** `private_key_jwt` (RFC 7523 §2.2): the assertion is checked, then spent durably, then believed. */
export function authenticateAgent(
  ground: Ground,
  issuer: string,
  credentials: ClientCredentials,
): Promise<AuthenticatedAgent> {
  return span('identity/authenticate-agent', async (): Promise<AuthenticatedAgent> => {
    const claimed = readAssertion(assertionOf(credentials));
    requireSameClient(claimed, credentials.parameters.client_id);
    const { tenant, facts, key } = await signerOfAssertion(ground, claimed);
    const now = ground.clock();
    const asserted = checkAssertion(claimed, openKey(key.jwk), { issuer, now, lifeSecondsMax });
    const owner = requireAnswered(facts);
    requireActive(facts.agent, now);
    const spent = spendAssertion(facts.agent.id, asserted);
    await ground.database.commit({ tenant, changes: [spent], entries: [] });
    return { [authenticated]: true, tenant, agent: facts.agent, owner, key };
  });
}

function assertionOf({ parameters, authorization }: ClientCredentials): string {
  if (parameters.client_secret !== undefined || /^basic /i.test(authorization ?? '')) {
    throw refuse('client.secret_refused', 'a client secret came');
  }
  const { client_assertion: assertion, client_assertion_type: type } = parameters;
  if (assertion === undefined) throw refuse('client.unauthenticated', 'no client_assertion came');
  if (type !== assertionType.jwtBearer) {
    throw refuse(
      'client.unauthenticated',
      'unknown client_assertion_type',
      `client_assertion_type must be ${assertionType.jwtBearer}.`,
    );
  }
  return assertion;
}

// RFC 7521 §4.2: client_id is optional, and names the same client where it comes.
function requireSameClient({ subject }: Claimed, clientId: string | undefined): void {
  if (clientId === undefined || clientId === subject) return;
  throw refuse('client.unauthenticated', 'client_id is not the subject of the assertion');
}

type Signer = { readonly tenant: TenantId; readonly facts: AgentFacts; readonly key: AgentKey };

// Unknown agents, foreign ones and unknown keys are refused in the same words: who has no key learns nothing.
async function signerOfAssertion(ground: Ground, { subject, kid }: Claimed): Promise<Signer> {
  const id: AgentId | undefined = parseId('agent', subject);
  const tenant = id && (await tenantOfSubject(ground, id));
  const facts = id && tenant && (await agentFacts(ground, tenant, id));
  const key = facts?.keys.find((one) => one.thumbprint === kid);
  if (!tenant || !facts || !key) throw refuse('client.unauthenticated', `no agent ${subject} with a valid key ${kid}`);
  return { tenant, facts, key };
}

function requireAnswered({ agent, owner }: AgentFacts): Person {
  if (owner?.state === 'active') return owner;
  throw refuse('agent.owner_not_active', `${agent.owner}, the owner of ${agent.id}, is not active`);
}
