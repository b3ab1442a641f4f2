import { parseId, type TenantId } from '@ambit/protocol';
import type { Ground } from '../foundation/index.ts';
import type { AgentFacts } from './facts.ts';
import { findAgentIdentity } from './store.ts';

/** Whether what an agent proved itself by is still registered for it: one of its keys, or a name from outside. */
export async function agentKeyHolds(
  ground: Ground,
  tenant: TenantId,
  { agent, keys }: Pick<AgentFacts, 'agent' | 'keys'>,
  agentKey: string,
): Promise<boolean> {
  const id = parseId('agentIdentity', agentKey);
  if (id === undefined) return keys.some((key) => key.thumbprint === agentKey);
  const identity = await findAgentIdentity(ground, tenant, id);
  return identity?.agent === agent.id && identity.revokedAt === 0;
}
