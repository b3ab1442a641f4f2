import type { TaskId, TenantId } from '@ambit/protocol';
import { approvalIn, type Bell } from '../approvals/index.ts';
import { asRefusal, type Ground } from '../foundation/index.ts';
import { findTask, taskIn } from '../tasks/index.ts';
import { isUnfinished } from './hanging.ts';
import type { Live } from './live.ts';

/**
 * Hears what other nodes changed: where a task ended that has open calls here, those are cut, and whoever waits here for
 * an answer that was given elsewhere is woken. Whether a call may start is not heard but checked in its own unit.
 */
export function hearEndings({ ground, live, bell }: { ground: Ground; live: Live; bell: Bell }): () => void {
  async function look(tenant: TenantId, task: TaskId): Promise<void> {
    if (live.under(tenant, [task]).length > 0 && !(await isStill(ground, tenant, task))) live.cut(tenant, [task]);
  }
  return ground.database.watch((change) => {
    if (change === 'everything') {
      for (const { tenant, task } of live.tasks()) void look(tenant, task);
      return;
    }
    const [task, approval] = [taskIn(change), approvalIn(change)];
    if (task !== undefined) void look(change.tenant, task);
    if (approval !== undefined) bell.ring(approval);
  });
}

/** Closed by default: a task that cannot be read is taken for one that ended. */
async function isStill(ground: Ground, tenant: TenantId, id: TaskId): Promise<boolean> {
  const task = await findTask(ground, tenant, id).catch((error: unknown) => asRefusal(error));
  return task !== undefined && !(task instanceof Error) && isUnfinished(task);
}
