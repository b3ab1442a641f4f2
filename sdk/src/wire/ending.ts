import type { AgentId, ApprovalId, EntryId, TaskId, TokenId } from '@ambit/protocol';

/** What ended, and what it was part of. */
export type Ended =
  | { readonly kind: 'task'; readonly id: TaskId; readonly of: AgentId }
  | { readonly kind: 'token'; readonly id: TokenId; readonly of: TaskId | AgentId }
  | { readonly kind: 'approval'; readonly id: ApprovalId; readonly of: TaskId };

/** Everything that ended at once. */
export type Ending = {
  readonly ended: readonly Ended[];
  /** Calls that had been let out: cut where they still streamed. */
  readonly inFlight: readonly EntryId[];
  readonly milliseconds: number;
};
