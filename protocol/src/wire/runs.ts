import type { EntryHeader, WorkloadKind } from '../entry.ts';
import type { AgentId, ApprovalId, EntryId, PersonId, TaskId } from '../ids.ts';
import type { DenialParts } from '../said/denials/denial-parts.ts';
import type { ChargeSaid } from '../said/denials/to-say.ts';
import type { Lane, RunLine, Touched } from '../said/run-lines.ts';
import type { Ended } from './endings.ts';

export type RunInShort = {
  readonly run: TaskId;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly requester: PersonId | null;
  readonly agent: AgentId | null;
  readonly kind: WorkloadKind;
  readonly index: number;
  /** How its first task stands. */
  readonly state: string | null;
  /** What it was opened for, in the words of whoever opened it. */
  readonly purpose: { readonly type: string; readonly text: string } | null;
  /** How its calls, and what else was asked for, were decided when they came. */
  readonly decided: {
    readonly permit: number;
    readonly ask: number;
    readonly deny: number;
    readonly isCut: boolean;
  };
};

/** One run, told in order: its tasks inside one another. */
export type Run = {
  /** The time of the plane, for countdowns. */
  readonly now: number;
  readonly state: string | null;
  /** What happened in the order of the log, in parts; and the tasks under which it did. */
  readonly lanes: readonly Lane[];
  readonly lines: readonly RunLine[];
  readonly touched: Touched;
  readonly run: TaskId;
  readonly requester: PersonId | null;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly lastAt: number;
  readonly entries: number;
  readonly tasks: readonly RunTask[];
  /** Names of the persons and agents in it, by id: what they are called, never who they are. */
  readonly names: Readonly<Record<string, string>>;
  /** The run is longer than what is shown. */
  readonly isCut: boolean;
};

export type RunTask = {
  readonly task: TaskId;
  readonly agent: AgentId | null;
  readonly requester: PersonId | null;
  /** Who opened it: a person, or the agent that delegated. */
  readonly initiator: string;
  readonly purpose: unknown;
  readonly authority: unknown;
  readonly expiresAt: number | null;
  /** The call that it was opened to take back. */
  readonly undoes: EntryId | null;
  readonly steps: readonly RunStep[];
  readonly tasks: readonly RunTask[];
};

/** One thing that was wanted or done, with everything that later entries said about it. */
export type RunStep = {
  readonly entry: EntryId;
  readonly index: number;
  readonly at: number;
  readonly kind: string;
  /** What that kind of entry means, in one sentence. */
  readonly says: string;
  readonly who: EntryHeader['who'];
  /** Whether the caller proved who it is; otherwise `who` has what the token says that came along. */
  readonly isProved: boolean;
  /** What the caller proved itself with. */
  readonly token: string | null;
  /** The downstream credential that was chosen for the call. It was lent only where the call was sent: see `outcome`. */
  readonly credential: string | null;
  readonly action: string | null;
  readonly keys: readonly string[];
  readonly asked:
    | { readonly method: string; readonly url: string; readonly arguments: Readonly<Record<string, unknown>> }
    | { readonly request: string }
    | null;
  /** The agent’s own words about it, quoted as its claim. They prove nothing. */
  readonly agentClaims: { readonly reason?: string; readonly step?: string; readonly toolCall?: string } | null;
  /** The W3C trace parent that came with the call and went on to the upstream. */
  readonly trace: string | null;
  readonly decided: EntryHeader['decision'];
  readonly code: string | null;
  readonly why: readonly string[];
  /** The same with the names of what said it. */
  readonly reasons: readonly { readonly source: string; readonly name: string; readonly reason: string }[];
  /** Why it was denied, in parts; null where it was not, or was written before there were parts. Its line says it in words. */
  readonly denial: RunDenial | null;
  /** What persons answered. */
  readonly answers: readonly {
    readonly entry: EntryId;
    readonly at: number;
    readonly by: string;
    readonly answer: string | null;
    readonly reason: string | null;
    /** How many questions the same signature answered. */
    readonly questions: number;
  }[];
  /** What was decided when it came again, after a person’s yes. */
  readonly decidedAgain: EntryHeader['decision'];
  /** Why it was denied then, with the code; null where it was not, or that has no parts. */
  readonly deniedAgain: (RunDenial & { readonly code: string }) | null;
  readonly outcome: {
    readonly entry: EntryId;
    readonly at: number;
    /** `done`, `failed` or `unknown` where it was sent; otherwise how the question ended. */
    readonly code: string | null;
    readonly status: number | null;
    readonly why: readonly string[];
    /** What of ours kept it here after it was permitted, such as a credential that could not be lent; null where nothing did. */
    readonly refused: (RunDenial & { readonly code: string }) | null;
  } | null;
  /** The question that it became; and the one that was asked anew, where what was shown had moved. */
  readonly approval: ApprovalId | null;
  readonly successor: ApprovalId | null;
  /** Of a question the digest of all that was shown, which whoever answers signs. */
  readonly digest: string | null;
  /** Other entries about it, e.g. that it was taken up again. */
  readonly afterwards: readonly {
    readonly entry: EntryId;
    readonly at: number;
    readonly kind: string;
    readonly code: string | null;
  }[];
  /** What an entry says of a task or a token; what it does not say is null. */
  readonly facts: {
    /** What the task gives, or was narrowed to. */
    readonly authority: unknown;
    readonly token: string | null;
    /** The API that a token is for, where it is for one. */
    readonly resource: string | null;
    /** When a token ends, in epoch milliseconds. */
    readonly until: number | null;
    /** Why it was done, in the words of whoever did it. */
    readonly because: string | null;
  };
  /** What ended with a task, and how long it took, on the entry of its end. */
  readonly ended: { readonly what: readonly Ended[]; readonly milliseconds: number | null } | null;
  /** What the same agent did next under the same task. */
  readonly next: EntryId | null;
};

/** Why something was denied, in parts, with what else of its entry they speak of. */
type RunDenial = {
  readonly parts: DenialParts;
  readonly because: string;
  readonly charges: readonly ChargeSaid[];
};

/** `names` says what the persons and agents of these runs are called. */
export type RunPage = {
  readonly now: number;
  readonly runs: readonly RunInShort[];
  readonly names: Readonly<Record<string, string>>;
  readonly next: number | null;
};
