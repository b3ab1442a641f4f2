import type { AgentId, EntryId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { requireOwnerOrAdministrator } from './agent.ts';
import type { AgentIdentity, IdentityMethod, IdentityMethods } from './agent-identity.ts';
import { requireAgent } from './move-agent.ts';
import { agentResource, record } from './record.ts';
import { addAgentIdentityRow, agentUnchanged, listAgentIdentities } from './store.ts';

export type NewAgentIdentity = Pick<AgentIdentity, 'agent' | 'method' | 'issuer' | 'subject'> & {
  /** Whether the workload may enrol keys by it, and how long these hold; none, unless said. */
  readonly keySeconds?: number | undefined;
};

const activeIdentitiesMax = 10;

/**
 * Registers a name that an authority outside gives to the agent.
 * INVARIANT (stolen key): only the owner or an administrator does. No credential of an agent leads here.
 */
export function addAgentIdentity(
  ground: Ground,
  by: PersonCaller,
  methods: IdentityMethods,
  input: NewAgentIdentity,
): Promise<{ identity: AgentIdentity; entry: EntryId }> {
  return span('identity/add-agent-identity', async () => {
    const agent = await requireAgent(ground, by.tenant, input.agent);
    requireOwnerOrAdministrator(by, agent);
    if (agent.state === 'retired') throw refuse('agent.wrong_state', `agent ${agent.id} is retired`);
    const method = await requireKnown(ground, by, methods, input);
    await requireRoom(ground, by, agent.id);
    const identity: AgentIdentity = {
      id: ground.newId('agentIdentity'),
      agent: agent.id,
      method: input.method,
      issuer: input.issuer,
      subject: input.subject,
      keySeconds: input.keySeconds ?? null,
      addedBy: by.person,
      addedAt: ground.clock(),
      revokedAt: 0,
    };
    const entry = await record(ground, by, {
      kind: 'identity.agent-identity-added',
      keys: [agentResource(agent.id)],
      checks: [agentUnchanged(agent)],
      changes: [addAgentIdentityRow(identity), ...((await method.index?.(ground, by.tenant, identity.subject)) ?? [])],
      detail: { identity },
    });
    return { identity, entry };
  });
}

async function requireKnown(
  ground: Ground,
  { tenant }: PersonCaller,
  methods: IdentityMethods,
  { method, issuer, subject }: NewAgentIdentity,
): Promise<IdentityMethod> {
  const known = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (known === undefined) {
    const says = `method must be one of: ${Object.keys(methods).join(', ') || 'none is set up here'}.`;
    throw refuse('identity.unknown', `no method ${method}`, says);
  }
  const issuers = await known.issuers(ground, tenant);
  if (!issuers.includes(issuer)) {
    const says = `issuer must be one of: ${issuers.join(', ') || 'none is set up here'}.`;
    throw refuse('identity.unknown', `no issuer ${issuer} of ${method}`, says);
  }
  const why = known.whyNot(subject, issuer);
  if (why !== undefined) throw refuse('identity.unknown', `${subject} is no name for ${method}`, why);
  return known;
}

async function requireRoom(ground: Ground, by: PersonCaller, agent: AgentId): Promise<void> {
  const present = await listAgentIdentities(ground, by.tenant, agent);
  if (present.length < activeIdentitiesMax) return;
  const says = `Revoke one first: an agent has at most ${activeIdentitiesMax} outside identities.`;
  throw refuse('state.changed', 'too many identities', says);
}
