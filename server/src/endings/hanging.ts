import type { AgentId, EntryId, TaskId, TenantId } from '@ambit/protocol';
import type { Ended } from '@ambit/protocol/wire';
import { type Approval, listOfTask } from '../approvals/index.ts';
import type { Ground } from '../foundation/index.ts';
import {
  type Elevation,
  type Remembered,
  standingElevations,
  standingRemembered,
  type Task,
  tasksBelow,
  tasksOfAgent,
} from '../tasks/index.ts';
import { type IssuedToken, liveTokensOfAgent, liveTokensOfTasks } from '../tokens/index.ts';
import { topsAmong } from './tops.ts';

export type { Left } from '@ambit/protocol/wire';
export type { Ended };

/**
 * Everything that hangs on a task and lives. No loan is among it: a loan is good for the one call it was lent to and is
 * stored nowhere.
 */
export type Hanging = {
  readonly top: Task;
  /** The task and all below it, ended ones too. */
  readonly ids: readonly TaskId[];
  readonly tasks: readonly Task[];
  readonly tokens: readonly IssuedToken[];
  /** Questions that nobody may answer any more, and yeses that nobody used yet. */
  readonly approvals: readonly Approval[];
  readonly elevations: readonly Elevation[];
  /** Yeses that were remembered for calls to come. */
  readonly remembered: readonly Remembered[];
  /** Approved calls that were claimed: they are on their way, and come to their own end. */
  readonly running: readonly EntryId[];
};

export const unfinished: Task['state'][] = ['requested', 'approved', 'active'];
export const isUnfinished = ({ state }: Pick<Task, 'state'>): boolean => unfinished.includes(state);

/**
 * What hangs on each of the tasks, of those on which anything does that has to be ended. They are taken as they are
 * given, so as they stand now, and none of them lies below another.
 */
export async function hangingOn(ground: Ground, tenant: TenantId, tops: readonly Task[]): Promise<Hanging[]> {
  const below = await tasksBelow(ground, tenant, idsOf(tops));
  const ids = idsOf([...tops, ...below]);
  const [elevations, remembered, approvals] = await Promise.all([
    standingElevations(ground, tenant, ids),
    standingRemembered(ground, tenant, ids),
    listOfTask(ground, tenant, ids, ['parked', 'approved', 'claimed']),
  ]);
  const under = Map.groupBy(below, ({ parent }) => parent);
  const approvalsOf = Map.groupBy(approvals, ({ task }) => task);
  const elevationsOf = Map.groupBy(elevations, ({ task }) => task);
  const rememberedOf = Map.groupBy(remembered, ({ task }) => task);
  const trees = tops.map((top) => {
    const all = withDescendants(top, under);
    const asked = all.flatMap(({ id }) => approvalsOf.get(id) ?? []);
    return {
      top,
      ids: idsOf(all),
      tasks: all.filter(isUnfinished),
      elevations: all.flatMap(({ id }) => elevationsOf.get(id) ?? []),
      remembered: all.flatMap(({ id }) => rememberedOf.get(id) ?? []),
      approvals: asked.filter(({ state }) => state !== 'claimed'),
      running: asked.filter(({ state }) => state === 'claimed').map(({ entry }) => entry),
    };
  });
  const alive = trees.filter((tree) => hangingMany(tree) > 0);
  const aliveIds = alive.flatMap((tree) => tree.ids);
  const tokensOf = Map.groupBy(await liveTokensOfTasks(ground, tenant, aliveIds), ({ task }) => task);
  return alive.map((tree) => ({ ...tree, tokens: tree.ids.flatMap((id) => tokensOf.get(id) ?? []) }));
}

const hangingMany = ({ tasks, approvals, elevations, remembered }: Omit<Hanging, 'tokens'>): number =>
  tasks.length + approvals.length + elevations.length + remembered.length;

/** What a suspension of the agent would end, counted as it stands. */
export async function countHanging(ground: Ground, tenant: TenantId, agent: AgentId) {
  const tops = await topsAmong(ground, tenant, await tasksOfAgent(ground, tenant, agent, unfinished));
  const [trees, own] = await Promise.all([hangingOn(ground, tenant, tops), liveTokensOfAgent(ground, tenant, agent)]);
  const sum = (of: (tree: Hanging) => number) => trees.reduce((all, tree) => all + of(tree), 0);
  return {
    tasks: sum((tree) => tree.tasks.length),
    tokens: sum((tree) => tree.tokens.length) + own.length,
    questions: sum((tree) => tree.approvals.length),
    elevations: sum((tree) => tree.elevations.length),
    remembered: sum((tree) => tree.remembered.length),
    running: sum((tree) => tree.running.length),
  };
}

const idsOf = (all: readonly Task[]): TaskId[] => all.map(({ id }) => id);

/** The task, then every task below it. */
function withDescendants(top: Task, under: ReadonlyMap<TaskId | null, readonly Task[]>): readonly Task[] {
  const found = [top];
  for (const task of found) found.push(...(under.get(task.id) ?? []));
  return found;
}

type Dying = Pick<Hanging, 'tasks' | 'tokens' | 'approvals'> & Partial<Pick<Hanging, 'elevations' | 'remembered'>>;

export function endedOf({ tasks, tokens, approvals, elevations = [], remembered = [] }: Dying): Ended[] {
  return [
    ...tasks.map(({ id, agent }) => ({ kind: 'task', id, of: agent }) as const),
    ...tokens.map(({ id, task, agent }) => ({ kind: 'token', id, of: task ?? agent }) as const),
    ...approvals.map(({ id, task }) => ({ kind: 'approval', id, of: task }) as const),
    ...elevations.map(({ id, task }) => ({ kind: 'elevation', id, of: task }) as const),
    ...remembered.map(({ id, task }) => ({ kind: 'remembered', id, of: task }) as const),
  ];
}
