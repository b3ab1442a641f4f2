import type { TaskId, TenantId } from '@ambit/protocol';
import type { Ground } from '../foundation/index.ts';
import { findTask, type Task } from '../tasks/index.ts';

/** Those of the tasks that lie below none of the others: ending them ends them all, each once. */
export async function topsAmong(ground: Ground, tenant: TenantId, given: readonly Task[]): Promise<Task[]> {
  const ids = new Set(given.map((task) => task.id));
  const below = await Promise.all(given.map((task) => isBelow(ground, tenant, task, ids)));
  return given.filter((_, i) => !below[i]);
}

/** Where the chain is broken there is nothing above to be ended by: the task is ended by itself. */
async function isBelow(ground: Ground, tenant: TenantId, task: Task, ids: ReadonlySet<TaskId>): Promise<boolean> {
  for (let up = task.parent; up !== null; ) {
    if (ids.has(up)) return true;
    up = (await findTask(ground, tenant, up))?.parent ?? null;
  }
  return false;
}
