import type { ApprovalId, TenantId } from '@ambit/protocol';
import { type Change, type Check, entry, type Ground, planeItself, refuse, span } from '../foundation/index.ts';
import type { Approval } from './approval.ts';
import { addRun, dropRun, findApproval, moveApproval } from './store.ts';

/**
 * A call that a person approved and that nobody else is running: made only in this file, once per approval, which is
 * why other files see its type only. It carries no permission: what it opens is a new decision, in which the person's
 * yes is one fact.
 */
class ParkedCall {
  readonly #claimed = true;
  readonly tenant: TenantId;
  readonly approval: Approval;
  readonly sealed: string;

  constructor(tenant: TenantId, approval: Approval, sealed: string) {
    this.tenant = tenant;
    this.approval = approval;
    this.sealed = sealed;
  }

  get isClaimed(): true {
    return this.#claimed;
  }
}

export type { ParkedCall };

/** Who runs it, and what must be so for that. */
export type Claimant = { readonly process: string; readonly checks: readonly Check[] };

/**
 * Takes the approved call: `approved → claimed`, durable before its first byte.
 * INVARIANT (once): a claim succeeds once; a crash after it leaves the call `unknown`, never to be run again.
 */
export function claim(
  ground: Ground,
  tenant: TenantId,
  id: ApprovalId,
  { process, checks }: Claimant = { process: ground.database.node, checks: [] },
): Promise<ParkedCall> {
  return span('approvals/resume', async () => {
    const approval = await findApproval(ground, tenant, id);
    if (approval?.state !== 'approved' || approval.sealed === null) {
      throw refuse('approval.over', `approval ${id} is ${approval?.state ?? 'unknown'}`);
    }
    const now = ground.clock();
    if (approval.runBefore === null || now >= approval.runBefore) {
      await conclude(ground, tenant, approval, 'expired', 'the yes was not used in time');
      throw refuse('approval.expired', `approval ${id} had to run before ${approval.runBefore}`);
    }
    await ground.database.commit({
      tenant,
      checks,
      changes: [moveApproval(approval, { state: 'claimed' }), addRun({ approval: id, process })],
      entries: [
        entry({
          id: ground.newId('entry'),
          kind: 'approval.claimed',
          who: { ...planeItself, requester: approval.requester, agent: approval.agent },
          task: approval.task,
          run: approval.run,
          about: approval.entry,
          action: approval.action,
          detail: { approval: id, process },
        }),
      ],
    });
    return new ParkedCall(tenant, { ...approval, state: 'claimed' }, approval.sealed);
  });
}

/** Writes how a question ended, where no answer did it. */
export async function conclude(
  ground: Ground,
  tenant: TenantId,
  approval: Approval,
  state: 'expired' | 'done' | 'unknown' | 'denied' | 'moved',
  because: string,
  more: Partial<Approval> = {},
  changes: readonly Change[] = [],
  checks: readonly Check[] = [],
): Promise<void> {
  await ground.database.commit({
    tenant,
    checks,
    changes: [moveApproval(approval, { ...more, state, sealed: null }), dropRun(approval.id), ...changes],
    entries: [
      entry({
        id: ground.newId('entry'),
        kind: `approval.${state}`,
        who: { ...planeItself, requester: approval.requester, agent: approval.agent },
        task: approval.task,
        run: approval.run,
        about: approval.entry,
        action: approval.action,
        code: state,
        detail: {
          approval: approval.id,
          because,
          ...(more.successor == null ? {} : { successor: more.successor }),
        },
      }),
    ],
  });
}
