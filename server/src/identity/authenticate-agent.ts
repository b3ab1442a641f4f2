import type { TenantId } from '@ambit/protocol';
import { type Ground, refuse, span } from '../foundation/index.ts';
import { type Agent, requireActive } from './agent.ts';
import type { ClientCredentials, ClientMethod } from './clients/client-method.ts';
import type { AgentFacts } from './facts.ts';
import type { Person } from './person.ts';

const authenticated: unique symbol = Symbol('authenticated agent');

/** Evidence that an agent proved itself just now. Only `authenticateAgent` makes one. */
export type AuthenticatedAgent = {
  readonly [authenticated]: true;
  readonly tenant: TenantId;
  readonly agent: Agent;
  readonly owner: Person;
  /** What the agent proved itself by: thumbprint of a registered key, or the id of a registered `AgentIdentity`. */
  readonly agentKey: string;
  /** Name of the method, as entries tell it. */
  readonly method: string;
};

/** By the one method that the request means: its proof is checked, then spent durably, then believed. */
export function authenticateAgent(
  ground: Ground,
  issuer: { readonly url: string; readonly clients: readonly ClientMethod[] },
  credentials: ClientCredentials,
): Promise<AuthenticatedAgent> {
  return span('identity/authenticate-agent', async (): Promise<AuthenticatedAgent> => {
    const method = methodMeant(issuer.clients, credentials);
    const now = ground.clock();
    const proved = await method.prove(ground, credentials, { issuer: issuer.url, now });
    const { tenant, facts, agentKey, spend } = proved;
    const owner = requireAnswered(facts);
    requireActive(facts.agent, now);
    if (spend.length > 0) await ground.database.commit({ tenant, changes: spend, entries: [] });
    return { [authenticated]: true, tenant, agent: facts.agent, owner, agentKey, method: method.name };
  });
}

function methodMeant(methods: readonly ClientMethod[], credentials: ClientCredentials): ClientMethod {
  const { parameters } = credentials;
  refuseSharedSecret(credentials);
  const meant = methods.filter((one) => one.isMeant(credentials));
  const only = meant[0];
  if (only !== undefined && meant.length === 1) return only;
  const type = parameters.client_assertion_type;
  if (type === undefined) throw refuse('client.unauthenticated', `${meant.length} methods are meant`);
  const known = methods.flatMap(({ assertionType }) => assertionType ?? []).join(' or ');
  const says = `client_assertion_type must be ${known}.`;
  throw refuse('client.unauthenticated', `${meant.length} methods are meant by ${type.slice(0, 100)}`, says);
}

/** RFC 6749 §2.3.1, in either form: what the plane knows too proves nothing of an agent. */
export function refuseSharedSecret({
  parameters,
  authorization,
}: Pick<ClientCredentials, 'parameters' | 'authorization'>): void {
  if (parameters.client_secret === undefined && !/^basic /i.test(authorization ?? '')) return;
  throw refuse('client.secret_refused', 'a client secret came');
}

function requireAnswered({ agent, owner }: AgentFacts): Person {
  if (owner?.state === 'active') return owner;
  throw refuse('agent.owner_not_active', `${agent.owner}, the owner of ${agent.id}, is not active`);
}
