import { type AgentId, type Authority, decimalOf, type LimitLeft, type OpenTask, type TenantId } from '@ambit/protocol';
import type { Ground } from '../foundation/index.ts';
import { leftOf } from '../limits/index.ts';
import { findTask, isLive, isStanding, standingElevations, type Task, tasksOfAgent } from '../tasks/index.ts';

/** More than anybody reads; an agent with more live tasks says that they are not all. */
const openMax = 50;

/** The live tasks of an agent with what is left of each: all that whoever holds its key could act in. */
export async function openTasksOf(
  ground: Ground,
  tenant: TenantId,
  agent: AgentId,
): Promise<{ readonly isWhole: boolean; readonly tasks: readonly OpenTask[] }> {
  const rows = await tasksOfAgent(ground, tenant, agent, ['approved', 'active']);
  const newest = rows.toSorted((one, other) => other.openedAt - one.openedAt).slice(0, openMax);
  // As they hold now: what is too old has ended, though its row does not say so yet.
  const read = await Promise.all(newest.map(({ id }) => findTask(ground, tenant, id)));
  const now = ground.clock();
  const live = read.filter((task): task is Task => task !== undefined && isLive(task, now));
  const elevated = await standingElevations(
    ground,
    tenant,
    live.map(({ id }) => id),
  );
  const tasks = await Promise.all(
    live.map(async (task): Promise<OpenTask> => {
      const { id, root, state, openedAt, expiresAt, authority } = task;
      const beside = elevated.filter((one) => one.task === id && isStanding(one, now));
      return {
        task: id,
        run: root,
        purpose: { type: task.purposeType, text: task.purposeText },
        state: state === 'active' ? 'active' : 'approved',
        openedAt,
        expiresAt,
        authority,
        budget: await budgetOf(ground, tenant, `task:${id}`, authority),
        elevations: await Promise.all(
          beside.map(async (one) => ({
            authority: one.authority,
            budget: await budgetOf(ground, tenant, `elevation:${one.id}`, one.authority),
            expiresAt: one.expiresAt,
          })),
        ),
      };
    }),
  );
  return { isWhole: rows.length <= openMax, tasks };
}

/** What is left of each limit of the owner's grants, for people to read. */
export async function budgetOf(
  ground: Ground,
  tenant: TenantId,
  owner: string,
  authority: Authority,
): Promise<LimitLeft[]> {
  const left = await leftOf(ground, tenant, owner, authority);
  return left.map((one) => ({ ...one, now: decimalOf('0') }));
}
