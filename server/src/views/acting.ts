import type { Acting, ActingTask } from '@ambit/protocol';
import { isOpen, listOfTask } from '../approvals/index.ts';
import { describeGrant } from '../authority/index.ts';
import { type Ground, type PersonCaller, span } from '../foundation/index.ts';
import { findAgent } from '../identity/index.ts';
import {
  findTask,
  isLive,
  isRemembered,
  isStanding,
  standingElevations,
  standingRemembered,
  type Task,
  tasksOfRequester,
} from '../tasks/index.ts';
import { budgetOf } from './open-tasks.ts';

/** What acts for a person now: their live tasks and those delegated from them, with what is left of each. Revoking one ends it. */
export function actingFor(ground: Ground, { tenant, person }: PersonCaller): Promise<Acting> {
  return span('views/acting', async () => {
    const rows = await tasksOfRequester(ground, tenant, person, ['approved', 'active']);
    // As they hold now: what is too old has ended, though its row does not say so yet.
    const read = await Promise.all(rows.map(({ id }) => findTask(ground, tenant, id)));
    const now = ground.clock();
    const live = read.filter((task): task is Task => task !== undefined && isLive(task, now));
    const ids = live.map(({ id }) => id);
    const [asked, elevated, remembered] = await Promise.all([
      listOfTask(ground, tenant, ids, ['parked']),
      standingElevations(ground, tenant, ids),
      standingRemembered(ground, tenant, ids),
    ]);
    const tasks = await Promise.all(
      live.map(async (task): Promise<ActingTask> => {
        const { id, root, parent, agent, state, openedAt, expiresAt, authority } = task;
        return {
          task: id,
          run: root,
          parent,
          agent,
          agentName: (await findAgent(ground, tenant, agent))?.name ?? null,
          purpose: { type: task.purposeType, text: task.purposeText },
          state: state === 'active' ? 'active' : 'approved',
          openedAt,
          expiresAt,
          may: authority.map(describeGrant),
          budget: await budgetOf(ground, tenant, `task:${id}`, authority),
          questions: asked.filter((one) => one.task === id && isOpen(one, now)).length,
          elevations: elevated.filter((one) => one.task === id && isStanding(one, now)).length,
          remembered: remembered.filter((one) => one.task === id && isRemembered(one, now)).length,
        };
      }),
    );
    return { now, tasks: tasks.toSorted((one, other) => other.openedAt - one.openedAt) };
  });
}
