import type { PersonId, SessionId } from '@ambit/protocol';

/** A person's session: an opaque token bound to one proof key. It is alive while its person and key are. */
export type Session = {
  readonly id: SessionId;
  readonly person: PersonId;
  readonly tokenHash: string;
  /** Thumbprint of the key that must sign every proof. */
  readonly jkt: string;
  /** Thumbprint of the enrolled key that opened it. */
  readonly openedWith: string;
  readonly state: 'open' | 'closed';
  readonly openedAt: number;
  readonly expiresAt: number;
};

export const sessionSecondsMax = 8 * 3600;
