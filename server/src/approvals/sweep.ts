import type { TenantId } from '@ambit/protocol';
import { type Ground, Refusal, span } from '../foundation/index.ts';
import type { Approval } from './approval.ts';
import { conclude } from './resume.ts';
import { listByState } from './store.ts';

/**
 * What start-up and every tick do alike: questions whose time is over end, yeses that nobody ran are handed to `run`,
 * and a call that was claimed by a process that is gone is `unknown`: it may have happened, so it never runs again.
 */
export function sweepApprovals(
  ground: Ground,
  tenant: TenantId,
  run: (approval: Approval) => void,
  isRunning: (approval: Approval) => boolean,
): Promise<void> {
  return span('approvals/sweep', async () => {
    const now = ground.clock();
    for (const one of await listByState(ground, tenant, ['parked'], 10_000)) {
      if (now >= one.expiresAt) await concludeIfStill(ground, tenant, one, 'expired', 'nobody answered in time');
    }
    for (const one of await listByState(ground, tenant, ['approved'], 10_000)) {
      if (!isRunning(one)) run(one);
    }
    for (const one of await listByState(ground, tenant, ['claimed'], 10_000)) {
      if (!isRunning(one))
        await concludeIfStill(ground, tenant, one, 'unknown', 'the process that ran it ended before it could tell');
    }
  });
}

/** A question that somebody else ended meanwhile is over already, and no reason to leave the others open. */
async function concludeIfStill(...given: Parameters<typeof conclude>): Promise<void> {
  try {
    await conclude(...given);
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'approval.over')) throw error;
  }
}
