import { parseId, type TenantId } from '@ambit/protocol';
import { type Ground, planeItself, span } from '../foundation/index.ts';
import {
  findAgent,
  findPerson,
  findTemplateKey,
  listAgeLimits,
  templateKeyHolds,
  tooOldAt,
} from '../identity/index.ts';
import { findTask, type Task, tasks } from '../tasks/index.ts';
import { type Cause, endAll } from './end.ts';
import { isUnfinished, unfinished } from './hanging.ts';
import type { Live } from './live.ts';
import { topsAmong } from './tops.ts';

const page = 500;
const pagesAtOnceMax = 20;
const orphansEveryMilliseconds = 60_000;

/**
 * What start-up and every tick do alike: tasks whose time has come, or whose parent, agent, owner or requester is gone, are
 * dead since that moment; here it is written down, with what hung on them. Returns how many tasks were taken up. It costs by what has
 * expired, not by what is open; for tasks that outlived what they stand on, or are too old, it looks through all of them, once a minute.
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

/** An ending gives nothing to anyone, and the writer looks at each row once more: an edited one is not ended but refused. */
const asStored = true;

/** Nearly always nothing has expired, and often little: no more is read than has to be. */
const looks = [1, 20, page];

/** A parent and its child may be in different states, and end together: all states are looked at before any ends. */
async function oldestExpired(ground: Ground, tenant: TenantId): Promise<readonly Task[]> {
  let expired: readonly Task[] = [];
  for (const limit of looks) {
    const lists = await Promise.all(
      unfinished.map((state) =>
        ground.database.list(tasks, tenant, { where: { state }, order: ['expiresAt', 'asc'], limit, asStored }),
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
  const tops = (await topsAmong(ground, tenant, [...causes.keys()])).map(({ id }) => id);
  const causeOf = new Map([...causes].map(([{ id }, cause]) => [id, cause]));
  for (let i = 0; i < tops.length; i += topsInOneUnitMax) {
    const where = { id: tops.slice(i, i + topsInOneUnitMax) };
    await endAll(
      { ground, live },
      tenant,
      () => ground.database.list(tasks, tenant, { where, limit: topsInOneUnitMax, asStored }),
      ({ id }) => causeOf.get(id)!,
    );
  }
}

const whoOf = (task: Task) => ({ ...planeItself, requester: task.requester, agent: task.agent });
const expiredCause = (task: Task): Cause => ({ state: 'expired', who: whoOf(task), because: 'its time has come' });

/** What makes a task dead though its row does not say so: an ending that a crash kept from being written down. */
async function orphanCause(ground: Ground, tenant: TenantId, task: Task): Promise<Cause | undefined> {
  if (ground.clock() >= tooOldAt(await listAgeLimits(ground, tenant), 'task', task.openedAt)) {
    return { state: 'expired', who: whoOf(task), because: 'it is older than the organisation allows' };
  }
  const because = (await parentFault(ground, tenant, task)) ?? (await standingFault(ground, tenant, task));
  return because === undefined ? undefined : { state: 'revoked', who: whoOf(task), because };
}

async function parentFault(ground: Ground, tenant: TenantId, { parent: id }: Task): Promise<string | undefined> {
  if (id === null) return undefined;
  const parent = await findTask(ground, tenant, id);
  return parent !== undefined && isUnfinished(parent)
    ? undefined
    : `the task above it is ${parent?.state ?? 'missing'}`;
}

/** What a task stands on besides its parent: its agent, who answers for that, and who asked. */
export async function standingFault(
  ground: Ground,
  tenant: TenantId,
  { agent: id, requester, acceptedKey }: Pick<Task, 'agent' | 'requester' | 'acceptedKey'>,
): Promise<string | undefined> {
  const agent = await findAgent(ground, tenant, id);
  if (agent?.state !== 'active') return `its agent is ${agent?.state ?? 'missing'}`;
  const owner = await findPerson(ground, tenant, agent.owner);
  if (owner?.state !== 'active') return `the owner of its agent is ${owner?.state ?? 'missing'}`;
  const templateKey = parseId('templateKey', acceptedKey);
  const key = templateKey && (await findTemplateKey(ground, tenant, templateKey));
  if (templateKey !== undefined && !(key && templateKeyHolds(key, ground.clock()))) return 'its static key has ended';
  if (requester === null) return undefined;
  const person = await findPerson(ground, tenant, requester);
  return person?.state === 'active' ? undefined : `who asked for it is ${person?.state ?? 'missing'}`;
}
