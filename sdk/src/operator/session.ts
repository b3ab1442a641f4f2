import { mediaType, type PersonId, type TenantId, utf8 } from '@ambit/protocol';
import { signAssertion } from '../wire/assertion.ts';
import { newProofKey, type SigningKey } from '../wire/key.ts';
import { send, type Wire } from '../wire/wire.ts';
import { readAnswer } from './read-answer.ts';

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
export type Sessions = {
  readonly current: () => Promise<Session>;
  /** Forgets `session`, so that the next request opens another. */
  readonly drop: (session: Session) => void;
  /** The session that is open now, if one is; it opens none. */
  readonly opened: () => Session | undefined;
};

const assertionSeconds = 60;
const renewedBeforeMilliseconds = 30_000;

/** Keeps one session for `person`, who signs for each new one with `key`. */
export function createSessions(wire: Wire, person: PersonId, key: SigningKey): Sessions {
  let session: Session | undefined;
  let opening: Promise<Session> | undefined;

  async function open(): Promise<Session> {
    try {
      session = await openSession(wire, person, key);
      return session;
    } finally {
      opening = undefined;
    }
  }

  return {
    async current() {
      if (session !== undefined && wire.clock() < session.expiresAt - renewedBeforeMilliseconds) return session;
      // Whoever comes while one is being opened gets that one.
      opening ??= open();
      return opening;
    },
    drop(old) {
      if (session === old) session = undefined;
    },
    opened: () => session,
  };
}

async function openSession(wire: Wire, person: PersonId, key: SigningKey): Promise<Session> {
  // The person’s own key signs for the session once; the requests in it are signed by a key that dies with the process.
  const proofKey = await newProofKey();
  const about = { subject: person, audience: wire.origin, now: wire.clock(), lifeSeconds: assertionSeconds };
  const assertion = await signAssertion(key, { ...about, jkt: proofKey.thumbprint });
  const response = await send(wire, proofKey, {
    method: 'POST',
    path: '/v1/sessions',
    headers: { 'content-type': mediaType.json },
    body: new Uint8Array(utf8(JSON.stringify({ assertion }))),
  });
  return { ...(await readAnswer<Omit<Session, 'proofKey'>>(response)), proofKey };
}
