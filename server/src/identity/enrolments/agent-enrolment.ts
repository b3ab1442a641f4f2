import type { AgentId, EnrolmentId, PersonId } from '@ambit/protocol';

/** A one-time code by which an agent brings a key of its own. The code itself is shown once and kept as a hash. */
export type AgentEnrolment = {
  readonly id: EnrolmentId;
  readonly agent: AgentId;
  readonly codeHash: string;
  readonly state: 'open' | 'used' | 'withdrawn';
  /** How long the key holds that comes by it, in seconds; null for as long as the agent. */
  readonly keySeconds: number | null;
  /** Who answers for the key: the code is worth what this person may still do. */
  readonly issuedBy: PersonId;
  readonly issuedAt: number;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
};

export const agentEnrolmentSecondsDefault = 900;
export const agentEnrolmentSecondsMax = 86_400;
/** Keys that come by a code or by an outside identity hold this long at most, where that is said at all. */
export const enrolledKeySecondsMax = 90 * 86_400;
