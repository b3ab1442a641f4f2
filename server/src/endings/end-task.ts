import type { TaskId, TenantId } from '@ambit/protocol';
import { type AgentCaller, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { findAgent } from '../identity/index.ts';
import { findTask, type Task } from '../tasks/index.ts';
import { type Ending, endAll, type Reach } from './end.ts';
import { isUnfinished } from './hanging.ts';

/** The agent is done: its task ends, with everything made under it. Only a token of that very task says so. */
export function completeTask(
  reach: Reach,
  caller: AgentCaller,
  id: TaskId,
  because = 'completed by its agent',
): Promise<Ending> {
  return span('endings/end-task', async () => {
    if (caller.task !== id) throw refuse('ending.other_task', `the token is for ${caller.task}, not for ${id}`);
    const task = await findTask(reach.ground, caller.tenant, id);
    // What belongs to others looks like what does not exist.
    if (task?.agent !== caller.agent) throw refuse('thing.not_found', `no task ${id} for ${caller.agent}`);
    requireUnfinished(task);
    const cause = { state: 'completed', who: caller.who, because } as const;
    return endAll(
      reach,
      caller.tenant,
      () => asItStands(reach, caller.tenant, task),
      () => cause,
    );
  });
}

/** A person takes it back: the one who asked, the owner of the agent, or an administrator. */
export function revokeTask(
  reach: Reach,
  caller: PersonCaller,
  { task: id, reason }: { readonly task: TaskId; readonly reason: string },
): Promise<Ending> {
  return span('endings/end-task', async () => {
    const task = await findTask(reach.ground, caller.tenant, id);
    if (task === undefined || !(await mayRevoke(reach, caller, task))) {
      throw refuse('thing.not_found', `no task ${id} that ${caller.person} may revoke`);
    }
    requireUnfinished(task);
    const cause = { state: 'revoked', who: caller.who, because: reason } as const;
    return endAll(
      reach,
      caller.tenant,
      () => asItStands(reach, caller.tenant, task),
      () => cause,
    );
  });
}

async function mayRevoke({ ground }: Reach, caller: PersonCaller, task: Task): Promise<boolean> {
  if (caller.roles.includes('administrator') || task.requester === caller.person) return true;
  return (await findAgent(ground, caller.tenant, task.agent))?.owner === caller.person;
}

const asItStands = async ({ ground }: Reach, tenant: TenantId, task: Task): Promise<readonly Task[]> => [
  (await findTask(ground, tenant, task.id)) ?? task,
];

function requireUnfinished(task: Task): void {
  if (!isUnfinished(task)) throw refuse('ending.over', `task ${task.id} is ${task.state} since ${task.endedAt}`);
}
