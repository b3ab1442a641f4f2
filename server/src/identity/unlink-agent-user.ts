import type { AgentId, AgentUserId, EntryId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { requireOwnerOrAdministrator } from './agent.ts';
import { requireAgent } from './move-agent.ts';
import { agentResource, record } from './record.ts';
import { dropAgentUser, findAgentUser } from './store.ts';

/** Says that the user-shaped record is gone from the other application. Nobody is told there: a person has removed it. */
export function unlinkAgentUser(
  ground: Ground,
  by: PersonCaller,
  { agent: agentId, user: id }: { readonly agent: AgentId; readonly user: AgentUserId },
): Promise<{ entry: EntryId }> {
  return span('identity/unlink-agent-user', async () => {
    const agent = await requireAgent(ground, by.tenant, agentId);
    requireOwnerOrAdministrator(by, agent);
    const user = await findAgentUser(ground, by.tenant, id);
    if (user?.agent !== agentId) throw refuse('thing.not_found', `no user ${id} of ${agentId}`);
    const entry = await record(ground, by, {
      kind: 'identity.agent-user-unlinked',
      keys: [agentResource(agentId)],
      changes: [dropAgentUser(user)],
      detail: { user },
    });
    return { entry };
  });
}
