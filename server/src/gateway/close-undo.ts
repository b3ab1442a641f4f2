import type { TenantId } from '@ambit/protocol';
import type { Approval } from '../approvals/index.ts';
import { completeTask } from '../endings/index.ts';
import { asRefusal, planeItself } from '../foundation/index.ts';
import { findTask } from '../tasks/index.ts';
import type { Asking } from './caller.ts';
import type { Rooms } from './rooms.ts';

/** A task by which a person takes one call back is over with that call: nothing else can be done under it. Others go on. */
export async function closeUndo(
  { ground, live, bell, complain }: Rooms,
  { caller, task }: Pick<Asking, 'caller' | 'task'>,
): Promise<void> {
  try {
    const origin = (await findTask(ground, caller.tenant, task))?.origin;
    if (origin?.by !== 'person' || origin.undoes === undefined) return;
    await completeTask({ ground, live, bell }, caller, task, 'it was for this undo alone');
  } catch (error) {
    // It was revoked meanwhile, or ends by its time: what was decided stands.
    if (asRefusal(error).code !== 'ending.over') complain(`the end of ${task}`, error);
  }
}

/** The same where the call was never made: a person said no to it, or nobody answered in time. */
export function closeUnasked(rooms: Rooms, tenant: TenantId, { agent, jkt, requester, task }: Approval): Promise<void> {
  const who = { ...planeItself, requester, agent };
  const caller = { kind: 'agent', tenant, agent, task, token: null, jkt, agentKey: jkt, who } as const;
  return closeUndo(rooms, { caller, task });
}
