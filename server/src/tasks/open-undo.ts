import type { EntryId, TaskId } from '@ambit/protocol';
import { type Ground, insert, type PersonCaller, span, update } from '../foundation/index.ts';
import { kindOf } from '../identity/index.ts';
import { commitOpened } from './commit-opened.ts';
import { draftAskedTask, type OpenLimits, type OpenTask } from './open.ts';
import { openWithRoom, roomOfAgent } from './room.ts';
import { type Undo, undos } from './store.ts';
import type { Task } from './task.ts';

/** Which call it takes back, the run in which that was done, and the attempt before this one. */
export type Undoing = { readonly entry: EntryId; readonly run: TaskId; readonly last: Undo | undefined };

/**
 * A person opens the task under which they themselves take one call back. It belongs to the run of that call, and to the
 * person: no proof and no certificate has the id of a person as its thumbprint, so no agent can take it or use it.
 * INVARIANT (once): of attempts that begin at once the writer lets in one.
 */
export function openUndo(
  ground: Ground,
  caller: PersonCaller,
  input: OpenTask,
  { entry, run, last }: Undoing,
  limits: OpenLimits,
): Promise<Task> {
  return span('tasks/open-undo', async () => {
    const { task: draft, agent } = await draftAskedTask(ground, caller, input, limits);
    const task: Task = {
      ...draft,
      root: run,
      origin: { by: 'person', proof: caller.who.proof, undoes: entry },
      delegates: [],
      state: 'active',
      acceptedJkt: caller.person,
      acceptedKey: caller.person,
    };
    const named =
      last === undefined
        ? insert(undos, { entry, task: task.id }, 'undo.under_way')
        : update(undos, { entry }, { task: task.id }, { where: { task: last.task }, otherwise: 'undo.under_way' });
    await openWithRoom(ground, caller.tenant, [roomOfAgent(agent)], (taken) =>
      commitOpened(ground, caller.tenant, { ...caller.who, kind: kindOf(agent) }, task, { changes: [...taken, named] }),
    );
    return task;
  });
}
