import type { TaskId } from '@ambit/protocol';
import { type AgentCaller, entry, type Ground, refuse, span, update } from '../foundation/index.ts';
import { keyStandsFor, seeInstance } from '../identity/index.ts';
import { findTask, tasks } from './store.ts';
import type { Task } from './task.ts';

/**
 * One key of the agent takes the task: from now on tokens of this task are for that key alone.
 * A copy of the agent's credential elsewhere finds the task taken (THREATS: stolen-agent-key).
 */
export function acceptTask(ground: Ground, caller: AgentCaller, id: TaskId): Promise<Task> {
  return span('tasks/accept', async () => {
    const task = await findTask(ground, caller.tenant, id);
    // Another agent's task looks like no task at all.
    if (task === undefined || task.agent !== caller.agent)
      throw refuse('thing.not_found', `no task ${id} for ${caller.agent}`);
    const keys = { accepted: task.acceptedKey, shown: caller.agentKey };
    const isHolder = async () =>
      task.acceptedJkt === caller.jkt && (await keyStandsFor(ground, caller.tenant, caller.agent, keys));
    if (task.state === 'active' && (await isHolder())) return task;
    if (task.state === 'active') throw refuse('task.taken', `task ${id} was accepted by key ${task.acceptedJkt}`);
    if (task.state !== 'approved') throw refuse('task.not_open', `task ${id} is ${task.state}`);
    if (ground.clock() >= task.expiresAt) throw refuse('task.ended', `task ${id} expired at ${task.expiresAt}`);
    const set = {
      state: 'active',
      epoch: task.epoch + 1,
      acceptedJkt: caller.jkt,
      acceptedKey: caller.agentKey,
    } as const;
    await ground.database.commit({
      tenant: caller.tenant,
      changes: [
        update(tasks, { id }, set, { where: { state: 'approved', epoch: task.epoch }, otherwise: 'task.taken' }),
      ],
      entries: [
        entry({
          id: ground.newId('entry'),
          kind: 'task.accepted',
          who: { ...caller.who, requester: task.requester },
          task: id,
          run: task.root,
          detail: { jkt: caller.jkt, key: caller.agentKey },
        }),
      ],
    });
    const { agent, jkt, agentKey } = caller;
    await seeInstance(ground, caller.tenant, { agent, jkt, agentKey });
    return { ...task, ...set };
  });
}
