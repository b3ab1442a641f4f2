import type { EnrolmentId, PersonId } from '@ambit/protocol';

/** A one-time invitation to bring a key. The code itself is shown once and kept as a hash. */
export type Enrolment = {
  readonly id: EnrolmentId;
  readonly person: PersonId;
  readonly codeHash: string;
  readonly state: 'open' | 'used' | 'withdrawn';
  /** Null where the plane itself issued it, for the first administrator. */
  readonly issuedBy: PersonId | null;
  readonly issuedAt: number;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
};

export const enrolmentSecondsDefault = 24 * 3600;
