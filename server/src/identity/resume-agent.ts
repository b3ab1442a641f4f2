import type { AgentId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { requireOwner } from './agent.ts';
import { type Moved, moveAgent, requireAgent } from './move-agent.ts';

/** The owner lets a suspended agent act again; nobody else can, whoever suspended it. */
export function resumeAgent(
  ground: Ground,
  by: PersonCaller,
  { agent: id, reason }: { readonly agent: AgentId; readonly reason: string },
): Promise<Moved> {
  return span('identity/resume-agent', async () => {
    const agent = await requireAgent(ground, by.tenant, id);
    requireOwner(by, agent);
    if (ground.clock() >= agent.expiresAt) throw refuse('agent.expired', `agent ${id} expired at ${agent.expiresAt}`);
    return moveAgent(ground, by, agent, 'resume', reason);
  });
}
