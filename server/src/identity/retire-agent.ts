import type { AgentId } from '@ambit/protocol';
import { type Ground, type PersonCaller, span } from '../foundation/index.ts';
import { requireOwnerOrAdministrator } from './agent.ts';
import { type Moved, moveAgent, requireAgent } from './move-agent.ts';

/** Ends an agent for good. Its owner or an administrator may. */
export function retireAgent(
  ground: Ground,
  by: PersonCaller,
  { agent: id, reason }: { readonly agent: AgentId; readonly reason: string },
): Promise<Moved> {
  return span('identity/retire-agent', async () => {
    const agent = await requireAgent(ground, by.tenant, id);
    requireOwnerOrAdministrator(by, agent);
    return moveAgent(ground, by, agent, 'retire', reason);
  });
}
