import type { EntryId, TenantId, Who } from '@ambit/protocol';
import { type Bell, moveApproval } from '../approvals/index.ts';
import {
  type Change,
  type EntryDraft,
  entry,
  type Ground,
  Refusal,
  refuse,
  span,
  update,
} from '../foundation/index.ts';
import { type Task, tasks } from '../tasks/index.ts';
import { type Ended, endedOf, type Hanging, hangingOn } from './hanging.ts';
import type { Live } from './live.ts';

/** How tasks end, and by whom. */
export type Cause = {
  readonly state: 'completed' | 'revoked' | 'expired';
  readonly who: Who;
  readonly because: string;
};

/** What died, what was on its way, and how long it took until it was durable. */
export type Ending = {
  readonly ended: readonly Ended[];
  /** Calls that had been let out: those that were still open here were cut. */
  readonly inFlight: readonly EntryId[];
  readonly milliseconds: number;
};

/** Where an ending reaches: the store, the open calls of this process, and whoever waits for an answer here. Others hear of it. */
export type Reach = { readonly ground: Ground; readonly live: Live; readonly bell?: Pick<Bell, 'ring'> };

const roundsMax = 20;

/**
 * Ends these tasks with all that hangs on them, in one unit, each for its cause. None may lie below another. A unit that
 * lost a race with an answer reads again.
 * INVARIANT (ends together): what a delegation or a question adds while this reads is dead by its chain from the first
 * unit on; the next round ends and lists it too, before this returns.
 */
export async function endAll(
  reach: Reach,
  tenant: TenantId,
  tops: readonly Task[],
  causeOf: (top: Task) => Cause,
): Promise<Ending> {
  const { ground } = reach;
  const began = ground.clock();
  const ended = new Map<string, Ended>();
  const inFlight = new Set<EntryId>();
  for (let round = 1; round <= roundsMax; round++) {
    const trees = await hangingOn(ground, tenant, tops);
    const work = trees.filter((tree) => tree.tasks.length + tree.approvals.length > 0);
    if (work.length === 0) {
      return { ended: [...ended.values()], inFlight: [...inFlight], milliseconds: ground.clock() - began };
    }
    if (!(await endOnce(reach, tenant, work, causeOf, began, inFlight))) continue;
    for (const one of work.flatMap(endedOf)) ended.set(one.id, one);
  }
  throw refuse('ending.busy', `${tops.map((top) => top.id).join(', ')} kept changing`);
}

/** One unit. False where something moved since it was read; then nothing was changed. */
async function endOnce(
  { ground, live, bell }: Reach,
  tenant: TenantId,
  work: readonly Hanging[],
  causeOf: (top: Task) => Cause,
  began: number,
  inFlight: Set<EntryId>,
): Promise<boolean> {
  const ids = work.flatMap((tree) => tree.ids);
  // Closed before ended: what was let out and has not left stays here, so that the list below is whole.
  const lift = span('endings/close-calls', () => live.fence(tenant, ids));
  const left = await Promise.all(work.map((tree) => leftUnder(live, tenant, tree)));
  try {
    await span('endings/write-end', () =>
      ground.database.commit({
        tenant,
        changes: work.flatMap((tree) => changesOf(tree, causeOf(tree.top), ground.clock())),
        entries: work.map((tree, i) => tell(ground, tree, causeOf(tree.top), left[i] ?? [], ground.clock() - began)),
      }),
    );
  } catch (error) {
    lift();
    if (error instanceof Refusal && (error.code === 'state.changed' || error.code === 'approval.over')) return false;
    throw error;
  }
  span('endings/cut-calls', () => live.cut(tenant, ids));
  for (const approval of work.flatMap((tree) => tree.approvals)) bell?.ring(approval.id);
  // What another node let out in between is durable by now: none follows it.
  for (const call of [...left.flat(), ...(await live.sent(tenant, ids))]) inFlight.add(call);
  return true;
}

/** Calls that were let out, here and on other nodes. */
async function leftUnder(live: Live, tenant: TenantId, { ids, running }: Hanging): Promise<readonly EntryId[]> {
  return [...running, ...live.under(tenant, ids).map((call) => call.entry), ...(await live.sent(tenant, ids))];
}

function changesOf(tree: Hanging, { state, because }: Cause, endedAt: number): Change[] {
  return [
    ...tree.tasks.map((task) =>
      update(
        tasks,
        { id: task.id },
        { state, epoch: task.epoch + 1, endedAt, endedBecause: because },
        { where: { state: task.state, epoch: task.epoch } },
      ),
    ),
    ...tree.approvals.map((approval) => moveApproval(approval, { state: 'ended', sealed: null })),
  ];
}

function tell(
  ground: Ground,
  tree: Hanging,
  { state, who, because }: Cause,
  inFlight: readonly EntryId[],
  milliseconds: number,
): EntryDraft {
  const { top } = tree;
  return entry({
    id: ground.newId('entry'),
    kind: 'task.ended',
    who: { ...who, requester: who.requester ?? top.requester, agent: who.agent ?? top.agent },
    task: top.id,
    run: top.root,
    code: state,
    detail: { state, because, ended: endedOf(tree), inFlight: [...new Set(inFlight)], milliseconds },
  });
}
