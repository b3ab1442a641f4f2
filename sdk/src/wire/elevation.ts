import type { AgentId, ApprovalId, Authority, ElevationId, TaskId } from '@ambit/protocol';

/** What a task may do beside what it was opened for. Times are epoch milliseconds. */
export type Elevation = {
  readonly id: ElevationId;
  readonly task: TaskId;
  readonly run: TaskId;
  readonly agent: AgentId;
  readonly authority: Authority;
  /** The question that a person said yes to. */
  readonly approval: ApprovalId;
  readonly state: 'standing' | 'expired' | 'ended';
  readonly grantedAt: number;
  readonly expiresAt: number;
  readonly endedAt: number | null;
};
