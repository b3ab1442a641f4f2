import type { TenantId } from '@ambit/protocol';
import type { Orphans } from '@ambit/protocol/wire';
import type { Ground } from '../foundation/index.ts';
import { type Agent, findAgent, findPerson, listAgents, listAllAgentUsers } from '../identity/index.ts';
import { type Task, tasks } from '../tasks/index.ts';
import { unfinished } from './hanging.ts';
import { standingFault } from './sweep.ts';

export type { Orphans };

const page = 1000;

/** Looks through all agents, linked users and open tasks of a tenant. */
export async function listOrphans(ground: Ground, tenant: TenantId): Promise<Orphans> {
  const found = {
    agents: [] as Orphans['agents'][number][],
    users: [] as Orphans['agentUsers'][number][],
    tasks: [] as Orphans['tasks'][number][],
  };
  for await (const agent of agentsOf(ground, tenant)) {
    const owner = agent.state === 'retired' ? undefined : await findPerson(ground, tenant, agent.owner);
    if (agent.state === 'retired' || owner?.state === 'active') continue;
    const because = `its owner is ${owner?.state ?? 'gone'}`;
    found.agents.push({ id: agent.id, name: agent.name, owner: agent.owner, because });
  }
  for await (const { id, agent, api, externalId } of usersOf(ground, tenant)) {
    const state = (await findAgent(ground, tenant, agent))?.state ?? 'gone';
    if (state === 'retired' || state === 'gone')
      found.users.push({ id, agent, api, externalId, because: `its agent is ${state}` });
  }
  for await (const task of openTasksOf(ground, tenant)) {
    const because = await standingFault(ground, tenant, task);
    if (because !== undefined) found.tasks.push({ id: task.id, agent: task.agent, because });
  }
  return { agents: found.agents, agentUsers: found.users, tasks: found.tasks };
}

const agentsOf = (ground: Ground, tenant: TenantId) =>
  paged<Agent>((after) => listAgents(ground, tenant, { limit: page, ...after }));

const usersOf = (ground: Ground, tenant: TenantId) =>
  paged((after) => listAllAgentUsers(ground, tenant, { limit: page, ...after }));

const openTasksOf = (ground: Ground, tenant: TenantId) =>
  paged<Task>((after) =>
    ground.database.list(tasks, tenant, { where: { state: unfinished }, order: ['id', 'asc'], limit: page, ...after }),
  );

async function* paged<Row extends { readonly id: string }>(
  read: (after: { readonly after?: string }) => Promise<readonly Row[]>,
): AsyncGenerator<Row> {
  let after: string | undefined;
  do {
    const rows = await read(after === undefined ? {} : { after });
    yield* rows;
    after = rows.length < page ? undefined : rows.at(-1)?.id;
  } while (after !== undefined);
}
