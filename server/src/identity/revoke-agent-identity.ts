import type { AgentId, AgentIdentityId, EntryId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { requireOwnerOrAdministrator } from './agent.ts';
import { requireAgent } from './move-agent.ts';
import { agentResource, record } from './record.ts';
import { changeAgent, findAgentIdentity, keysEnrolledBy, revokeAgentIdentityRow, revokeAgentKeyRow } from './store.ts';
import { spiffeMethod } from './trust/spiffe-names.ts';
import { dropSpiffeName } from './trust/store.ts';

/** Ends what a name outside proves, and the keys that came by it. The agent's epoch goes on: what was obtained by it is decided anew. */
export function revokeAgentIdentity(
  ground: Ground,
  by: PersonCaller,
  { agent: agentId, identity: id }: { readonly agent: AgentId; readonly identity: AgentIdentityId },
): Promise<{ entry: EntryId }> {
  return span('identity/revoke-agent-identity', async () => {
    const agent = await requireAgent(ground, by.tenant, agentId);
    requireOwnerOrAdministrator(by, agent);
    const identity = await findAgentIdentity(ground, by.tenant, id);
    if (identity?.agent !== agentId) throw refuse('thing.not_found', `agent ${agentId} has no identity ${id}`);
    const enrolled = await keysEnrolledBy(ground, by.tenant, identity);
    const entry = await record(ground, by, {
      kind: 'identity.agent-identity-revoked',
      keys: [agentResource(agentId)],
      changes: [
        revokeAgentIdentityRow(identity, ground.clock()),
        changeAgent(agent, {}),
        ...enrolled.map(revokeAgentKeyRow),
        ...(identity.method === spiffeMethod ? [dropSpiffeName(identity.subject, by.tenant)] : []),
      ],
      detail: { identity, keys: enrolled.map((key) => key.id) },
    });
    return { entry };
  });
}
