import type { AgentId, AgentOverview, TenantId } from '@ambit/protocol';
import { mayReadAllRuns, usesOfAgent } from '../audit/index.ts';
import { describeGrant } from '../authority/index.ts';
import { countHanging } from '../endings/index.ts';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import {
  type Agent,
  findAgent,
  findPerson,
  keyHolds,
  kindOf,
  listAgentInstances,
  listAgentKeys,
  listOpenAgentEnrolments,
  liveStandingGrants,
} from '../identity/index.ts';
import { newestTasksOfAgent } from '../tasks/index.ts';
import { budgetOf, openTasksOf } from './open-tasks.ts';

const usedDays = 30;
const dayMilliseconds = 86_400_000;
const recentMax = 10;

/** Everything about an agent that a person needs on one page, above all before stopping it. */
export function agentOverview(ground: Ground, caller: PersonCaller, id: AgentId): Promise<AgentOverview> {
  return span('views/agent-overview', async () => {
    const { tenant } = caller;
    const agent = await findAgent(ground, tenant, id);
    if (agent === undefined) throw refuse('thing.not_found', `no agent ${id}`);
    const now = ground.clock();
    const mayReadDoings =
      caller.person === agent.owner || caller.roles.includes('administrator') || mayReadAllRuns(caller);
    const [owner, standing] = await Promise.all([
      findPerson(ground, tenant, agent.owner),
      liveStandingGrants(ground, tenant, id),
    ]);
    const { name, state, team, purpose, environment, zone, expiresAt, ceiling } = agent;
    return {
      now,
      ...{ agent: id, name, kind: kindOf(agent), state, team, purpose, environment, zone, expiresAt },
      owner: { person: agent.owner, name: owner?.name ?? null, state: owner?.state ?? null },
      keys: await keysOf(ground, tenant, id, now),
      may: ceiling.map((grant) => ({ sentence: describeGrant(grant), actions: grant.actions })),
      budget: await budgetOf(ground, tenant, `agent:${id}`, ceiling),
      standingGrants: await Promise.all(
        standing.map(async ({ id: grant, authority, expiresAt: until }) => ({
          id: grant,
          expiresAt: until,
          authority,
          budget: await budgetOf(ground, tenant, `grant:${grant}`, authority),
          may: authority.map(describeGrant),
        })),
      ),
      hanging: mayReadDoings ? await countHanging(ground, tenant, id) : null,
      open: mayReadDoings ? await openTasksOf(ground, tenant, id) : null,
      used: mayReadDoings ? await usedOf(ground, tenant, agent, now - usedDays * dayMilliseconds) : null,
      runs: mayReadDoings ? await runsOf(ground, tenant, id) : null,
      codes: mayReadDoings ? await codesOf(ground, tenant, id, now) : null,
    };
  });
}

async function keysOf(ground: Ground, tenant: TenantId, agent: AgentId, now: number) {
  const [keys, instances] = await Promise.all([
    listAgentKeys(ground, tenant, agent),
    listAgentInstances(ground, tenant, agent),
  ]);
  return keys.map((key) => {
    const seen = instances.filter((one) => one.agentKey === key.thumbprint).map((one) => one.lastSeenAt);
    return {
      id: key.id,
      thumbprint: key.thumbprint,
      ageMs: now - key.addedAt,
      notAfter: key.notAfter,
      holds: keyHolds(key, now),
      lastSeenAt: seen.length === 0 ? null : Math.max(...seen),
    };
  });
}

async function usedOf(ground: Ground, tenant: TenantId, { id, ceiling }: Agent, since: number) {
  const { actions, isWhole } = await usesOfAgent(ground, tenant, id, since);
  const known = new Set(actions.filter(({ permit, ask }) => permit + ask > 0).map(({ action }) => action));
  const may = [...new Set(ceiling.flatMap((grant) => grant.actions))];
  return { since, isWhole, actions, unused: isWhole ? may.filter((action) => !known.has(action)) : [] };
}

async function runsOf(ground: Ground, tenant: TenantId, agent: AgentId) {
  const tasks = await newestTasksOfAgent(ground, tenant, agent, recentMax);
  return tasks.map(({ id, root, requester, purposeType, purposeText, state, openedAt, expiresAt }) => ({
    run: root,
    task: id,
    requester,
    purpose: { type: purposeType, text: purposeText },
    state,
    openedAt,
    expiresAt,
  }));
}

async function codesOf(ground: Ground, tenant: TenantId, agent: AgentId, now: number) {
  const open = await listOpenAgentEnrolments(ground, tenant, agent);
  return open
    .filter(({ expiresAt }) => now < expiresAt)
    .map(({ id, issuedBy, issuedAt, expiresAt, keySeconds }) => ({ id, issuedBy, issuedAt, expiresAt, keySeconds }));
}
