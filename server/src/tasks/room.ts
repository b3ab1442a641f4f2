import { decimalOf, type TenantId } from '@ambit/protocol';
import { type Change, type Ground, Refusal, refuse } from '../foundation/index.ts';
import { type Agent, createRecent, type LiveStandingGrant } from '../identity/index.ts';
import { countLiveTasks, tasksOfAgent } from './store.ts';
import { isLive } from './task.ts';

/** The most tasks that may be live of one kind, and how many are. */
export type Room = {
  /** Counts the tasks of that kind that were ever opened; each opening adds one, and nothing takes any away. */
  readonly counter: string;
  readonly max: number;
  readonly countLive: (ground: Ground, tenant: TenantId) => Promise<number>;
  readonly full: (live: number) => Refusal;
};

/** THREATS: reopen-loop. Over whoever opens, by whatever way. */
export const roomOfAgent = ({ id, liveTasksMax }: Agent): Room => ({
  counter: `tasks|agent:${id}`,
  max: liveTasksMax,
  countLive: (ground, tenant) => countLiveTasks(ground, tenant, id),
  full: (live) =>
    refuse(
      'task.too_many_live',
      `agent ${id} has ${live} of ${liveTasksMax} live tasks`,
      `The agent has ${live} live tasks, as many as its owner allows: end one before the next is opened.`,
    ),
});

export const roomUnderGrant = ({ id, agent, liveTasksMax }: LiveStandingGrant): Room => ({
  counter: `tasks|grant:${id}`,
  max: liveTasksMax,
  async countLive(ground, tenant) {
    const open = await tasksOfAgent(ground, tenant, agent, ['approved', 'active']);
    const now = ground.clock();
    const isUnder = ({ origin }: (typeof open)[number]) => origin.by === 'standing-grant' && origin.grant === id;
    return open.filter((task) => isLive(task, now) && isUnder(task)).length;
  },
  full: (live) => refuse('task.too_many_live', `${live} tasks are live under standing grant ${id}`),
});

/** How many were live when as many had been opened as the counter said just before. */
type Counted = { readonly opened: number; readonly live: number };

/** By opening of a store, tenant and counter. Whatever goes missing is counted again. */
const lastCounts = createRecent<Counted>(10_000);
const countName = ({ database }: Ground, tenant: TenantId, { counter }: Room) =>
  `${database.node} ${tenant} ${counter}`;

const racesMax = 50;

/**
 * Opens a task where each of `rooms` has room for one more. `open` commits it, with what it is handed in the same unit.
 *
 * INVARIANT: there are never more live tasks than `max`. Tasks only come to life by being opened, so at any time at most
 * `live` and all that were opened since the count are live. The writer itself refuses the opening with which that sum
 * would pass `max`, whoever else opened meanwhile; then, and only then, the live ones are counted anew.
 */
export async function openWithRoom<T>(
  ground: Ground,
  tenant: TenantId,
  rooms: readonly Room[],
  open: (taken: readonly Change[]) => Promise<T>,
): Promise<T> {
  for (let race = 1; ; race++) {
    const taken: Change[] = [];
    for (const room of rooms) taken.push(await takeOne(ground, tenant, room));
    try {
      return await open(taken);
    } catch (error) {
      if (!(error instanceof Refusal && error.code === 'task.too_many_live') || race === racesMax) throw error;
      for (const room of rooms) lastCounts.drop(countName(ground, tenant, room));
    }
  }
}

async function takeOne(ground: Ground, tenant: TenantId, room: Room): Promise<Change> {
  const { opened, live } = await countedFor(ground, tenant, room);
  return {
    change: 'reserve',
    counter: room.counter,
    window: 0,
    by: decimalOf('1'),
    max: decimalOf(String(opened + room.max - live)),
    otherwise: 'task.too_many_live',
  };
}

/** The last count, where it still leaves room; a new one otherwise. */
async function countedFor(ground: Ground, tenant: TenantId, room: Room): Promise<Counted> {
  const name = countName(ground, tenant, room);
  // Read before the tasks are: one that is opened in between is counted twice, rather than not at all.
  const opened = Number(await ground.database.counter(tenant, room.counter, 0));
  const last = lastCounts.get(name);
  if (last !== undefined && last.live + opened - last.opened < room.max) return last;
  const live = await room.countLive(ground, tenant);
  if (live >= room.max) throw room.full(live);
  const counted = { opened, live };
  lastCounts.put(name, counted);
  return counted;
}
