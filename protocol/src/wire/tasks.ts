import type { Authority } from '../authority/authority.ts';
import type {
  AgentId,
  ApprovalId,
  ElevationId,
  EntryId,
  PersonId,
  StandingGrantId,
  TaskId,
  TemplateId,
  TemplateKeyId,
  TokenId,
} from '../ids.ts';

/** Why a task is done: one of the tenant’s purpose types for rules, and free text for people. */
export type Purpose = { readonly type: string; readonly text: string };

export type TaskState = 'requested' | 'approved' | 'active' | 'completed' | 'revoked' | 'expired';

/** What made the task lawful: the proof of the person who asked, a grant the owner signed, or a parent task. */
export type TaskOrigin =
  /** `undoes` is the entry of the call that the task was opened to take back, by that person and no agent of others. */
  | { readonly by: 'person'; readonly proof: string; readonly undoes?: EntryId }
  /** `templateKey` is the static key that opened it, and that alone can use it; agents that opened it themselves have none. */
  | { readonly by: 'standing-grant'; readonly grant: StandingGrantId; readonly templateKey?: TemplateKeyId }
  /** `token` is the one that the parent's agent delegated with; tasks of before it was kept name none. */
  | { readonly by: 'delegation'; readonly parent: TaskId; readonly token?: TokenId };

/** A task as the plane shows it. Times are epoch milliseconds. */
export type TaskShown = {
  readonly id: TaskId;
  readonly parent: TaskId | null;
  /** The task that the run began with; its own id for a task without a parent. */
  readonly root: TaskId;
  /** 0 for a task without a parent, at most 5. */
  readonly depth: number;
  /** Null where the agent opened it alone: then the agent itself is the requester. */
  readonly requester: PersonId | null;
  readonly agent: AgentId;
  readonly purpose: Purpose;
  readonly authority: Authority;
  readonly origin: TaskOrigin;
  readonly template: TemplateId | null;
  /** When, and how well, whoever asked last proved who they are; null where no person did. */
  readonly authenticated: { readonly at: number; readonly acr: string } | null;
  /** Which agents may take over from this one; null for any. A child's are never more than its parent's. */
  readonly delegates: readonly AgentId[] | null;
  readonly state: TaskState;
  /** Rises with every change of state or authority; the last check before the first byte compares it. */
  readonly epoch: number;
  readonly openedAt: number;
  /** Never after its parent's. */
  readonly expiresAt: number;
  /** Thumbprint of the key that signs the proofs of this task, from the moment it was accepted. */
  readonly acceptedJkt: string | null;
  /** Thumbprint of the agent's registered key that accepted it. */
  readonly acceptedKey: string | null;
  readonly endedAt: number | null;
  readonly endedBecause: string | null;
};

/** What a task gives: authority in full, or a template with its parameters filled. */
export type NewTask = {
  readonly agent: AgentId;
  /** The type is one of `purposes()`; the text is for people. */
  readonly purpose: Purpose;
  /** 10 and up. */
  readonly ttlSeconds: number;
  /** Which agents may take over part of it (`may_act`); any, unless said. */
  readonly delegates?: readonly AgentId[];
} & (
  | { readonly authority: Authority }
  | { readonly template: { readonly id: TemplateId; readonly parameters: Readonly<Record<string, string>> } }
);

export type PurposeType = { readonly name: string; readonly says: string; readonly state: 'active' | 'retired' };

export type TemplateParameter = { readonly name: string; readonly says: string; readonly lengthMax: number };

/** A grant with holes: `{order}` in a constraint is filled from a parameter when a task is opened from it. */
export type Template = {
  readonly id: TemplateId;
  readonly name: string;
  readonly purposeType: string;
  /** Authority in which strings may hold `{parameter}`, whole or as part of a longer text. */
  readonly grants: Authority;
  readonly parameters: readonly TemplateParameter[];
  readonly ttlSecondsMax: number;
  readonly state: 'active' | 'retired';
};

/** A task, all tasks of its run, and what these got beside their authority. */
export type TaskRun = {
  readonly task: TaskShown;
  readonly run: readonly TaskShown[];
  readonly elevations: readonly Elevation[];
};

/**
 * More than its task gives, by a person's yes, for a time: exactly these grants, for this one task. It stands beside the
 * task's own authority and never in it, so that it has counters of its own. Times are epoch milliseconds.
 */
export type Elevation = {
  readonly id: ElevationId;
  readonly task: TaskId;
  readonly run: TaskId;
  readonly agent: AgentId;
  readonly authority: Authority;
  /** The question that a person said yes to. */
  readonly approval: ApprovalId;
  /** `expired` by itself, `ended` by a person or with its task. */
  readonly state: 'standing' | 'expired' | 'ended';
  readonly grantedAt: number;
  /** Never after its task's. */
  readonly expiresAt: number;
  readonly endedAt: number | null;
};
