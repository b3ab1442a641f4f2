import type { PersonId, TenantId } from '@ambit/protocol';
import { askWithKey } from '../wire/asked.ts';
import { signAssertion } from '../wire/assertion.ts';
import { newProofKey, type SigningKey } from '../wire/key.ts';
import { refusalFrom } from '../wire/refusal.ts';
import { type Renewed, renewed } from '../wire/renewed.ts';
import type { Wire } from '../wire/wire.ts';

/** A session at the plane: an opaque token that is of use only with `proofKey`. */
export type Session = {
  readonly tenant: TenantId;
  readonly person: PersonId;
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly proofKey: SigningKey;
};

/** The session in use; opened when it is first needed and again when it is about to end. */
export type Sessions = Renewed<Session>;

const assertionSeconds = 60;
const earlyMilliseconds = 30_000;

/** Keeps one session for `person`, who signs for each new one with `key`. */
export function createSessions(wire: Wire, person: PersonId, key: SigningKey): Sessions {
  const make = () => openSession(wire, person, key);
  return renewed({ make, clock: wire.clock, earlyMilliseconds: () => earlyMilliseconds });
}

async function openSession(wire: Wire, person: PersonId, key: SigningKey): Promise<Session> {
  // The person’s own key signs for the session once; the requests in it are signed by a key that dies with the process.
  const proofKey = await newProofKey();
  const about = { subject: person, audience: wire.origin, now: wire.clock(), lifeSeconds: assertionSeconds };
  const assertion = await signAssertion(key, { ...about, confirmation: { jkt: proofKey.thumbprint } });
  return { ...(await askWithKey(wire, proofKey, 'POST /v1/sessions', { body: { assertion } })), proofKey };
}

/** One session of somebody who signed in by hand: only that person opens another. */
export function heldSession(session: Session, clock: () => number): Sessions {
  let isOver = false;
  return {
    async current() {
      if (!isOver && clock() < session.expiresAt) return session;
      const says = 'The session is over. Sign in again.';
      throw refusalFrom({ code: 'session.invalid', status: 401, says, entry: null, retryAfterSeconds: null });
    },
    drop(old) {
      isOver ||= old === session;
    },
    made: () => (isOver ? undefined : session),
  };
}
