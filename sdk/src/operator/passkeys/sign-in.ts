import { askWithKey } from '../../wire/asked.ts';
import { type KeyInput, newProofKey, openKey } from '../../wire/key.ts';
import { type Beneath, openWire, type Wire } from '../../wire/wire.ts';
import { type Operator, operatorOver } from '../connect-operator.ts';
import { heldSession, type Session } from '../session.ts';
import { type BrowserCredentials, getAssertion } from './credentials.ts';
import { passkeySigner } from './sign-with-passkey.ts';

export type SigningIn = Beneath & {
  /** Origin of the people’s listener, e.g. `https://ambit.example`. */
  readonly url: string;
  /** `navigator.credentials`. */
  readonly credentials: BrowserCredentials;
  /** The key that the session is bound to; one that dies with the page, unless said. See `newProofPair`. */
  readonly proofKey?: KeyInput;
};

/** What a page keeps of a session, beside its proof key. Without that key the token opens nothing. */
export type KeptSession = Omit<Session, 'proofKey'>;

export type SignedIn = { readonly operator: Operator; readonly session: KeptSession };

/**
 * Opens a session for whoever the passkey belongs to that the person picks. Throws `PasskeyFault` where the device did
 * not confirm, `AmbitRefusal` where the plane did not take it. When the session is over, methods throw `Unauthenticated`
 * with the code `session.invalid`: have the person sign in again.
 */
export async function signInWithPasskey({ url, credentials, proofKey, ...beneath }: SigningIn): Promise<SignedIn> {
  const wire = openWire(url, beneath);
  const key = proofKey === undefined ? await newProofKey() : await openKey(proofKey);
  const { publicKey } = await askWithKey(wire, key, 'POST /v1/sessions/passkey/options', { body: {} });
  const credential = await getAssertion(credentials, publicKey);
  const opened = await askWithKey(wire, key, 'POST /v1/sessions/passkey', { body: { credential } });
  const { tenant, person, token, expiresAt } = opened;
  const session = { tenant, person, token, expiresAt };
  return { operator: operatorOf(wire, { ...session, proofKey: key }, credentials), session };
}

export type Resuming = Beneath & {
  readonly url: string;
  readonly session: KeptSession;
  /** The very key that the session was opened with. */
  readonly proofKey: KeyInput;
  readonly credentials: BrowserCredentials;
};

/** Goes on with a session that was opened before, e.g. before the page was loaded again. Asks the plane nothing yet. */
export async function resumeSession({ url, session, proofKey, credentials, ...beneath }: Resuming): Promise<Operator> {
  return operatorOf(openWire(url, beneath), { ...session, proofKey: await openKey(proofKey) }, credentials);
}

function operatorOf(wire: Wire, session: Session, credentials: BrowserCredentials): Operator {
  const { person, tenant } = session;
  return operatorOver(wire, heldSession(session, wire.clock), ({ json }) => ({
    person,
    tenant: async () => tenant,
    clock: wire.clock,
    sign: passkeySigner(credentials, json),
  }));
}
