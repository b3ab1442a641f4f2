import { capacityOf, type TenantId, type Who } from '@ambit/protocol';
import { entry, type Ground, insert, type Unit } from '../foundation/index.ts';
import { tasks } from './store.ts';
import type { Task } from './task.ts';

/** What else belongs in the unit that opens a task. */
export type Also = Partial<Omit<Unit, 'tenant'>>;

/** Writes a new task and the entry that says who asked, for whom and for what; it comes before other entries. */
export async function commitOpened(
  ground: Ground,
  tenant: TenantId,
  who: Who,
  task: Task,
  { checks = [], changes = [], entries = [] }: Also = {},
): Promise<void> {
  await ground.database.commit({
    tenant,
    checks,
    changes: [...changes, insert(tasks, task)],
    entries: [
      entry({
        id: ground.newId('entry'),
        kind: task.origin.by === 'delegation' ? 'task.delegated' : 'task.opened',
        who: { ...who, requester: task.requester, capacity: capacityOf(task.requester), agent: task.agent },
        task: task.id,
        run: task.root,
        detail: {
          purpose: { type: task.purposeType, text: task.purposeText },
          origin: task.origin,
          authority: task.authority,
          parent: task.parent,
          ...(task.delegates === null ? {} : { delegates: task.delegates }),
          expiresAt: task.expiresAt,
        },
      }),
      ...entries,
    ],
  });
}
