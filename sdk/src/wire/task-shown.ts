import type {
  AgentId,
  Authority,
  PersonId,
  StandingGrantId,
  TaskId,
  TemplateId,
  TemplateKeyId,
  TokenId,
} from '@ambit/protocol';

/** Why a task is done: one of the tenant’s purpose types for rules, and free text for people. */
export type Purpose = { readonly type: string; readonly text: string };

export type TaskState = 'requested' | 'approved' | 'active' | 'completed' | 'revoked' | 'expired';

/** What made the task lawful. */
export type TaskOrigin =
  | { readonly by: 'person'; readonly proof: string }
  /** `templateKey` is the static key that opened it. */
  | { readonly by: 'standing-grant'; readonly grant: StandingGrantId; readonly templateKey?: TemplateKeyId }
  | { readonly by: 'delegation'; readonly parent: TaskId; readonly token?: TokenId };

/** A task as the plane shows it. Times are epoch milliseconds. */
export type TaskShown = {
  readonly id: TaskId;
  readonly parent: TaskId | null;
  /** The task that the run began with. */
  readonly root: TaskId;
  /** 0 for a task without a parent, at most 5. */
  readonly depth: number;
  /** Null where the agent opened it alone. */
  readonly requester: PersonId | null;
  readonly agent: AgentId;
  readonly purpose: Purpose;
  readonly authority: Authority;
  readonly origin: TaskOrigin;
  readonly template: TemplateId | null;
  /** When, and how well, whoever asked last proved who they are; null where no person did. */
  readonly authenticated: { readonly at: number; readonly acr: string } | null;
  /** Which agents may take over from this one; null for any. */
  readonly delegates: readonly AgentId[] | null;
  readonly state: TaskState;
  readonly epoch: number;
  readonly openedAt: number;
  readonly expiresAt: number;
  /** Thumbprints of the proof key and of the registered key that accepted it. */
  readonly acceptedJkt: string | null;
  readonly acceptedKey: string | null;
  readonly endedAt: number | null;
  readonly endedBecause: string | null;
};
