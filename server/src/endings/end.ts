import type { EntryId, TenantId, Who } from '@ambit/protocol';
import type { Ending } from '@ambit/protocol/wire';
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
import { elevations, rememberedAnswers, type Task, tasks } from '../tasks/index.ts';
import { type Ended, endedOf, type Hanging, hangingOn, type Left } from './hanging.ts';
import type { Live } from './live.ts';

export type { Ending };

/** How tasks end, and by whom. */
export type Cause = {
  readonly state: 'completed' | 'revoked' | 'expired';
  readonly who: Who;
  readonly because: string;
};

/** What ends beside tasks, in the same unit. */
export type Beside = {
  readonly changes: readonly Change[];
  readonly ended: readonly Ended[];
  readonly left: readonly Left[];
};

/** Where more ends than one tree of tasks, one entry lists all of it, beside those that tell it in each run. */
export type Listed = {
  /** Read anew for each round, like the tasks. */
  readonly beside: () => Promise<Beside>;
  readonly tell: (sum: Ending) => EntryDraft;
};

/** Where an ending reaches: the store, the open calls of this process, and whoever waits for an answer here. Others hear of it. */
export type Reach = { readonly ground: Ground; readonly live: Live; readonly bell?: Pick<Bell, 'ring'> };

const roundsMax = 20;
const nothing: Beside = { changes: [], ended: [], left: [] };

/**
 * Ends these tasks with all that hangs on them, in one unit, each for its cause. None may lie below another. A unit that
 * lost a race with an answer reads again: `topsOf` answers the tasks as they stand when it is asked.
 * INVARIANT (ends together): what a delegation or a question adds while this reads is dead by its chain from the first
 * unit on; the next round ends and lists it too, before this returns.
 */
export async function endAll(
  reach: Reach,
  tenant: TenantId,
  topsOf: () => Promise<readonly Task[]>,
  causeOf: (top: Task) => Cause,
  listed?: Listed,
): Promise<Ending> {
  const { ground } = reach;
  const began = ground.clock();
  const ended = new Map<string, Ended>();
  const left = new Map<string, Left>();
  const inFlight = new Set<EntryId>();
  let tops: readonly Task[] = [];
  for (let round = 1, toldOnce = listed === undefined; round <= roundsMax; round++) {
    tops = await topsOf();
    const work = await hangingOn(ground, tenant, tops);
    const beside = listed === undefined ? nothing : await listed.beside();
    if (work.length === 0 && beside.changes.length === 0 && toldOnce) {
      const milliseconds = ground.clock() - began;
      return { ended: [...ended.values()], inFlight: [...inFlight], left: [...left.values()], milliseconds };
    }
    if (!(await endOnce(reach, tenant, { work, beside, listed }, causeOf, began, inFlight))) continue;
    toldOnce = true;
    for (const one of [...work.flatMap(endedOf), ...beside.ended]) ended.set(one.id, one);
    for (const one of beside.left) left.set(one.id, one);
  }
  throw refuse('ending.busy', `${tops.map((top) => top.id).join(', ')} kept changing`);
}

type Round = { readonly work: readonly Hanging[]; readonly beside: Beside; readonly listed: Listed | undefined };

/** One unit. False where something moved since it was read; then nothing was changed. */
async function endOnce(
  { ground, live, bell }: Reach,
  tenant: TenantId,
  { work, beside, listed }: Round,
  causeOf: (top: Task) => Cause,
  began: number,
  inFlight: Set<EntryId>,
): Promise<boolean> {
  const ids = work.flatMap((tree) => tree.ids);
  // Closed before ended: what was let out and has not left stays here, so that the list below is whole.
  const lift = span('endings/close-calls', () => live.fence(tenant, ids));
  const under = await Promise.all(work.map((tree) => leftUnder(live, tenant, tree)));
  const sum = (): Ending => ({
    ended: [...new Map([...work.flatMap(endedOf), ...beside.ended].map((one) => [one.id, one])).values()],
    inFlight: [...new Set(under.flat())],
    left: beside.left,
    milliseconds: ground.clock() - began,
  });
  let endsAt: number | undefined;
  try {
    const written = await span('endings/write-end', () =>
      ground.database.commit({
        tenant,
        changes: [...work.flatMap((tree) => changesOf(tree, causeOf(tree.top), ground.clock())), ...beside.changes],
        entries: [
          ...work.map((tree, i) => tell(ground, tree, causeOf(tree.top), under[i] ?? [], ground.clock() - began)),
          ...(listed === undefined ? [] : [listed.tell(sum())]),
        ],
      }),
    );
    endsAt = written.entries[0]?.index;
  } catch (error) {
    lift();
    if (error instanceof Refusal && movedMeanwhile.has(error.code)) return false;
    throw error;
  }
  span('endings/cut-calls', () => live.cut(tenant, ids));
  for (const approval of work.flatMap((tree) => tree.approvals)) bell?.ring(approval.id);
  // What another node let out in between is durable by now, told or not by a node that has heard of the end: none follows it.
  for (const call of [...under.flat(), ...(await live.sent(tenant, ids, endsAt))]) inFlight.add(call);
  return true;
}

const movedMeanwhile: ReadonlySet<string> = new Set(['state.changed', 'approval.over', 'standing_grant.not_active']);

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
    ...tree.elevations.map(({ id }) =>
      update(elevations, { id }, { state: 'ended', endedAt }, { where: { state: 'standing' } }),
    ),
    ...tree.remembered.map(({ id }) =>
      update(rememberedAnswers, { id }, { state: 'ended', endedAt }, { where: { state: 'standing' } }),
    ),
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
