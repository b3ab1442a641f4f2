import type { ApprovalId, TenantId } from '@ambit/protocol';
import { type Approval, findApproval } from '../approvals/index.ts';
import { elevationAction, grantElevation } from '../elevations/index.ts';
import { Refusal } from '../foundation/index.ts';
import { closeUnasked } from './close-undo.ts';
import type { Rooms } from './rooms.ts';
import { runParked } from './run-parked.ts';

/** Approved calls that this node is running. The claim in the store is what makes each run once, on one node. */
export function createParkedRuns(rooms: Rooms) {
  const running = new Set<string>();
  /** The last of each line: calls whose people were shown the same, where the first may change what the next was shown. */
  const lines = new Map<string, Promise<void>>();
  async function inLine(tenant: TenantId, { id, lookAgainDigest }: Approval): Promise<void> {
    if (lookAgainDigest === null) return runOne(tenant, id);
    const line = `${tenant} ${lookAgainDigest}`;
    const before = lines.get(line);
    const mine = Promise.resolve(before).then(() => runOne(tenant, id));
    lines.set(line, mine);
    await mine;
    if (lines.get(line) === mine) lines.delete(line);
  }
  async function runOne(tenant: TenantId, id: ApprovalId): Promise<void> {
    try {
      await follow(rooms, tenant, id);
    } catch (error) {
      if (!(error instanceof Refusal && passing.has(error.code))) await tell(tenant, id, error);
    } finally {
      running.delete(id);
      rooms.bell.ring(id);
    }
  }
  function tell(tenant: TenantId, id: ApprovalId, error: unknown): Promise<void> {
    return rooms.unproved
      .fault(tenant, `the approved call ${id}`, error)
      .catch((fault: unknown) => rooms.complain(`the end of the approved call ${id}`, fault));
  }
  /** Those that wait for their turn count as running, so that nobody else here takes them up. */
  function runAll(tenant: TenantId, approvals: readonly Approval[]): void {
    const waiting = approvals.filter(({ id }) => !running.has(id));
    for (const { id } of waiting) running.add(id);
    const lane = async () => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await inLine(tenant, one);
    };
    for (let i = Math.min(lanesMax, waiting.length); i > 0; i--) void lane();
  }
  return {
    run: (tenant: TenantId, approval: Approval): void => runAll(tenant, [approval]),
    isRunning: (id: string) => running.has(id),
    /** Nobody answered in time. */
    expired: (tenant: TenantId, approval: Approval): Promise<void> => closeUnasked(rooms, tenant, approval),
    /** What was answered by one signature, in its order. */
    answered(tenant: TenantId, approvals: readonly Approval[]): void {
      const isApproved = ({ state }: Approval) => state === 'approved';
      for (const one of approvals.filter((each) => !isApproved(each))) {
        rooms.bell.ring(one.id);
        if (one.state === 'refused') void closeUnasked(rooms, tenant, one);
      }
      runAll(tenant, approvals.filter(isApproved));
    },
  };
}

/** Of calls that were approved together: they stand in line for the sums of one task, where each round lets one through. */
const lanesMax = 4;

// Another node has it, or it ended meanwhile; what moved while an elevation was given is tried again by the next tick.
const passing: ReadonlySet<string> = new Set(['approval.over', 'state.changed']);

/** What a yes sets in motion: the call that was parked, or more for a task. */
async function follow(rooms: Rooms, tenant: TenantId, id: ApprovalId): Promise<void> {
  const approval = await findApproval(rooms.ground, tenant, id);
  if (approval?.action !== elevationAction) return runParked(rooms, tenant, id);
  return grantElevation(rooms.ground, tenant, id, rooms.settings.elevations.actions);
}
