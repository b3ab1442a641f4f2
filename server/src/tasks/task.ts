import type { Purpose, TaskOrigin, TaskShown, TaskState } from '@ambit/protocol/wire';

export type { Purpose, TaskOrigin as Origin, TaskState };

/** RFC 9068 §2.2.1: `auth_time` in epoch milliseconds, and `acr`. */
export type Authenticated = NonNullable<TaskShown['authenticated']>;

/**
 * Authority belongs to a task. It owns every token, sub-task, loan and approval made under it; they are alive if and
 * only if it is, and every task above it.
 */
export type Task = Omit<TaskShown, 'purpose'> & { readonly purposeType: string; readonly purposeText: string };

/** They stand in every token of the task. */
export const delegatesMax = 16;

/** RFC 8693 chains deeper than this are refused: nobody reads them. */
export const depthMax = 5;

/** Alive: its state says so and its time has not come. Of a chain, every link must be. */
export function isLive(task: Task, now: number): boolean {
  return (task.state === 'active' || task.state === 'approved') && now < task.expiresAt;
}

/** A task and its ancestors, the task itself first, the one a person opened last. */
export type Chain = readonly [Task, ...Task[]];
