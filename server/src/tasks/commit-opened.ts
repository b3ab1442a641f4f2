import type { TenantId, Who } from '@ambit/protocol';
import { type Change, type Check, entry, type Ground, insert } from '../foundation/index.ts';
import { tasks } from './store.ts';
import type { Task } from './task.ts';

/** Writes a new task and the entry that says who asked, for whom and for what. */
export async function commitOpened(
  ground: Ground,
  tenant: TenantId,
  who: Who,
  task: Task,
  { checks = [], changes = [] }: { readonly checks?: readonly Check[]; readonly changes?: readonly Change[] } = {},
): Promise<void> {
  await ground.database.commit({
    tenant,
    checks,
    changes: [insert(tasks, task), ...changes],
    entries: [
      entry({
        id: ground.newId('entry'),
        kind: task.origin.by === 'delegation' ? 'task.delegated' : 'task.opened',
        who: { ...who, requester: task.requester, agent: task.agent },
        task: task.id,
        run: task.root,
        detail: {
          purpose: { type: task.purposeType, text: task.purposeText },
          origin: task.origin,
          authority: task.authority,
          parent: task.parent,
          expiresAt: task.expiresAt,
        },
      }),
    ],
  });
}
