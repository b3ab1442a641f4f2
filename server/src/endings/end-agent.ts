import type { AgentId } from '@ambit/protocol';
import { type PersonCaller, refuse, span } from '../foundation/index.ts';
import { findAgent, requireOwnerOrAdministrator } from '../identity/index.ts';
import { tasksOfAgent } from '../tasks/index.ts';
import { liveTokensOfAgent } from '../tokens/index.ts';
import { type Ending, endAll, type Reach } from './end.ts';
import { endedOf, unfinished } from './hanging.ts';
import { topsAmong } from './tops.ts';

/**
 * Ends all tasks of an agent in one unit, with an entry in each of their runs; its owner or an administrator may. To
 * stop the agent itself, suspend it: that alone makes everything of it dead, this lists what that was.
 */
export function endAgentTasks(
  reach: Reach,
  by: PersonCaller,
  { agent: id, reason }: { readonly agent: AgentId; readonly reason: string },
): Promise<Ending> {
  return span('endings/end-agent', async () => {
    const { ground } = reach;
    const agent = await findAgent(ground, by.tenant, id);
    if (agent === undefined) throw refuse('thing.not_found', `no agent ${id}`);
    requireOwnerOrAdministrator(by, agent);
    const own = await tasksOfAgent(ground, by.tenant, id, unfinished);
    const tops = await topsAmong(ground, by.tenant, own);
    const cause = { state: 'revoked', who: by.who, because: reason } as const;
    const ending = await endAll(reach, by.tenant, tops, () => cause);
    // Tokens without a task hang on the agent alone; they are dead with it as soon as it is suspended.
    if (agent.state === 'active') return ending;
    const tokens = await liveTokensOfAgent(ground, by.tenant, id);
    return { ...ending, ended: [...ending.ended, ...endedOf({ tasks: [], tokens, approvals: [] })] };
  });
}
