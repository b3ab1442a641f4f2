import type { ElevationId } from '@ambit/protocol';
import { entry, type Ground, type PersonCaller, refuse, span, update } from '../foundation/index.ts';
import { findAgent } from '../identity/index.ts';
import { type Elevation, elevations, findElevation, findTask } from '../tasks/index.ts';

/**
 * A person takes an elevation back before its time: who asked for the task, the owner of the agent, an administrator, or
 * who holds the role that gave it. No call is admitted under it any more; what was let out runs to its end.
 */
export function endElevation(
  ground: Ground,
  caller: PersonCaller,
  { elevation: id, reason }: { readonly elevation: ElevationId; readonly reason: string },
): Promise<Elevation> {
  return span('elevations/end', async () => {
    const { tenant } = caller;
    const elevation = await findElevation(ground, tenant, id);
    if (elevation === undefined || !(await mayEnd(ground, caller, elevation)))
      throw refuse('thing.not_found', `no elevation ${id} that ${caller.person} may end`);
    if (elevation.state !== 'standing') throw refuse('ending.over', `elevation ${id} is ${elevation.state}`);
    const set = { state: 'ended', endedAt: ground.clock() } as const;
    await ground.database.commit({
      tenant,
      changes: [update(elevations, { id }, set, { where: { state: 'standing' }, otherwise: 'ending.over' })],
      entries: [
        entry({
          id: ground.newId('entry'),
          kind: 'elevation.ended',
          who: { ...caller.who, agent: elevation.agent },
          task: elevation.task,
          run: elevation.run,
          detail: { elevation: id, because: reason },
        }),
      ],
    });
    return { ...elevation, ...set };
  });
}

async function mayEnd(ground: Ground, caller: PersonCaller, { task, agent }: Elevation): Promise<boolean> {
  if (caller.roles.includes('administrator') || caller.roles.includes('approver')) return true;
  if ((await findTask(ground, caller.tenant, task))?.requester === caller.person) return true;
  return (await findAgent(ground, caller.tenant, agent))?.owner === caller.person;
}
