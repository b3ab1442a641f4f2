import type { AgentId, TenantId } from '@ambit/protocol';
import { entry, type PersonCaller, refuse, span } from '../foundation/index.ts';
import {
  type Agent,
  findAgent,
  listActiveStandingGrants,
  listAgentUsers,
  requireOwnerOrAdministrator,
  revokeStandingGrantRow,
} from '../identity/index.ts';
import { tasksOfAgent } from '../tasks/index.ts';
import { liveTokensOfAgent, revokeTokenRow } from '../tokens/index.ts';
import { type Beside, type Ending, endAll, type Reach } from './end.ts';
import { endedOf, unfinished } from './hanging.ts';
import { topsAmong } from './tops.ts';

/**
 * Ends all tasks of an agent in one unit, with an entry in each of their runs and one that lists everything; its owner or
 * an administrator may. To stop the agent itself, suspend it: that alone makes everything of it dead, this lists what
 * that was.
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
    return endAgent(reach, by, agent, reason);
  });
}

/** The same for whoever had the right to stop the agent. */
export async function endAgent(
  reach: Reach,
  by: Pick<PersonCaller, 'tenant' | 'who'>,
  { id }: Agent,
  reason: string,
): Promise<Ending> {
  const { ground } = reach;
  const tops = async () => topsAmong(ground, by.tenant, await tasksOfAgent(ground, by.tenant, id, unfinished));
  const state = (await findAgent(ground, by.tenant, id))?.state ?? 'retired';
  const who = { ...by.who, agent: by.who.agent ?? id };
  const cause = { state: 'revoked', who: by.who, because: reason } as const;
  return endAll(reach, by.tenant, tops, () => cause, {
    beside: () => besideAgent(reach, by.tenant, id, state),
    tell: (sum) =>
      entry({
        id: ground.newId('entry'),
        kind: 'agent.ended',
        who,
        keys: [`ambit:agent/${id}`],
        code: state === 'active' ? 'tasks-ended' : state,
        detail: { agent: id, state, because: reason, ...sum },
      }),
  });
}

/** What hangs on a stopped agent without a task. While it is active, only its tasks end. */
async function besideAgent({ ground }: Reach, tenant: TenantId, id: AgentId, state: Agent['state']): Promise<Beside> {
  if (state === 'active') return { changes: [], ended: [], left: [] };
  const tokens = await liveTokensOfAgent(ground, tenant, id);
  const isOver = state === 'retired';
  const grants = isOver ? await listActiveStandingGrants(ground, tenant, id) : [];
  const users = isOver ? await listAgentUsers(ground, tenant, id) : [];
  return {
    changes: [...tokens.map(revokeTokenRow), ...grants.map((grant) => revokeStandingGrantRow(grant.id))],
    ended: [
      ...endedOf({ tasks: [], tokens, approvals: [] }),
      ...grants.map((grant) => ({ kind: 'standing-grant', id: grant.id, of: id }) as const),
    ],
    left: users.map((user) => ({
      kind: 'agent-user',
      id: user.id,
      of: id,
      api: user.api,
      externalId: user.externalId,
    })),
  };
}
