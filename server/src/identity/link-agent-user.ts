import type { AgentId, EntryId } from '@ambit/protocol';
import { type Ground, type PersonCaller, span } from '../foundation/index.ts';
import { type AgentUser, requireOwnerOrAdministrator } from './agent.ts';
import { requireAgent } from './move-agent.ts';
import { agentResource, record } from './record.ts';
import { addAgentUser, agentUnchanged } from './store.ts';

export type NewAgentUser = {
  readonly agent: AgentId;
  readonly api: string;
  readonly externalId: string;
  readonly label: string;
};

/** Says which user-shaped record of a downstream app stands for this agent. It gives the agent nothing. */
export function linkAgentUser(
  ground: Ground,
  by: PersonCaller,
  { agent: agentId, api, externalId, label }: NewAgentUser,
): Promise<{ user: AgentUser; entry: EntryId }> {
  return span('identity/link-agent-user', async () => {
    const agent = await requireAgent(ground, by.tenant, agentId);
    requireOwnerOrAdministrator(by, agent);
    const user: AgentUser = {
      id: ground.newId('agentUser'),
      agent: agentId,
      api,
      externalId,
      label,
      linkedBy: by.person,
      linkedAt: ground.clock(),
    };
    const entry = await record(ground, by, {
      kind: 'identity.agent-user-linked',
      keys: [agentResource(agentId)],
      checks: [agentUnchanged(agent)],
      changes: [addAgentUser(user)],
      detail: { user },
    });
    return { user, entry };
  });
}
