import type { TenantId } from '@ambit/protocol';
import { type Check, type Ground, Refusal, span } from '../foundation/index.ts';
import type { Approval } from './approval.ts';
import { conclude } from './resume.ts';
import { findRun, listByState } from './store.ts';

/** Who runs approved calls, as far as this node can tell. */
export type Runs = {
  /** Takes up one that was approved. Several nodes may do so at once: the claim in the store lets one of them. */
  readonly run: (approval: Approval) => void;
  readonly isRunning: (approval: Approval) => boolean;
  /** Told of each question that ends here unanswered. */
  readonly expired: (approval: Approval) => Promise<void>;
  /** Null as long as that process may still tell how it ended; else what a unit checks that relies on its being gone. */
  readonly gone: (process: string) => Promise<readonly Check[] | null>;
};

/**
 * What start-up and every tick do alike, on every node: questions whose time is over end, yeses that nobody ran are
 * handed to `run`, and a call that was claimed by a process that is gone is `unknown`: it may have happened, so it
 * never runs again.
 */
export function sweepApprovals(
  ground: Ground,
  tenant: TenantId,
  { run, isRunning, expired, gone }: Runs,
): Promise<void> {
  return span('approvals/sweep', async () => {
    const now = ground.clock();
    for (const one of await listByState(ground, tenant, ['parked'], 10_000)) {
      if (now < one.expiresAt) continue;
      // Answered in that very moment, or ended by another node: then it is theirs to tell.
      if (await concludeIfStill(ground, tenant, one, 'expired', 'nobody answered in time')) await expired(one);
    }
    for (const one of await listByState(ground, tenant, ['approved'], 10_000)) {
      if (!isRunning(one)) run(one);
    }
    for (const one of await listByState(ground, tenant, ['claimed'], 10_000)) {
      if (isRunning(one)) continue;
      const by = await findRun(ground, tenant, one.id);
      const proof = by === undefined ? [] : await gone(by.process);
      if (proof === null) continue;
      const because = 'the process that ran it ended before it could tell';
      await concludeIfStill(ground, tenant, one, 'unknown', because, {}, [], proof);
    }
  });
}

/** Whether it ended here. A question that somebody else ended meanwhile is over already, and no reason to leave the others open. */
async function concludeIfStill(...given: Parameters<typeof conclude>): Promise<boolean> {
  try {
    await conclude(...given);
    return true;
  } catch (error) {
    const isOver = error instanceof Refusal && (error.code === 'approval.over' || error.code === 'state.changed');
    if (!isOver) throw error;
    return false;
  }
}
