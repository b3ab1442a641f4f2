import { acr, type TaskId } from '@ambit/protocol';
import { entry, type Ground, type PersonCaller, refuse, span, update } from '../foundation/index.ts';
import { findTask, tasks } from './store.ts';
import { type Authenticated, isLive, type Task } from './task.ts';

/** When, and how, the person behind a session proved who they are. Null where it is not known: that is never fresh. */
export const authenticatedBy = ({ authenticatedAt, acr: how = acr.enrolledKey }: PersonCaller): Authenticated | null =>
  authenticatedAt === undefined ? null : { at: authenticatedAt, acr: how };

/**
 * RFC 9470: whoever asked for a task proves again who they are, by a session that was opened since. The task stays what it
 * is; a rule that wants a fresh proof sees this one from the next call on.
 */
export function authenticateTask(ground: Ground, caller: PersonCaller, id: TaskId): Promise<Task> {
  return span('tasks/authenticate', async () => {
    const task = await findTask(ground, caller.tenant, id);
    if (task === undefined || task.requester !== caller.person || task.origin.by !== 'person')
      throw refuse('thing.not_found', `no task ${id} that ${caller.person} asked for`);
    if (!isLive(task, ground.clock())) throw refuse('ending.over', `task ${id} is ${task.state}`);
    const authenticated = authenticatedBy(caller);
    if (authenticated === null) throw refuse('caller.not_allowed', `it is not known when ${caller.person} signed in`);
    // An older proof of the same kind proves nothing new; what is known is one of the two, never the best of both.
    const known = task.authenticated;
    if (known !== null && known.acr === authenticated.acr && known.at >= authenticated.at) return task;
    const where = { state: task.state, epoch: task.epoch };
    await ground.database.commit({
      tenant: caller.tenant,
      changes: [update(tasks, { id }, { authenticated }, { where })],
      entries: [
        entry({
          id: ground.newId('entry'),
          kind: 'task.authenticated',
          who: { ...caller.who, agent: task.agent },
          task: id,
          run: task.root,
          detail: { authenticated },
        }),
      ],
    });
    return { ...task, authenticated };
  });
}
