import type {
  AgentId,
  AgentUserId,
  ApprovalId,
  ElevationId,
  EntryId,
  PersonId,
  RememberedId,
  StandingGrantId,
  TaskId,
  TokenId,
} from '../ids.ts';

/** What ended, and what it was part of. */
export type Ended =
  | { readonly kind: 'task'; readonly id: TaskId; readonly of: AgentId }
  | { readonly kind: 'token'; readonly id: TokenId; readonly of: TaskId | AgentId }
  | { readonly kind: 'approval'; readonly id: ApprovalId; readonly of: TaskId }
  | { readonly kind: 'elevation'; readonly id: ElevationId; readonly of: TaskId }
  | { readonly kind: 'remembered'; readonly id: RememberedId; readonly of: TaskId }
  | { readonly kind: 'standing-grant'; readonly id: StandingGrantId; readonly of: AgentId };

/** What is still there and can do nothing: it needs a new owner, or has to be removed where it lives. */
export type Left =
  | { readonly kind: 'agent'; readonly id: AgentId; readonly of: PersonId }
  | {
      readonly kind: 'agent-user';
      readonly id: AgentUserId;
      readonly of: AgentId;
      readonly api: string;
      readonly externalId: string;
    };

/** Everything that ended at once. */
export type Ending = {
  readonly ended: readonly Ended[];
  /** Calls that had been let out: cut where they still streamed. */
  readonly inFlight: readonly EntryId[];
  readonly left: readonly Left[];
  readonly milliseconds: number;
};
