import type { AgentId, EntryId, TenantId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse } from '../foundation/index.ts';
import { type Agent, type AgentMove, stateAfter } from './agent.ts';
import { agentResource, record } from './record.ts';
import { changeAgent, findAgent } from './store.ts';

export type Moved = { readonly agent: Agent; readonly entry: EntryId };

export async function requireAgent(ground: Ground, tenant: TenantId, id: AgentId): Promise<Agent> {
  const agent = await findAgent(ground, tenant, id);
  if (agent === undefined) throw refuse('thing.not_found', `no agent ${id}`);
  return agent;
}

const kinds = {
  activate: 'identity.agent-activated',
  suspend: 'identity.agent-suspended',
  resume: 'identity.agent-resumed',
  retire: 'identity.agent-retired',
} as const satisfies Record<AgentMove, string>;

/** One move of an agent's life and its entry. Its epoch goes on, so that whatever read it before decides again. */
export async function moveAgent(
  ground: Ground,
  by: Pick<PersonCaller, 'tenant' | 'who'>,
  agent: Agent,
  move: AgentMove,
  reason: string | null,
): Promise<Moved> {
  const state = stateAfter(agent, move);
  const activeSince = state === 'active' ? ground.clock() : agent.activeSince;
  const entry = await record(ground, by, {
    kind: kinds[move],
    keys: [agentResource(agent.id)],
    changes: [changeAgent(agent, { state, activeSince })],
    detail: { agent: agent.id, before: agent.state, after: state, reason },
  });
  return { agent: { ...agent, state, activeSince, epoch: agent.epoch + 1 }, entry };
}
