import { parseId, type TenantId } from '@ambit/protocol';
import type { Ground } from '../foundation/index.ts';
import { kindOf } from './agent.ts';
import type { AgentFacts } from './facts.ts';
import { findAgentIdentity } from './store.ts';
import { findTemplateKey } from './template-keys/store.ts';
import { templateKeyHolds } from './template-keys/template-key.ts';

/** Whether what an agent proved itself by is still good: one of its keys, a name from outside, or a key of one template. */
export async function agentKeyHolds(
  ground: Ground,
  tenant: TenantId,
  { agent, keys }: Pick<AgentFacts, 'agent' | 'keys'>,
  agentKey: string,
): Promise<boolean> {
  // A person who acts by their own client proves it with what opened their session; here they still have to be there.
  if (parseId('person', agentKey) !== undefined) return kindOf(agent) === 'client' && agent.owner === agentKey;
  const templateKey = parseId('templateKey', agentKey);
  if (templateKey !== undefined) {
    const key = await findTemplateKey(ground, tenant, templateKey);
    return key?.agent === agent.id && templateKeyHolds(key, ground.clock());
  }
  const id = parseId('agentIdentity', agentKey);
  if (id === undefined) return keys.some((key) => key.thumbprint === agentKey);
  const identity = await findAgentIdentity(ground, tenant, id);
  return identity?.agent === agent.id && identity.revokedAt === 0;
}
