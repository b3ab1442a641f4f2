import { parseId, type RefusalCode, type TenantId } from '@ambit/protocol';
import { type Ground, Refusal, refuse } from '../../foundation/index.ts';
import type { AgentIdentity } from '../agent-identity.ts';
import { type AgentFacts, agentFacts } from '../facts.ts';
import { findIdentityBySubject, tenantOfSubject } from '../store.ts';
import type { Bundle } from '../trust/bundle.ts';
import type { SpiffeId } from '../trust/spiffe-id.ts';
import { spiffeMethod } from '../trust/spiffe-names.ts';
import { homesOfSpiffeId } from '../trust/store.ts';
import { type BundleRules, trustedBundle } from '../trust/trusted-bundle.ts';

/** An agent that a SPIFFE ID stands for. */
export type SpiffeAgent = {
  readonly tenant: TenantId;
  readonly facts: AgentFacts;
  readonly identity: AgentIdentity;
};

type Asked = {
  readonly id: SpiffeId;
  /** The SPIFFE ID again, or the id of the agent; it may be left out beside an assertion (RFC 7521 §4.2). */
  readonly clientId: string | undefined;
  readonly bundles: BundleRules;
  /** How somebody is refused whom nobody here knows: in the same words whatever it is that is not known. */
  readonly otherwise: RefusalCode;
};

/**
 * The one agent that a SPIFFE ID stands for in a tenant whose trust domain vouched for it. INVARIANT (tenants do not
 * touch): each tenant's own bundle is asked about its own agent, and who fits two of them is nobody until it says by
 * `client_id` which. `requireSigned` refuses what the bundle did not sign.
 */
export async function spiffeAgent(
  ground: Ground,
  asked: Asked,
  requireSigned: (bundle: Bundle) => void,
): Promise<SpiffeAgent> {
  const { id, otherwise } = asked;
  const found: SpiffeAgent[] = [];
  let why = refuse(otherwise, `${id.text} stands for no agent`);
  for (const home of await homesMeant(ground, asked)) {
    try {
      const bundle = await trustedBundle(ground, home, id.trustDomain, asked.bundles);
      if (bundle === undefined) throw refuse(otherwise, `${home} has no trust domain ${id.trustDomain}`);
      requireSigned(bundle);
      found.push(await agentIn(ground, home, asked));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      why = error;
    }
  }
  const [only, another] = found;
  if (only === undefined) throw why;
  if (another === undefined) return only;
  const says = 'That SPIFFE ID stands for agents of several tenants: send the agent’s id as client_id.';
  throw refuse(otherwise, `${id.text} stands for several agents`, says);
}

/** The tenants in which that name may stand for an agent: `client_id`, where it is an agent's own id, says which. */
async function homesMeant(ground: Ground, { id, clientId, otherwise }: Asked): Promise<readonly TenantId[]> {
  if (clientId === undefined || clientId === id.text) return homesOfSpiffeId(ground, id.text);
  const agent = parseId('agent', clientId);
  if (agent === undefined) throw refuse(otherwise, 'client_id is not the name in the SVID');
  const home = await tenantOfSubject(ground, agent);
  return home === undefined ? [] : [home];
}

async function agentIn(ground: Ground, tenant: TenantId, { id, clientId, otherwise }: Asked): Promise<SpiffeAgent> {
  const named = { method: spiffeMethod, issuer: id.trustDomain, subject: id.text };
  const identity = await findIdentityBySubject(ground, tenant, named);
  const facts = identity && (await agentFacts(ground, tenant, identity.agent));
  const isMeant = clientId === undefined || clientId === id.text || clientId === identity?.agent;
  if (identity !== undefined && facts !== undefined && isMeant) return { tenant, facts, identity };
  throw refuse(otherwise, `${id.text} does not stand for ${clientId ?? 'an agent'} in ${tenant}`);
}
