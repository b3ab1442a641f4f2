import type { EntryHeader } from './entry.ts';
import type { AgentId, ApprovalId, EntryId, TaskId } from './ids.ts';

/**
 * What `GET /v1/live` tells a signed-in person as it happens: that something changed, and what to read anew. No event
 * holds what was changed. Each carries the length of the log up to which everything was told; that is where to go on.
 */
export type LiveEvent =
  /** The first one: what is read from now on is no older than this. Times are epoch milliseconds of the plane. */
  | { readonly type: 'open'; readonly now: number; readonly size: number }
  | {
      readonly type: 'approval';
      readonly what: 'asked' | 'answered' | 'ended';
      readonly approval: ApprovalId;
      readonly task: TaskId;
      readonly run: TaskId;
    }
  /** An entry of a run; `about` is the earlier one that it completes. */
  | {
      readonly type: 'line';
      readonly run: TaskId;
      readonly task: TaskId | null;
      readonly entry: EntryId;
      readonly about: EntryId | null;
      readonly kind: string;
      readonly decision: EntryHeader['decision'];
    }
  | {
      readonly type: 'task';
      readonly what: 'opened' | 'changed' | 'ended';
      readonly task: TaskId;
      readonly run: TaskId;
    }
  /** `kind` is that of the entry that tells it, e.g. `identity.agent-suspended`. */
  | { readonly type: 'agent'; readonly agent: AgentId; readonly kind: string }
  | { readonly type: 'catalog' | 'policy' }
  /** Something was put up for a second person, or answered, or it was set whether two are wanted. */
  | { readonly type: 'proposal' }
  | { readonly type: 'log'; readonly now: number; readonly size: number }
  /** More happened than is told one by one: everything shown has to be read anew. */
  | { readonly type: 'gap' }
  /** The last one. `signed-out` and `roles` are about the person, `plane` about the node: another stream may be opened. */
  | { readonly type: 'end'; readonly because: 'signed-out' | 'roles' | 'plane' };
