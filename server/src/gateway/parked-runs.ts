import type { ApprovalId, TenantId } from '@ambit/protocol';
import type { Approval } from '../approvals/index.ts';
import { Refusal } from '../foundation/index.ts';
import type { Rooms } from './rooms.ts';
import { runParked } from './run-parked.ts';

/** Approved calls that this node is running. The claim in the store is what makes each run once, on one node. */
export function createParkedRuns(rooms: Rooms) {
  const running = new Set<string>();
  function run(tenant: TenantId, id: ApprovalId): void {
    if (running.has(id)) return;
    running.add(id);
    runParked(rooms, tenant, id)
      .catch((error: unknown) => {
        // Another node has it, or it ended meanwhile: that is how it is meant to be.
        if (error instanceof Refusal && error.code === 'approval.over') return;
        return rooms.unproved.fault(tenant, `the approved call ${id}`, error);
      })
      .catch((error: unknown) => rooms.complain(`the end of the approved call ${id}`, error))
      .finally(() => {
        running.delete(id);
        rooms.bell.ring(id);
      });
  }
  return {
    run,
    isRunning: (id: string) => running.has(id),
    answered(tenant: TenantId, approval: Pick<Approval, 'id' | 'state'>): void {
      if (approval.state === 'approved') run(tenant, approval.id);
      else rooms.bell.ring(approval.id);
    },
  };
}
