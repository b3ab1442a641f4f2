import type { PersonId } from '@ambit/protocol';
import { AmbitRefusal, connectOperator, enrol, type Me, type Operator } from '@ambit/sdk/operator';
import { browserStore } from './browser-store.ts';
import { fetchAndHear, planeNow } from './reach.ts';

/** A person at this browser, known to the plane. */
export type Session = { readonly operator: Operator; readonly me: Me };

type Kept = { readonly person: PersonId; readonly key: CryptoKeyPair };

const keptAs = 'person';
const beneath = { fetch: fetchAndHear, clock: planeNow };

/** The session of whoever signed in at this browser before, or null where nobody did. */
export async function resumeSession(): Promise<Session | null> {
  const kept = await browserStore.read<Kept>(keptAs);
  if (kept === undefined) return null;
  try {
    return await open(kept);
  } catch (error) {
    // The key was revoked, or the person is disabled: whoever sits here signs in again.
    if (error instanceof AmbitRefusal && error.status === 401) return null;
    throw error;
  }
}

/** Enrols a key that never leaves this browser, by the one-time code that an administrator handed out. */
export async function enterWithCode(code: string): Promise<Session> {
  const key = (await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'sign',
    'verify',
  ])) as CryptoKeyPair;
  const { person } = await enrol({ url: location.origin, code, key, label: 'browser', ...beneath });
  await browserStore.write(keptAs, { person, key } satisfies Kept);
  return open({ person, key });
}

/** Ends the session at the plane and forgets it here. */
export async function leave({ operator }: Session): Promise<void> {
  await browserStore.remove(keptAs);
  await operator.close();
}

async function open({ person, key }: Kept): Promise<Session> {
  const operator = await connectOperator({ url: location.origin, person, key, ...beneath });
  return { operator, me: await operator.me() };
}
