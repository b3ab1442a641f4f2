import {
  AmbitRefusal,
  enrolWithPasskey,
  type KeptSession,
  type Me,
  newProofPair,
  type Operator,
  resumeSession as resumeKept,
  signInWithPasskey,
} from '@ambit/sdk/operator';
import { browserStore } from './browser-store.ts';
import { fetchAndHear, planeNow } from './reach.ts';

/** A person at this browser, known to the plane. */
export type Session = { readonly operator: Operator; readonly me: Me };

/** The token is of use with this very key only, whose private half nobody can read out: a copy of the store opens nothing. */
export type Kept = { readonly session: KeptSession; readonly proofKey: CryptoKeyPair };

const keptAs = 'session';
/** How the plane is spoken to from here, and by which device people prove themselves. */
export const ways = () => ({ url: location.origin, credentials, fetch: fetchAndHear, clock: planeNow });
const credentials = {
  create: (options: CredentialCreationOptions) => navigator.credentials.create(options),
  get: (options: CredentialRequestOptions) => navigator.credentials.get(options),
};

/** Passkeys belong to a name. At an address, such as 127.0.0.1, no browser makes or uses one. */
export const hasNoName = (origin: string): boolean => /^(\d{1,3}(\.\d{1,3}){3}|\[.*\])$/.test(new URL(origin).hostname);

/** The session that was opened at this browser before, or null where none stands. */
export async function resumeSession(): Promise<Session | null> {
  const kept = await browserStore.read<Kept>(keptAs);
  if (kept === undefined) return null;
  const operator = await resumeKept({ ...ways(), ...kept });
  try {
    return { operator, me: await operator.me() };
  } catch (error) {
    if (!isOver(error)) throw error;
    await browserStore.remove(keptAs);
    return null;
  }
}

/** Asks the device for a passkey; whoever it belongs to is signed in. */
export async function signIn(): Promise<Session> {
  const proofKey = await newProofPair();
  const { operator, session } = await signInWithPasskey({ ...ways(), proofKey });
  await browserStore.write(keptAs, { session, proofKey } satisfies Kept);
  return { operator, me: await operator.me() };
}

/** Goes on with a session that was opened another way. */
export async function keepSession(kept: Kept): Promise<Session> {
  await browserStore.write(keptAs, kept);
  const operator = await resumeKept({ ...ways(), ...kept });
  return { operator, me: await operator.me() };
}

/** Makes a passkey for the person whom the one-time code was issued for. */
export async function enrol(code: string, label: string): Promise<void> {
  await enrolWithPasskey({ ...ways(), code, label });
}

/** Ends the session at the plane and forgets it here. */
export async function leave({ operator }: Session): Promise<void> {
  await browserStore.remove(keptAs);
  await operator.close();
}

/** Whether the plane ended the session, whatever was asked. */
export const isOver = (error: unknown): boolean => error instanceof AmbitRefusal && error.status === 401;
