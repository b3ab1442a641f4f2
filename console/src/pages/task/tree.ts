import type { TaskShown } from '@ambit/sdk/operator';

/** A task with the tasks that were handed on from it. */
export type Branch = { readonly task: TaskShown; readonly below: readonly Branch[] };

/** The tasks of a run inside one another. A task whose parent is not among them stands at the top: nothing is left out. */
export function treeOf(run: readonly TaskShown[]): readonly Branch[] {
  const known = new Set(run.map(({ id }) => id));
  const branch = (task: TaskShown): Branch => ({
    task,
    below: run.filter(({ parent }) => parent === task.id).map(branch),
  });
  return run.filter(({ parent }) => parent === null || !known.has(parent)).map(branch);
}

/** A task and everything below it. */
export function withBelow(run: readonly TaskShown[], id: TaskShown['id']): readonly TaskShown[] {
  const own = run.filter((task) => task.id === id);
  return [...own, ...run.filter(({ parent }) => parent === id).flatMap((task) => withBelow(run, task.id))];
}
