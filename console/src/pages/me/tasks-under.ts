import type { ActingTask } from '@ambit/sdk/operator';

/** Tasks that were handed on from one, and from those: they end with it. */
export function tasksUnder(all: readonly ActingTask[], top: ActingTask): readonly ActingTask[] {
  const own = all.filter(({ parent }) => parent === top.task);
  return own.flatMap((one) => [one, ...tasksUnder(all, one)]);
}
