import type { EntryId, TaskId, TenantId } from '@ambit/protocol';
import { attemptToUndo, entriesOfTask, mayNotRepeat, storyOf } from '../audit/index.ts';
import { type Ground, refuse } from '../foundation/index.ts';
import { findTask, findUndo, isLive, type Undo } from '../tasks/index.ts';

/** The attempt before, where there was one. Refused where another one may not begin. */
export async function lastUndo(
  ground: Ground,
  tenant: TenantId,
  { entry, run }: { readonly entry: EntryId; readonly run: TaskId },
): Promise<Undo | undefined> {
  const last = await findUndo(ground, tenant, entry);
  if (last !== undefined) await requireOver(ground, tenant, run, last);
  return last;
}

/**
 * Whether the attempt before is over, with nothing done. Read in this order: how its task stands, then what the log tells of
 * it, so that nothing can be begun under it after it was read; and of that task alone, so that no length of a run hides it.
 */
async function requireOver(ground: Ground, tenant: TenantId, run: TaskId, { entry, task: id }: Undo): Promise<void> {
  const task = await findTask(ground, tenant, id);
  const lives = task !== undefined && isLive(task, ground.clock());
  const story = storyOf(ground, run, await entriesOfTask(ground, tenant, { run, task: id }));
  const attempt = story && attemptToUndo(story, entry);
  const state = attempt?.state;
  const isStuck = !lives && (state === 'begun' || state === 'asked');
  if (isStuck || (state !== undefined && !mayNotRepeat(state))) return;
  const isOver = state === 'done' || state === 'unknown';
  const because = `${entry} is undone under ${id}: ${state ?? 'untold'}`;
  throw isOver ? refuse('undo.over', because) : refuse('undo.under_way', because, sayUnderWay(id, attempt));
}

/** Who waits for somebody else's undo is told what to answer, or to have ended. */
function sayUnderWay(task: TaskId, attempt: ReturnType<typeof attemptToUndo>): string | undefined {
  const question = attempt?.call?.approval ?? null;
  if (attempt?.state !== 'asked' || question === null) return undefined;
  return `It waits for an answer to question ${question}. Whoever asked for it can withdraw it: ambit task revoke ${task}. Nothing was sent twice.`;
}
