import { decimalOf, type TenantId } from '@ambit/protocol';
import { type Change, type Ground, Refusal, refuse } from '../foundation/index.ts';
import type { Agent } from '../identity/index.ts';
import { tasksOfAgent } from './store.ts';
import { isLive, type Task } from './task.ts';

/** The live tasks of an agent, counted, and what makes a unit fail that commits after another one opened a task. */
export type Room = { readonly live: readonly Task[]; readonly taken: Change };

const racesMax = 50;

/**
 * Opens a task for an agent that has room for one more, whoever opens it. THREATS: reopen-loop. INVARIANT: an agent
 * never has more than `liveTasksMax` live tasks; whoever is overtaken between counting and opening counts again.
 */
export async function openWithRoom(
  ground: Ground,
  tenant: TenantId,
  agent: Agent,
  open: (room: Room) => Promise<void>,
): Promise<void> {
  for (let race = 1; ; race++) {
    const room = await roomOf(ground, tenant, agent);
    try {
      return await open(room);
    } catch (error) {
      if (!(error instanceof Refusal && error.code === 'state.changed') || race === racesMax) throw error;
    }
  }
}

async function roomOf(ground: Ground, tenant: TenantId, agent: Agent): Promise<Room> {
  const counter = `tasks|agent:${agent.id}`;
  // Read before the tasks are: one that is opened in between makes the unit fail, rather than be counted twice.
  const expect = await ground.database.counter(tenant, counter, 0);
  const open = await tasksOfAgent(ground, tenant, agent.id, ['approved', 'active']);
  const now = ground.clock();
  const live = open.filter((task) => isLive(task, now));
  if (live.length >= agent.liveTasksMax) {
    const says = `The agent has ${live.length} live tasks, as many as its owner allows: end one before the next is opened.`;
    throw refuse(
      'task.too_many_live',
      `agent ${agent.id} has ${live.length} of ${agent.liveTasksMax} live tasks`,
      says,
    );
  }
  const by = decimalOf('1');
  return { live, taken: { change: 'reserve', counter, window: 0, by, max: null, expect, otherwise: 'state.changed' } };
}
