import type { TenantId } from '@ambit/protocol';
import { type Ground, planeItself, span } from '../foundation/index.ts';
import { findTask, type Task, tasks } from '../tasks/index.ts';
import { type Cause, endAll } from './end.ts';
import { isUnfinished, unfinished } from './hanging.ts';
import type { Live } from './live.ts';
import { topsAmong } from './tops.ts';

const sweptAtOnceMax = 10_000;

/**
 * What start-up and every tick do alike: tasks whose time has come, or whose parent has ended, are dead since that
 * moment; here it is written down, with what hung on them. Returns how many tasks were taken up.
 */
export function sweepTasks(ground: Ground, live: Live, tenant: TenantId): Promise<number> {
  return span('endings/sweep', async () => {
    const open = await ground.database.list(tasks, tenant, {
      where: { state: unfinished },
      order: ['openedAt', 'asc'],
      limit: sweptAtOnceMax,
    });
    const byId = new Map(open.map((task) => [task.id, task]));
    const causes = new Map<Task, Cause>();
    for (const task of open) {
      const cause = await causeOf(ground, tenant, task, byId);
      if (cause !== undefined) causes.set(task, cause);
    }
    for (const top of await topsAmong(ground, tenant, [...causes.keys()])) {
      await endAll({ ground, live }, tenant, [top], causes.get(top)!);
    }
    return causes.size;
  });
}

async function causeOf(
  ground: Ground,
  tenant: TenantId,
  task: Task,
  open: ReadonlyMap<Task['id'], Task>,
): Promise<Cause | undefined> {
  const who = { ...planeItself, requester: task.requester, agent: task.agent };
  if (ground.clock() >= task.expiresAt) return { state: 'expired', who, because: 'its time has come' };
  if (task.parent === null || open.has(task.parent)) return undefined;
  const parent = await findTask(ground, tenant, task.parent);
  if (parent !== undefined && isUnfinished(parent)) return undefined;
  return { state: 'revoked', who, because: `the task above it is ${parent?.state ?? 'missing'}` };
}
