import type { AgentId } from '@ambit/protocol';
import { type Ground, type PersonCaller, span } from '../foundation/index.ts';
import { requireOwnerOrAdministrator } from './agent.ts';
import { type Moved, moveAgent, requireAgent } from './move-agent.ts';

/** Stops an agent at once: every decision reads its state. Its owner or an administrator may. */
export function suspendAgent(
  ground: Ground,
  by: PersonCaller,
  { agent: id, reason }: { readonly agent: AgentId; readonly reason: string },
): Promise<Moved> {
  return span('identity/suspend-agent', async () => {
    const agent = await requireAgent(ground, by.tenant, id);
    requireOwnerOrAdministrator(by, agent);
    return moveAgent(ground, by, agent, 'suspend', reason);
  });
}
