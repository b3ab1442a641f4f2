import type { TenantId } from '@ambit/protocol';
import { type Ground, planeItself, span } from '../foundation/index.ts';
import { findTask, type Task, tasks } from '../tasks/index.ts';
import { type Cause, endAll } from './end.ts';
import { isUnfinished, unfinished } from './hanging.ts';
import type { Live } from './live.ts';
import { topsAmong } from './tops.ts';

const page = 500;
const pagesAtOnceMax = 20;
const orphansEveryMilliseconds = 60_000;

/**
 * What start-up and every tick do alike: tasks whose time has come, or whose parent has ended, are dead since that
 * moment; here it is written down, with what hung on them. Returns how many tasks were taken up. It costs by what has
 * expired, not by what is open; for tasks that outlived their parent it looks through all of them, once a minute.
 */
export function sweepTasks(ground: Ground, live: Live, tenant: TenantId): Promise<number> {
  return span('endings/sweep', async () => {
    const expired = await sweepExpired(ground, live, tenant);
    return expired + (isTimeForOrphans(ground, live, tenant) ? await sweepOrphans(ground, live, tenant) : 0);
  });
}

async function sweepExpired(ground: Ground, live: Live, tenant: TenantId): Promise<number> {
  let found = 0;
  for (let pages = 0; pages < pagesAtOnceMax; pages++) {
    const expired = await oldestExpired(ground, tenant);
    if (expired.length === 0) break;
    await end(ground, live, tenant, new Map(expired.map((task) => [task, expiredCause(task)])));
    found += expired.length;
  }
  return found;
}

/** Nearly always nothing has expired, and often little: no more is read than has to be. */
const looks = [1, 20, page];

/** A parent and its child may be in different states, and end together: all states are looked at before any ends. */
async function oldestExpired(ground: Ground, tenant: TenantId): Promise<readonly Task[]> {
  let expired: readonly Task[] = [];
  for (const limit of looks) {
    const lists = await Promise.all(
      unfinished.map((state) =>
        ground.database.list(tasks, tenant, { where: { state }, order: ['expiresAt', 'asc'], limit }),
      ),
    );
    const now = ground.clock();
    const over = lists.map((list) => list.filter((task) => now >= task.expiresAt));
    expired = over.flat();
    if (over.every((list) => list.length < limit)) break;
  }
  return expired;
}

// By plane: each has its own, and a new one begins by looking.
const orphansSoughtAt = new WeakMap<Live, Map<TenantId, number>>();

function isTimeForOrphans(ground: Ground, live: Live, tenant: TenantId): boolean {
  const known = orphansSoughtAt.get(live) ?? new Map<TenantId, number>();
  orphansSoughtAt.set(live, known);
  const now = ground.clock();
  if (now - (known.get(tenant) ?? Number.NEGATIVE_INFINITY) < orphansEveryMilliseconds) return false;
  known.set(tenant, now);
  return true;
}

async function sweepOrphans(ground: Ground, live: Live, tenant: TenantId): Promise<number> {
  const causes = new Map<Task, Cause>();
  let after: { readonly after: string } | Record<string, never> = {};
  for (let more = true; more; ) {
    const open: readonly Task[] = await ground.database.list(tasks, tenant, {
      where: { state: unfinished },
      order: ['id', 'asc'],
      limit: page,
      ...after,
    });
    for (const task of open) {
      const cause = await orphanCause(ground, tenant, task);
      if (cause !== undefined) causes.set(task, cause);
    }
    more = open.length === page;
    after = { after: open.at(-1)?.id ?? '' };
  }
  await end(ground, live, tenant, causes);
  return causes.size;
}

/** Many in one unit: where many expire, each costs little. A unit has an end, so that it keeps nobody waiting for long. */
const topsInOneUnitMax = 50;

async function end(ground: Ground, live: Live, tenant: TenantId, causes: ReadonlyMap<Task, Cause>): Promise<void> {
  const tops = await topsAmong(ground, tenant, [...causes.keys()]);
  for (let i = 0; i < tops.length; i += topsInOneUnitMax) {
    await endAll({ ground, live }, tenant, tops.slice(i, i + topsInOneUnitMax), (top) => causes.get(top)!);
  }
}

const whoOf = (task: Task) => ({ ...planeItself, requester: task.requester, agent: task.agent });
const expiredCause = (task: Task): Cause => ({ state: 'expired', who: whoOf(task), because: 'its time has come' });

async function orphanCause(ground: Ground, tenant: TenantId, task: Task): Promise<Cause | undefined> {
  if (task.parent === null) return undefined;
  const parent = await findTask(ground, tenant, task.parent);
  if (parent !== undefined && isUnfinished(parent)) return undefined;
  return { state: 'revoked', who: whoOf(task), because: `the task above it is ${parent?.state ?? 'missing'}` };
}
