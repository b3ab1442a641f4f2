import type { ApprovalId, TenantId } from '@ambit/protocol';
import { type Approval, findApproval } from '../approvals/index.ts';
import { elevationAction, grantElevation } from '../elevations/index.ts';
import { Refusal } from '../foundation/index.ts';
import type { Rooms } from './rooms.ts';
import { runParked } from './run-parked.ts';

/** Approved calls that this node is running. The claim in the store is what makes each run once, on one node. */
export function createParkedRuns(rooms: Rooms) {
  const running = new Set<string>();
  function run(tenant: TenantId, id: ApprovalId): void {
    if (running.has(id)) return;
    running.add(id);
    follow(rooms, tenant, id)
      .catch((error: unknown) => {
        if (error instanceof Refusal && passing.has(error.code)) return;
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

// Another node has it, or it ended meanwhile; what moved while an elevation was given is tried again by the next tick.
const passing: ReadonlySet<string> = new Set(['approval.over', 'state.changed']);

/** What a yes sets in motion: the call that was parked, or more for a task. */
async function follow(rooms: Rooms, tenant: TenantId, id: ApprovalId): Promise<void> {
  const approval = await findApproval(rooms.ground, tenant, id);
  if (approval?.action !== elevationAction) return runParked(rooms, tenant, id);
  return grantElevation(rooms.ground, tenant, id, rooms.settings.elevations.actions);
}
