import type { PersonId, SessionId } from '@ambit/protocol';
import type { SignIn } from './sign-in/sign-in-provider.ts';

/** A person's session: an opaque token bound to one proof key. It is alive while its person is, and what opened it. */
export type Session = {
  readonly id: SessionId;
  readonly person: PersonId;
  readonly tokenHash: string;
  /** Thumbprint of the key that must sign every proof. */
  readonly jkt: string;
  /** What opened it: the thumbprint of an enrolled key, or the id of a provider of sign-ins. */
  readonly openedWith: string;
  readonly state: 'open' | 'closed';
  readonly openedAt: number;
  readonly expiresAt: number;
  /** What the provider said; null where a key opened it. */
  readonly signIn: SignIn | null;
};

/** When the person last proved who they are, in epoch milliseconds, and by what. Undefined is never fresh. */
export const authenticatedAtOf = ({ openedAt, signIn }: Session): number | undefined =>
  signIn === null ? openedAt : (signIn.authTime ?? undefined);

export const sessionSecondsMax = 8 * 3600;
