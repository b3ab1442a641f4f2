import type { AgentId, TenantId } from '@ambit/protocol';
import { asRefusal, type Ground, planeItself, span } from '../foundation/index.ts';
import { tooOldAt } from './age.ts';
import type { Agent } from './agent.ts';
import { moveAgent } from './move-agent.ts';
import { lastSeenOf, listAgeLimits, listAgents } from './store.ts';

const everyMilliseconds = 60_000;
const page = 500;

/**
 * The clockwork of `unused`: once a minute it suspends every active agent that took no token and no task for longer than
 * the organisation allows. Counted from when it was last put to work, so that one that was resumed has its time again.
 */
export function createUnusedSweep(ground: Ground): (tenant: TenantId) => Promise<readonly AgentId[]> {
  const lookedAt = new Map<TenantId, number>();
  return (tenant) =>
    span('identity/suspend-unused', async () => {
      const now = ground.clock();
      if (now - (lookedAt.get(tenant) ?? Number.NEGATIVE_INFINITY) < everyMilliseconds) return [];
      lookedAt.set(tenant, now);
      return suspendUnused(ground, tenant, now);
    });
}

async function suspendUnused(ground: Ground, tenant: TenantId, now: number): Promise<readonly AgentId[]> {
  const limits = await listAgeLimits(ground, tenant);
  if (tooOldAt(limits, 'unused', 0) === Number.POSITIVE_INFINITY) return [];
  const suspended: AgentId[] = [];
  for (let after: string | undefined, more = true; more; ) {
    const agents = await listAgents(ground, tenant, { limit: page, ...(after === undefined ? {} : { after }) });
    for (const agent of agents) {
      if (agent.state !== 'active') continue;
      const usedAt = await lastUse(ground, tenant, agent);
      if (now < tooOldAt(limits, 'unused', usedAt)) continue;
      if (await suspend(ground, tenant, agent, usedAt)) suspended.push(agent.id);
    }
    more = agents.length === page;
    after = agents.at(-1)?.id;
  }
  return suspended;
}

async function lastUse(ground: Ground, tenant: TenantId, { id, createdAt, activeSince }: Agent): Promise<number> {
  return Math.max(activeSince ?? createdAt, await lastSeenOf(ground, tenant, id));
}

/** Whether it was done here: another node, or a person, may have moved the agent meanwhile. */
async function suspend(ground: Ground, tenant: TenantId, agent: Agent, usedAt: number): Promise<boolean> {
  const reason = `unused since ${new Date(usedAt).toISOString()}, longer than the organisation allows; its owner may resume it`;
  try {
    await moveAgent(ground, { tenant, who: { ...planeItself, agent: agent.id } }, agent, 'suspend', reason);
    return true;
  } catch (error) {
    if (asRefusal(error).code !== 'state.changed') throw error;
    return false;
  }
}
