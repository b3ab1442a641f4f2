import { parseId, type SignInProviderId } from '@ambit/protocol';
import { finishSignIn, newProofPair, startSignIn } from '@ambit/sdk/operator';
import { browserStore } from './browser-store.ts';
import { keepSession, type Session, ways } from './session.ts';

/** What has to outlive the way to the provider and back: the session will be bound to this very key. */
type Begun = { readonly provider: SignInProviderId; readonly proofKey: CryptoKeyPair; readonly next: string };

const begunAs = 'signing-in';
const providerAs = 'provider';

export type KnownProvider = {
  readonly id: SignInProviderId;
  /** Somebody signed in here by it before. */
  readonly isUsed: boolean;
};

/** The provider that the address names, or else the one by which somebody signed in here before. */
export async function knownProvider(named: string | undefined): Promise<KnownProvider | null> {
  const used = await browserStore.read<string>(providerAs);
  const id = parseId('signInProvider', named ?? used);
  return id === undefined ? null : { id, isUsed: id === used };
}

/** The way to a provider: `host` is where it leads, and `go` takes the browser there. */
export type WayToProvider = { readonly host: string; readonly go: () => Promise<void> };

export async function startThroughProvider(provider: SignInProviderId, next: string): Promise<WayToProvider> {
  const proofKey = await newProofPair();
  const { url } = await startSignIn({ ...ways(), proofKey, provider });
  return {
    host: new URL(url).host,
    async go() {
      await browserStore.write(begunAs, { provider, proofKey, next } satisfies Begun);
      location.assign(url);
    },
  };
}

/** Opens the session with what the browser brought back. Each way is gone once. */
export async function finishThroughProvider(returned: URLSearchParams): Promise<{ session: Session; next: string }> {
  const begun = await browserStore.read<Begun>(begunAs);
  await browserStore.remove(begunAs);
  if (begun === undefined)
    throw new Error('This browser did not begin to sign in here, or has finished already. Begin again.');
  const { provider, proofKey, next } = begun;
  const { tenant, person, token, expiresAt } = await finishSignIn({ ...ways(), proofKey, returned });
  const session = await keepSession({ session: { tenant, person, token, expiresAt }, proofKey });
  await browserStore.write(providerAs, provider);
  return { session, next };
}
