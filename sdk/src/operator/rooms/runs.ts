import type {
  AgentId,
  ApprovalId,
  ChargeSaid,
  DenialParts,
  EntryHeader,
  EntryId,
  Lane,
  PersonId,
  RunLine,
  TaskId,
  Touched,
  WorkloadKind,
} from '@ambit/protocol';
import type { Ended } from '../../wire/ending.ts';
import { at } from '../../wire/path.ts';
import { type Ask, query } from '../request.ts';

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
  /** How its calls were decided when they came; null where the run is not known. */
  readonly decided: {
    readonly permit: number;
    readonly ask: number;
    readonly deny: number;
    readonly isCut: boolean;
  } | null;
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
  /** The run is longer than what is shown. */
  /** Names of the persons and agents in it, by id: what they are called, never who they are. */
  readonly names: Readonly<Record<string, string>>;
  readonly isCut: boolean;
};

export type RunTask = {
  readonly task: TaskId;
  readonly agent: AgentId | null;
  readonly requester: PersonId | null;
  /** A person, or the agent that delegated. */
  readonly initiator: string;
  readonly purpose: unknown;
  readonly authority: unknown;
  readonly expiresAt: number | null;
  readonly steps: readonly RunStep[];
  readonly tasks: readonly RunTask[];
};

/** One thing that was wanted or done, with everything that was said about it later. */
export type RunStep = {
  readonly entry: EntryId;
  readonly index: number;
  readonly at: number;
  readonly kind: string;
  readonly says: string;
  readonly who: EntryHeader['who'];
  readonly token: string | null;
  readonly credential: string | null;
  readonly action: string | null;
  readonly keys: readonly string[];
  readonly asked:
    | { readonly method: string; readonly url: string; readonly arguments: Readonly<Record<string, unknown>> }
    | { readonly request: string }
    | null;
  /** The agent’s own words. They prove nothing. */
  /** The W3C trace parent that came with the call and went on to the upstream. */
  readonly trace: string | null;
  readonly agentClaims: { readonly reason?: string; readonly step?: string; readonly toolCall?: string } | null;
  readonly decided: EntryHeader['decision'];
  readonly code: string | null;
  readonly why: readonly string[];
  readonly reasons: readonly { readonly source: string; readonly name: string; readonly reason: string }[];
  /** The parts of a denial, with what else of its entry they speak of; null where there are none. Its line says it in words. */
  readonly denial: {
    readonly parts: DenialParts;
    readonly because: string;
    readonly charges: readonly ChargeSaid[];
  } | null;
  readonly answers: readonly {
    readonly entry: EntryId;
    readonly at: number;
    readonly by: string;
    readonly answer: string | null;
    readonly reason: string | null;
    /** How many questions the same signature answered. */
    readonly questions: number;
  }[];
  readonly decidedAgain: EntryHeader['decision'];
  readonly outcome: {
    readonly entry: EntryId;
    readonly at: number;
    /** `done`, `failed` or `unknown` where it was sent; otherwise how the question ended. */
    readonly code: string | null;
    readonly status: number | null;
    readonly why: readonly string[];
  } | null;
  readonly approval: ApprovalId | null;
  readonly successor: ApprovalId | null;
  readonly afterwards: readonly {
    readonly entry: EntryId;
    readonly at: number;
    readonly kind: string;
    readonly code: string | null;
  }[];
  /** What the entry says of a task or a token. */
  readonly facts: {
    readonly authority: unknown;
    readonly token: string | null;
    readonly resource: string | null;
    readonly until: number | null;
    readonly because: string | null;
  };
  /** What the same agent did next under the same task. */
  /** What ended with a task, on the entry of its end. */
  readonly ended: { readonly what: readonly Ended[]; readonly milliseconds: number | null } | null;
  readonly next: EntryId | null;
};

/** `names` says what the persons and agents of these runs are called. */
export type RunPage = {
  readonly now: number;
  readonly runs: readonly RunInShort[];
  readonly names: Readonly<Record<string, string>>;
  readonly next: number | null;
};

export type Runs = ReturnType<typeof runsRoom>;

export function runsRoom({ json }: Ask) {
  return {
    /** One’s own, newest first; all of them for an auditor. Go on with `before: next` until `next` is null. */
    list: (page: { readonly before?: number; readonly limit?: number; readonly kind?: WorkloadKind } = {}) =>
      json<RunPage>('GET', `/v1/runs${query(page)}`),
    show: (run: TaskId) => json<Run>('GET', at('/v1/runs/', run)),
  };
}
