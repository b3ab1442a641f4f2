import type { EntryId, TaskId, TenantId } from '@ambit/protocol';
import { type Ground, refuse } from '../foundation/index.ts';

/** A call that is on its way from this process. */
export type OpenCall = {
  readonly tenant: TenantId;
  /** Its task and those above it: the end of any of them is the end of the call. */
  readonly tasks: readonly TaskId[];
  /** The entry that says, or will say, that it was let out. */
  readonly entry: EntryId;
};

/** Why an open call is cut: one of its tasks has ended, or this node cannot hear from its store whether one has. */
export type Cut = 'task ended' | 'cut off';

/** Hears at most once that a call is cut. */
export type CutSignal = {
  /** Null while nothing has ended. */
  readonly reason: Cut | null;
  /** Has `listener` called when it is cut, or never where it was before. */
  listen(listener: () => void): void;
  unlisten(): void;
};

export type Opened = {
  readonly ended: CutSignal;
  /** The last look before the first byte: refuses where one of the tasks has ended, or is being ended. */
  readonly lastLook: () => void;
  readonly close: () => void;
};

/** One for each call, and thousands a second: a field and a listener are all that it is. */
export class CutSwitch implements CutSignal {
  reason: Cut | null = null;
  #listener: (() => void) | undefined;

  listen(listener: () => void): void {
    this.#listener = listener;
  }

  unlisten(): void {
    this.#listener = undefined;
  }

  cut(reason: Cut): void {
    if (this.reason !== null) return;
    this.reason = reason;
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.();
  }
}

/** What an ending has to know of other nodes, where the store has any. */
export type Elsewhere = {
  /** Refuses where this node may not know of an ending. */
  readonly requireStanding: () => void;
  /** Calls under these tasks that were let out on any node and of which no outcome is known, or none was before that index of the log. */
  readonly sent: (tenant: TenantId, tasks: readonly TaskId[], since?: number) => Promise<readonly EntryId[]>;
};

/**
 * The open calls of this process, so that an ending can hold back what has not left and cut what streams. Whether
 * something may start at all stands in the rows of the tasks, and no decision reads it here. INVARIANT (ends together):
 * a call is opened before the unit that admits it. If that unit comes after the ending, it fails; if it came before,
 * the ending finds the call here.
 */
export type Live = {
  open(call: OpenCall): Opened;
  under(tenant: TenantId, tasks: readonly TaskId[]): readonly OpenCall[];
  /** From now on no call under these tasks sends its first byte. Answers how to lift it, where the ending failed. */
  fence(tenant: TenantId, tasks: readonly TaskId[]): () => void;
  /** Cuts what is open under these tasks. */
  cut(tenant: TenantId, tasks: readonly TaskId[]): void;
  /** Every task with an open call here. */
  tasks(): readonly { readonly tenant: TenantId; readonly task: TaskId }[];
  /** Nothing more is passed on to any caller here. */
  cutOff(): void;
  readonly sent: Elsewhere['sent'];
};

const nowhereElse: Elsewhere = { requireStanding: () => undefined, sent: async () => [] };

/** Between a decision and its first byte lie milliseconds; under a task that ended longer ago nothing was decided. */
const fencedMilliseconds = 600_000;

export function createLive({ clock }: Pick<Ground, 'clock'>, elsewhere: Elsewhere = nowhereElse): Live {
  // As many as there are connections; each leaves when its call ends.
  const calls = new Map<string, Map<OpenCall, CutSwitch>>();
  const fences = new Map<string, { readonly at: number }>();

  const isFenced = (call: OpenCall) => keysOf(call.tenant, call.tasks).some((key) => fences.has(key));
  const found = (tenant: TenantId, tasks: readonly TaskId[]) =>
    new Map(keysOf(tenant, tasks).flatMap((key) => [...(calls.get(key) ?? [])]));

  // The oldest fences come first: a Map keeps the order of insertion.
  function forgetOldFences(now: number): void {
    for (const [key, { at }] of fences) {
      if (now - at < fencedMilliseconds) return;
      fences.delete(key);
    }
  }

  return {
    open(call) {
      const ended = new CutSwitch();
      const keys = keysOf(call.tenant, call.tasks);
      for (const key of keys) calls.set(key, (calls.get(key) ?? new Map()).set(call, ended));
      return {
        ended,
        lastLook() {
          elsewhere.requireStanding();
          if (ended.reason === null && (fences.size === 0 || !isFenced(call))) return;
          throw refuse('task.ended', `a task of call ${call.entry} ended before its first byte`);
        },
        close() {
          for (const key of keys) {
            calls.get(key)?.delete(call);
            if (calls.get(key)?.size === 0) calls.delete(key);
          }
        },
      };
    },
    under: (tenant, tasks) => [...found(tenant, tasks).keys()],
    fence(tenant, tasks) {
      const mine = { at: clock() };
      forgetOldFences(mine.at);
      for (const key of keysOf(tenant, tasks)) if (!fences.has(key)) fences.set(key, mine);
      return () => {
        for (const [key, fence] of fences) if (fence === mine) fences.delete(key);
      };
    },
    cut(tenant, tasks) {
      for (const open of found(tenant, tasks).values()) open.cut('task ended');
    },
    tasks: () =>
      [...calls].map(([key, open]) => {
        const [{ tenant, tasks }] = open.keys().toArray() as [OpenCall];
        return { tenant, task: tasks.find((task) => keysOf(tenant, [task])[0] === key) as TaskId };
      }),
    cutOff() {
      for (const open of calls.values()) for (const one of open.values()) one.cut('cut off');
    },
    sent: elsewhere.sent,
  };
}

const keysOf = (tenant: TenantId, tasks: readonly TaskId[]) => tasks.map((task) => `${tenant}|${task}`);
