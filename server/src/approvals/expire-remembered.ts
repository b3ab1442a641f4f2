import type { TenantId } from '@ambit/protocol';
import { entry, type Ground, planeItself, Refusal, span, update } from '../foundation/index.ts';
import { findTask, type Remembered, rememberedAnswers } from '../tasks/index.ts';

const page = 500;

/** Remembered yeses whose time has come count for nothing since that moment; here it is written down, on every tick. */
export function expireRemembered(ground: Ground, tenant: TenantId): Promise<void> {
  return span('approvals/expire-remembered', async () => {
    const oldest = await ground.database.list(rememberedAnswers, tenant, {
      where: { state: 'standing' },
      order: ['expiresAt', 'asc'],
      limit: page,
    });
    for (const one of oldest) if (ground.clock() >= one.expiresAt) await expire(ground, tenant, one);
  });
}

async function expire(ground: Ground, tenant: TenantId, row: Remembered): Promise<void> {
  const { id, task, run, agent, answered, action, expiresAt } = row;
  const requester = (await findTask(ground, tenant, task))?.requester ?? null;
  const set = { state: 'expired', endedAt: expiresAt } as const;
  try {
    await ground.database.commit({
      tenant,
      changes: [update(rememberedAnswers, { id }, set, { where: { state: 'standing' } })],
      entries: [
        entry({
          id: ground.newId('entry'),
          kind: 'remembered.expired',
          who: { ...planeItself, requester, agent },
          task,
          run,
          about: answered,
          action,
          detail: { remembered: id, because: 'its time has come' },
        }),
      ],
    });
  } catch (error) {
    // Another node wrote it, or it was ended at the same time: it is over either way.
    if (!(error instanceof Refusal && error.code === 'state.changed')) throw error;
  }
}
