import type { AgentId, EntryId, KeyId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { requireOwnerOrAdministrator } from './agent.ts';
import { requireAgent } from './move-agent.ts';
import { agentResource, record } from './record.ts';
import { changeAgent, findAgentKey, revokeAgentKeyRow } from './store.ts';

/** Revokes one key of an agent. The agent's epoch goes on: what that key obtained is decided anew. */
export function revokeAgentKey(
  ground: Ground,
  by: PersonCaller,
  { agent: agentId, key: id }: { readonly agent: AgentId; readonly key: KeyId },
): Promise<{ entry: EntryId }> {
  return span('identity/revoke-agent-key', async () => {
    const agent = await requireAgent(ground, by.tenant, agentId);
    requireOwnerOrAdministrator(by, agent);
    const key = await findAgentKey(ground, by.tenant, id);
    if (key?.agent !== agentId) throw refuse('thing.not_found', `agent ${agentId} has no key ${id}`);
    const entry = await record(ground, by, {
      kind: 'identity.agent-key-revoked',
      keys: [agentResource(agentId)],
      changes: [revokeAgentKeyRow(key), changeAgent(agent, {})],
      detail: { agent: agentId, key: id, thumbprint: key.thumbprint },
    });
    return { entry };
  });
}
