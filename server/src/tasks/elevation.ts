import type { AgentId, ApprovalId, Authority, ElevationId, TaskId } from '@ambit/protocol';

/**
 * More than its task gives, by a person's yes, for a time: exactly these grants, for this one task. It stands beside the
 * task's own authority and never in it, so that it has counters of its own, and ends without a trace in the task.
 */
export type Elevation = {
  readonly id: ElevationId;
  readonly task: TaskId;
  readonly run: TaskId;
  readonly agent: AgentId;
  readonly authority: Authority;
  /** The question that it is the answer to. */
  readonly approval: ApprovalId;
  /** `expired` by itself, `ended` by a person or with its task. */
  readonly state: 'standing' | 'expired' | 'ended';
  readonly grantedAt: number;
  /** Epoch milliseconds; never after its task's. */
  readonly expiresAt: number;
  readonly endedAt: number | null;
};

/** How many of one task may stand at once. */
export const elevationsMax = 16;

export const isStanding = ({ state, expiresAt }: Elevation, now: number): boolean =>
  state === 'standing' && now < expiresAt;
