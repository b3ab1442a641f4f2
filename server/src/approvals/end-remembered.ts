import type { RememberedId } from '@ambit/protocol';
import { entry, type Ground, type PersonCaller, refuse, span, update } from '../foundation/index.ts';
import { findAgent } from '../identity/index.ts';
import { findRemembered, findTask, type Remembered, rememberedAnswers } from '../tasks/index.ts';

/**
 * A person takes a remembered yes back before its time: who gave it, who asked for the task, the owner of the agent, an
 * approver or an administrator. No call is admitted by it any more; what was let out runs to its end.
 */
export function endRemembered(
  ground: Ground,
  caller: PersonCaller,
  { remembered: id, reason }: { readonly remembered: RememberedId; readonly reason: string },
): Promise<Remembered> {
  return span('approvals/end-remembered', async () => {
    const { tenant } = caller;
    const row = await findRemembered(ground, tenant, id);
    if (row === undefined || !(await mayEnd(ground, caller, row)))
      throw refuse('thing.not_found', `no remembered yes ${id} that ${caller.person} may end`);
    if (row.state !== 'standing') throw refuse('ending.over', `${id} is ${row.state}`);
    const set = { state: 'ended', endedAt: ground.clock() } as const;
    await ground.database.commit({
      tenant,
      changes: [update(rememberedAnswers, { id }, set, { where: { state: 'standing' }, otherwise: 'ending.over' })],
      entries: [
        entry({
          id: ground.newId('entry'),
          kind: 'remembered.ended',
          who: { ...caller.who, agent: row.agent },
          task: row.task,
          run: row.run,
          about: row.answered,
          action: row.action,
          detail: { remembered: id, because: reason },
        }),
      ],
    });
    return { ...row, ...set };
  });
}

async function mayEnd(ground: Ground, caller: PersonCaller, { task, agent, person }: Remembered): Promise<boolean> {
  if (person === caller.person) return true;
  if (caller.roles.includes('administrator') || caller.roles.includes('approver')) return true;
  if ((await findTask(ground, caller.tenant, task))?.requester === caller.person) return true;
  return (await findAgent(ground, caller.tenant, agent))?.owner === caller.person;
}
