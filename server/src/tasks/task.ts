import type {
  AgentId,
  Authority,
  EntryId,
  PersonId,
  StandingGrantId,
  TaskId,
  TemplateId,
  TemplateKeyId,
  TokenId,
} from '@ambit/protocol';

/** Why a task is done: one of the tenant's purpose types for rules, and free text for people. */
export type Purpose = { readonly type: string; readonly text: string };

/** What made the task lawful: the proof of the person who asked, a grant the owner signed, a parent task, or an approver. */
export type Origin =
  /** `undoes` is the entry of the call that the task was opened to take back, by that person and no agent of others. */
  | { readonly by: 'person'; readonly proof: string; readonly undoes?: EntryId }
  /** `templateKey` is the static key that opened it, and that alone can use it; agents that opened it themselves have none. */
  | { readonly by: 'standing-grant'; readonly grant: StandingGrantId; readonly templateKey?: TemplateKeyId }
  /** `token` is the one that the parent's agent delegated with; tasks of before it was kept name none. */
  | { readonly by: 'delegation'; readonly parent: TaskId; readonly token?: TokenId };

/** RFC 9068 §2.2.1: `auth_time` in epoch milliseconds, and `acr`. */
export type Authenticated = { readonly at: number; readonly acr: string };

export type TaskState = 'requested' | 'approved' | 'active' | 'completed' | 'revoked' | 'expired';

/**
 * Authority belongs to a task. It owns every token, sub-task, loan and approval made under it; they are alive if and
 * only if it is, and every task above it.
 */
export type Task = {
  readonly id: TaskId;
  readonly parent: TaskId | null;
  /** The task that the run began with; its own id for a task without a parent. */
  readonly root: TaskId;
  /** 0 for a task without a parent. At most `depthMax`. */
  readonly depth: number;
  /** Null where the agent opened it alone: then the agent itself is the requester. */
  readonly requester: PersonId | null;
  readonly agent: AgentId;
  readonly purposeType: string;
  readonly purposeText: string;
  readonly authority: Authority;
  readonly origin: Origin;
  readonly template: TemplateId | null;
  /** When, and how well, whoever asked last proved who they are; null where no person did. Read on the root of a chain. */
  readonly authenticated: Authenticated | null;
  /** Which agents may take over from this one; null for any. A child's are never more than its parent's. */
  readonly delegates: readonly AgentId[] | null;
  readonly state: TaskState;
  /** Rises with every change of state or authority; the last check before the first byte compares it. */
  readonly epoch: number;
  readonly openedAt: number;
  /** Epoch milliseconds; never after its parent's. */
  readonly expiresAt: number;
  /** Thumbprint of the key that signs the proofs of this task, from the moment it was accepted. */
  readonly acceptedJkt: string | null;
  /** Thumbprint of the agent's registered key that accepted it. */
  readonly acceptedKey: string | null;
  readonly endedAt: number | null;
  readonly endedBecause: string | null;
};

/** They stand in every token of the task. */
export const delegatesMax = 16;

/** RFC 8693 chains deeper than this are refused: nobody reads them. */
export const depthMax = 5;

/** Alive: its state says so and its time has not come. Of a chain, every link must be. */
export function isLive(task: Task, now: number): boolean {
  return (task.state === 'active' || task.state === 'approved') && now < task.expiresAt;
}

/** A task and its ancestors, the task itself first, the one a person opened last. */
export type Chain = readonly [Task, ...Task[]];
