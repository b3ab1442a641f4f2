import type { EntryId, TaskId, TenantId, Who } from '@ambit/protocol';
import {
  type Change,
  type Check,
  check,
  type Ground,
  insert,
  remove,
  type Table,
  table,
  update,
} from '../foundation/index.ts';

/** A write of which nobody knows whether it happened. The next one of the same digest is a person's decision. */
export type UnknownEffect = {
  readonly digest: string;
  /** The entry of the outcome that was unknown. */
  readonly entry: EntryId;
  readonly at: number;
  readonly state: 'open' | 'looked';
};

const unknownEffects: Table<UnknownEffect> = table<UnknownEffect>('unknown_effects', {
  columns: { digest: 'text', entry: 'text', at: 'integer', state: 'text' },
  key: ['digest'],
  governed: true,
});

export const findUnknownEffect = (ground: Ground, tenant: TenantId, digest: string) =>
  ground.database.find(unknownEffects, tenant, { digest });

export const rememberUnknown = (known: UnknownEffect | undefined, effect: UnknownEffect): Change =>
  known === undefined
    ? insert(unknownEffects, effect, 'state.changed')
    : update(unknownEffects, { digest: effect.digest }, effect);

/** A person looked and said yes: the question is answered for what happened before, not for what comes. */
export const lookedAt = (digest: string): Change => update(unknownEffects, { digest }, { state: 'looked' });

/** A call that was let out and of which no outcome is written yet: what a crash leaves behind. */
export type SentCall = {
  /** The entry that permits it. */
  readonly entry: EntryId;
  /** Which node sends it. */
  readonly process: string;
  readonly who: Who;
  readonly task: string;
  readonly run: string;
  readonly action: string;
  readonly keys: readonly string[];
  /** Of a write, what it is remembered by when nobody can tell how it ended; null of a read. */
  readonly effect: string | null;
  /** 1 when its caller has left and waits for no outcome: whoever sends the same then does not know of this one. */
  readonly callerLeft: 0 | 1;
  /** What no second call may have while this one is under way; null of a read, and of a write that a person let out. */
  readonly alone: string | null;
};

// Not governed: each row comes with the entry that permits the call, and goes with the one that tells its outcome.
const sentCalls: Table<SentCall> = table<SentCall>('sent_calls', {
  columns: {
    entry: 'text',
    process: 'text',
    who: 'json',
    task: 'text',
    run: 'text',
    action: 'text',
    keys: 'json',
    effect: 'text',
    callerLeft: 'integer',
    alone: 'text',
  },
  key: ['entry'],
  unique: [['alone']],
  indexes: [['effect']],
  governed: false,
});

/** INVARIANT (retry-after-unknown): of equal writes of one run that are sent at once, the writer lets out one. */
export const addSent = (call: SentCall): Change => insert(sentCalls, call, 'state.changed');
export const leaveSent = (entry: EntryId): Change => update(sentCalls, { entry }, { callerLeft: 1 });
export const dropSent = (entry: EntryId): Change => remove(sentCalls, { entry });
export const findSent = (ground: Ground, tenant: TenantId, entry: EntryId) =>
  ground.database.find(sentCalls, tenant, { entry });
/** INVARIANT (record first): one outcome of a call is told. Who is first is the one; `thing.not_found` to the other. */
export const isUntold = (entry: EntryId): Check => check(sentCalls, { entry }, {}, 'thing.not_found');
/**
 * Calls under these tasks that were let out, on whichever node, and of which no outcome is told yet; or, with `since`, none was
 * before that index of the log: another node that hears of an ending may cut a call and tell it before the ending looks.
 */
export async function sentUnder(
  ground: Ground,
  tenant: TenantId,
  tasks: readonly TaskId[],
  since?: number,
): Promise<EntryId[]> {
  const found: EntryId[] = [];
  for (let i = 0; i < tasks.length; i += askedAtOnceMax) {
    const where = { task: tasks.slice(i, i + askedAtOnceMax) };
    const calls = await ground.database.list(sentCalls, tenant, { where, limit: 10_000 });
    found.push(...calls.map((call) => call.entry));
  }
  // In this order: what is told in between stands in one of both.
  return since === undefined ? found : [...found, ...(await toldSince(ground, tenant, new Set(tasks), since))];
}

async function toldSince({ database }: Ground, tenant: TenantId, tasks: ReadonlySet<TaskId>, since: number) {
  const found: EntryId[] = [];
  for (let from = since; ; ) {
    const page = await database.log.entries(tenant, { kind: 'call.outcome', from, limit: toldAtOnce });
    for (const { header } of page)
      if (header.about !== null && header.task !== null && tasks.has(header.task)) found.push(header.about);
    const last = page.at(-1);
    if (last === undefined || page.length < toldAtOnce) return found;
    from = last.index + 1;
  }
}

const toldAtOnce = 1000;
/** So that a question has an end, however many tasks it is about. */
const askedAtOnceMax = 200;

export const listSent = (ground: Ground, tenant: TenantId, limit: number) =>
  ground.database.list(sentCalls, tenant, { limit });

/**
 * THREATS: retry-after-unknown. The entry of a write with this digest of which nobody knows the outcome: it ended as
 * unknown and nobody has looked, or it is still under way, and either it belongs to the same run or the one who sent it
 * has hung up.
 */
export async function findInDoubt(
  ground: Ground,
  tenant: TenantId,
  { digest, run }: { readonly digest: string; readonly run: TaskId },
): Promise<EntryId | undefined> {
  const unknown = await findUnknownEffect(ground, tenant, digest);
  if (unknown?.state === 'open') return unknown.entry;
  const sent = (where: { readonly run: TaskId } | { readonly callerLeft: 1 }) =>
    ground.database.list(sentCalls, tenant, { where: { effect: digest, ...where }, limit: 1 });
  const [underWay] = await sent({ run });
  return (underWay ?? (await sent({ callerLeft: 1 }))[0])?.entry;
}

export const aloneAs = (run: TaskId, digest: string) => `${run}|${digest}`;
