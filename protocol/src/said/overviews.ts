import type { Authority, Grant } from '../authority/authority.ts';
import type { AgentId, ApprovalId, EnrolmentId, EntryId, KeyId, PersonId, StandingGrantId, TaskId } from '../ids.ts';
import type { ShownBudget } from './approval-card.ts';

/** A limit with what was spent of it; `now` is nothing, and `left` null where nothing is left. */
export type LimitLeft = ShownBudget & {
  readonly actions: readonly string[];
  /** The place of its grant in the authority. */
  readonly grant: number;
  /** The span it counts in; null where it counts in all. */
  readonly seconds: number | null;
};

/** Authority for a while, with what is left of each of its limits. */
export type AuthorityLeft = {
  readonly authority: Authority;
  readonly budget: readonly LimitLeft[];
  /** Epoch milliseconds. */
  readonly expiresAt: number;
};

/** One live task of an agent: whoever holds the agent's key acts within it, and within the elevations that stand beside it. */
export type OpenTask = AuthorityLeft & {
  readonly task: TaskId;
  readonly run: TaskId;
  readonly purpose: { readonly type: string; readonly text: string };
  /** `approved` until the agent has taken it. */
  readonly state: 'approved' | 'active';
  readonly openedAt: number;
  readonly elevations: readonly AuthorityLeft[];
};

/** One task that acts for a person. */
export type ActingTask = {
  readonly task: TaskId;
  /** The task that the run began with. */
  readonly run: TaskId;
  /** The task it was delegated from; null where the person opened it. */
  readonly parent: TaskId | null;
  readonly agent: AgentId;
  readonly agentName: string | null;
  readonly purpose: { readonly type: string; readonly text: string };
  /** `approved` until an agent has taken it. */
  readonly state: 'approved' | 'active';
  readonly openedAt: number;
  readonly expiresAt: number;
  /** What it may do, grant by grant, in words. */
  readonly may: readonly string[];
  readonly budget: readonly LimitLeft[];
  /** Questions under it that wait for somebody. */
  readonly questions: number;
  /** Elevations of it that stand. */
  readonly elevations: number;
  /** Yeses that are remembered for it, and stand. */
  readonly remembered: number;
};

/** What acts for the caller now. `now` is the time of the plane, for countdowns. */
export type Acting = { readonly now: number; readonly tasks: readonly ActingTask[] };

/** What a suspension would end, as it stands. */
export type Hanging = {
  readonly tasks: number;
  readonly tokens: number;
  readonly questions: number;
  readonly elevations: number;
  /** Yeses that are remembered for calls to come. */
  readonly remembered: number;
  /** Approved calls that are on their way, and come to their own end. */
  readonly running: number;
};

export type ActionUse = {
  readonly action: string;
  readonly permit: number;
  readonly ask: number;
  readonly deny: number;
  readonly lastAt: number;
};

/** An agent on one page. `hanging`, `open`, `used`, `runs` and `codes` are null for those who may not read what it did. */
export type AgentOverview = {
  readonly now: number;
  readonly agent: AgentId;
  readonly name: string;
  readonly kind: string;
  readonly state: string;
  readonly team: string;
  readonly purpose: string;
  readonly environment: string;
  readonly zone: string;
  readonly expiresAt: number;
  readonly owner: { readonly person: PersonId; readonly name: string | null; readonly state: string | null };
  readonly keys: readonly {
    readonly id: KeyId;
    readonly thumbprint: string;
    readonly ageMs: number;
    readonly notAfter: number;
    readonly holds: boolean;
    /** When an instance was last seen with it; null where none is known. */
    readonly lastSeenAt: number | null;
  }[];
  /** Its ceiling, grant by grant, in words. */
  readonly may: readonly { readonly sentence: string; readonly actions: readonly string[] }[];
  /** What is left of each limit of its ceiling, over all tasks. */
  readonly budget: readonly LimitLeft[];
  readonly standingGrants: readonly (AuthorityLeft & {
    readonly id: StandingGrantId;
    readonly may: readonly string[];
  })[];
  readonly hanging: Hanging | null;
  /** Its live tasks, the newest first; `isWhole` is false where they are more than are listed. */
  readonly open: { readonly isWhole: boolean; readonly tasks: readonly OpenTask[] } | null;
  /** What it used of what it may; `isWhole` is false where it did more than is looked through. */
  readonly used: {
    readonly since: number;
    readonly isWhole: boolean;
    readonly actions: readonly ActionUse[];
    /** Actions of its ceiling without a call in that time. */
    readonly unused: readonly string[];
  } | null;
  readonly runs:
    | readonly {
        readonly run: TaskId;
        readonly task: TaskId;
        readonly requester: PersonId | null;
        readonly purpose: { readonly type: string; readonly text: string };
        readonly state: string;
        readonly openedAt: number;
        readonly expiresAt: number;
      }[]
    | null;
  /** One-time codes by which it may still bring a key; the code itself is known to whoever got it. */
  readonly codes:
    | readonly {
        readonly id: EnrolmentId;
        readonly issuedBy: PersonId;
        readonly issuedAt: number;
        readonly expiresAt: number;
        /** How long the key will hold, in seconds; null for as long as the agent. */
        readonly keySeconds: number | null;
      }[]
    | null;
};

/**
 * A task that could undo one call: nothing is done until a person opens it, and the call it gives is decided like any other.
 * `missing` names arguments that nobody could tell, which have to be written into `where` first.
 */
export type UndoTask = {
  readonly entry: EntryId;
  readonly action: string;
  /** `DELETE https://api.example.com/v3/refunds/{refundId}`: that action, and where its API lives, as the catalog has it now. */
  readonly call: string;
  readonly arguments: Readonly<Record<string, string | number | boolean>>;
  readonly missing: readonly string[];
  /** Why whoever asks may not take it back themselves; null where nothing that they may delegate stands in the way. */
  readonly beyond: string | null;
  /** Of the action, its call and its arguments, as shown: whoever presses Undo says by it what they have seen. */
  readonly digest: string;
  readonly task: {
    readonly agent: AgentId;
    readonly purpose: { readonly type: string; readonly text: string };
    readonly authority: readonly Grant[];
    readonly ttlSeconds: number;
  };
};

/** How taking a call back began: decided at once, or asked. Its run tells the rest. */
export type UndoAnswer = {
  readonly task: TaskId;
  readonly run: TaskId;
  /** The entry of the decision; null where it could not be written. */
  readonly entry: EntryId | null;
} & (
  | { readonly kind: 'asked'; readonly approval: ApprovalId }
  | { readonly kind: 'denied'; readonly code: string; readonly says: string }
  | { readonly kind: 'done' | 'failed' | 'unknown'; readonly status: number | null; readonly because: string }
);
