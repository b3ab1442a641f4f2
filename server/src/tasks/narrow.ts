import { hash } from 'node:crypto';
import { jsonDigest, type TaskId } from '@ambit/protocol';
import { parseAuthority } from '../authority/index.ts';
import { entry, type Ground, type PersonCaller, refuse, span, update } from '../foundation/index.ts';
import { findAgent } from '../identity/index.ts';
import { requireNarrower } from './require-narrower.ts';
import { findTask, tasks } from './store.ts';
import { isLive, type Task } from './task.ts';

/**
 * Takes part of a task's own authority back while it goes on: for who asked, the agent's owner or an administrator. What an
 * elevation adds is a yes of its own, and is taken back by itself. What was
 * delegated from it covers no more from here on, since every link of a chain must cover a call; what was spent stays
 * spent. Refuses with `task.widened` what is not narrower.
 */
export function narrowTask(
  ground: Ground,
  by: PersonCaller,
  {
    task: id,
    authority: given,
    reason,
  }: { readonly task: TaskId; readonly authority: unknown; readonly reason: string },
): Promise<Task> {
  return span('tasks/narrow', async () => {
    const task = await findTask(ground, by.tenant, id);
    if (task === undefined || !(await mayNarrow(ground, by, task)))
      throw refuse('thing.not_found', `no task ${id} that ${by.person} may narrow`);
    if (!isLive(task, ground.clock())) throw refuse('task.ended', `task ${id} is ${task.state}`);
    const authority = parseAuthority(given);
    requireNarrower(authority, task.authority, 'task.widened', 'what the task has now');
    const authorityHash = jsonDigest(authority, (bytes) => hash('sha256', bytes, 'buffer'));
    await ground.database.commit({
      tenant: by.tenant,
      changes: [
        update(
          tasks,
          { id },
          { authority, epoch: task.epoch + 1 },
          { where: { state: task.state, epoch: task.epoch } },
        ),
      ],
      entries: [
        entry({
          id: ground.newId('entry'),
          kind: 'task.narrowed',
          who: { ...by.who, requester: task.requester, agent: task.agent },
          task: id,
          run: task.root,
          detail: { reason, before: task.authority, authority, authorityHash },
        }),
      ],
    });
    return { ...task, authority, epoch: task.epoch + 1 };
  });
}

async function mayNarrow(ground: Ground, by: PersonCaller, task: Task): Promise<boolean> {
  if (by.roles.includes('administrator') || task.requester === by.person) return true;
  return (await findAgent(ground, by.tenant, task.agent))?.owner === by.person;
}
