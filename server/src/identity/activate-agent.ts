import type { AgentId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { requireOwner } from './agent.ts';
import { type Moved, moveAgent, requireAgent } from './move-agent.ts';

/** The owner takes the agent on: from here on it may act, and the entry says who answers for it. */
export function activateAgent(ground: Ground, by: PersonCaller, id: AgentId): Promise<Moved> {
  return span('identity/activate-agent', async () => {
    const agent = await requireAgent(ground, by.tenant, id);
    requireOwner(by, agent);
    if (ground.clock() >= agent.expiresAt) throw refuse('agent.expired', `agent ${id} expired at ${agent.expiresAt}`);
    return moveAgent(ground, by, agent, 'activate', null);
  });
}
