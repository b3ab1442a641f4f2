import type { TenantId } from '@ambit/protocol';
import { entry, type Ground, planeItself, Refusal, span, update } from '../foundation/index.ts';
import { type Elevation, elevations, findTask } from '../tasks/index.ts';

const page = 500;

/** Elevations whose time has come give nothing since that moment; here it is written down. Start-up and every tick do it. */
export function expireElevations(ground: Ground, tenant: TenantId): Promise<void> {
  return span('elevations/expire', async () => {
    const oldest = await ground.database.list(elevations, tenant, {
      where: { state: 'standing' },
      order: ['expiresAt', 'asc'],
      limit: page,
    });
    for (const one of oldest) if (ground.clock() >= one.expiresAt) await expire(ground, tenant, one);
  });
}

async function expire(ground: Ground, tenant: TenantId, { id, task, run, agent, expiresAt }: Elevation): Promise<void> {
  const requester = (await findTask(ground, tenant, task))?.requester ?? null;
  const set = { state: 'expired', endedAt: expiresAt } as const;
  try {
    await ground.database.commit({
      tenant,
      changes: [update(elevations, { id }, set, { where: { state: 'standing' } })],
      entries: [
        entry({
          id: ground.newId('entry'),
          kind: 'elevation.expired',
          who: { ...planeItself, requester, agent },
          task,
          run,
          detail: { elevation: id, because: 'its time has come' },
        }),
      ],
    });
  } catch (error) {
    // Another node wrote it, or it was ended at the same time: it is over either way.
    if (!(error instanceof Refusal && error.code === 'state.changed')) throw error;
  }
}
