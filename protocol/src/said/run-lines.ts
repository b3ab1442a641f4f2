import type { EntryHeader } from '../entry.ts';
import type { ApprovalId, EntryId, PersonId, TaskId } from '../ids.ts';
import type { DenialSaid } from './denials/say-denial.ts';
import type { Part, ValuePart } from './parts.ts';
import type { GrantLine } from './say-grant.ts';

/** One task of a run: a lane of its own. */
export type Lane = {
  readonly task: TaskId;
  readonly parent: TaskId | null;
  readonly depth: number;
  readonly agent: Part | null;
  readonly requester: Part | null;
  /** Who wrote what the task says: its purpose, and the reasons of its asks. */
  readonly writtenBy: 'person' | 'agent';
  readonly purpose: unknown;
  readonly expiresAt: number | null;
  /** The call that it was opened to take back, by a person and no agent. */
  readonly undoes: EntryId | null;
};

/** One thing that was wanted or done, in parts; the steps of the story hold the same as data. */
export type RunLine = {
  readonly entry: EntryId;
  readonly index: number;
  readonly at: number;
  /** The task it was done under. */
  readonly lane: TaskId;
  readonly kind: string;
  readonly decision: EntryHeader['decision'];
  /** A read that the plane made for whoever answers, before it asked: nothing that the agent wanted. */
  readonly isLook: boolean;
  readonly code: string | null;
  readonly action: string | null;
  readonly keys: readonly string[];
  /** What was wanted, or what happened: `Refund 80.00 USD for order 1042`. */
  readonly sentence: readonly Part[];
  /** The whole of it, with how it was decided and why. */
  readonly told: readonly Part[];
  /** What a task may do from here on, in words: on the lines by which it was opened, handed on or narrowed. */
  readonly gives: readonly GrantLine[];
  /** Why it was denied, for people; null where it was not, or was written before a denial was kept in parts: then `why` has its text. */
  readonly denied: DenialSaid | null;
  readonly why: readonly { readonly name: string; readonly reason: ValuePart }[];
  readonly answers: readonly {
    readonly at: number;
    readonly answer: string | null;
    readonly sentence: readonly Part[];
  }[];
  readonly outcome: { readonly at: number; readonly code: string | null; readonly sentence: readonly Part[] } | null;
  /** Where what was shown had moved, so that it was not sent: the question that was asked anew, and its line where there is one. */
  readonly moved: {
    readonly approval: ApprovalId;
    readonly index: number | null;
    readonly sentence: readonly Part[];
  } | null;
  /** The agent's own words, to be quoted under the sentence that says whose they are. */
  readonly claim: { readonly sentence: readonly Part[]; readonly text: string } | null;
  /** Whether it can be taken back, and how that went; null where nothing was changed. */
  readonly undo: RunUndo | null;
};

/** What became of the newest attempt to take a call back. Of `begun`, `asked` and `sent` more is to come. */
export type UndoState = 'begun' | 'asked' | 'sent' | 'done' | 'failed' | 'unknown' | 'denied' | 'said-no' | 'ended';

export type RunUndo = {
  /** The action that takes it back; null where the catalog names none. */
  readonly action: string | null;
  /** `Can be undone until … by ….`, `Can be made up for by …, which is a new call.` or `Can’t be undone.`; and whether somebody else has to ask for it. */
  readonly sentence: readonly Part[];
  /** Epoch milliseconds; null where nobody said until when. */
  readonly until: number | null;
  /** Whether who reads this may ask for it, as far as that can be told: `POST /v1/log/entries/{id}/undo`. It is decided like any call. */
  readonly isOpen: boolean;
  readonly attempt: {
    readonly task: TaskId;
    /** The line of its call, where there is one yet. */
    readonly index: number | null;
    readonly state: UndoState;
    readonly sentence: readonly Part[];
    /** Who asked for it: they may withdraw it by ending the task, as long as nothing was sent. */
    readonly by: PersonId | null;
    /** The question that it waits for, and when its task ends, which ends it too; null where it waits for none. */
    readonly question: { readonly approval: ApprovalId; readonly until: number | null } | null;
  } | null;
};

/** What a run touched, resource by resource, and what was stopped. */
export type Touched = {
  readonly sentence: readonly Part[];
  readonly resources: readonly TouchedResource[];
  readonly stopped: {
    /** Calls that were denied. */
    readonly denied: number;
    /** What was denied and is no call: a token, a part of the task, more than it gives. */
    readonly refused: number;
    readonly saidNo: number;
    readonly unanswered: number;
  };
};

export type TouchedResource = {
  /** `shop:order/1042`; the action's own name where it is about no resource. */
  readonly key: string;
  readonly reads: number;
  readonly writes: number;
  /** Writes whose outcome nobody knows. */
  readonly unknown: number;
  readonly amounts: readonly { readonly amount: string; readonly currency: string }[];
};
