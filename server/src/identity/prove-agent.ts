import type { TenantId } from '@ambit/protocol';
import { type Change, type Ground, refuse, span } from '../foundation/index.ts';
import { type Agent, requireActive } from './agent.ts';
import type { ClientCredentials, ClientMethod } from './clients/client-method.ts';
import type { AgentFacts } from './facts.ts';
import type { Person } from './person.ts';

const proved: unique symbol = Symbol('proved agent');

/**
 * Evidence that an agent showed a proof of itself that holds. Only `proveAgent` makes one. The proof counts once and is
 * not spent yet. INVARIANT (replay): whoever answers by it, or refuses, has `spend` in the same unit, and answers after.
 */
export type ProvedAgent = {
  readonly [proved]: true;
  readonly tenant: TenantId;
  readonly agent: Agent;
  readonly owner: Person;
  /** What the agent proved itself by: thumbprint of a registered key, or the id of a registered `AgentIdentity`. */
  readonly agentKey: string;
  /** Name of the method, as entries tell it. */
  readonly method: string;
  readonly spend: readonly Change[];
};

/** Where agents prove themselves, and how they may. */
export type ProvingGround = { readonly url: string; readonly clients: readonly ClientMethod[] };

/** By the one method that the request means. Nothing is written. */
export function proveAgent(
  ground: Ground,
  issuer: ProvingGround,
  credentials: ClientCredentials,
): Promise<ProvedAgent> {
  return span('identity/prove-agent', async (): Promise<ProvedAgent> => {
    const method = methodMeant(issuer.clients, credentials);
    const now = ground.clock();
    const { facts, ...known } = await method.prove(ground, credentials, { issuer: issuer.url, now });
    const owner = requireAnswered(facts);
    requireActive(facts.agent, now);
    return { [proved]: true, ...known, agent: facts.agent, owner, method: method.name };
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
