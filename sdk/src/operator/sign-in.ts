import type { SignInProviderId } from '@ambit/protocol';
import type { ProviderSession } from '@ambit/protocol/wire';
import { askWithKey } from '../wire/asked.ts';
import { type KeyInput, openKey } from '../wire/key.ts';
import { type Beneath, openWire } from '../wire/wire.ts';

type AtPlane = Beneath & {
  /** Origin of the people’s listener, e.g. `https://ambit.example`. */
  readonly url: string;
  /**
   * The key that the session will be bound to. A page keeps the pair where it outlives the way to the provider and back
   * (IndexedDB), made so that it cannot be read out.
   */
  readonly proofKey: KeyInput;
};

export type StartingSignIn = AtPlane & {
  readonly provider: SignInProviderId;
  /** The person shall prove anew who they are, unless they did so that many seconds ago. */
  readonly maxAgeSeconds?: number;
  /** How the person shall prove it, best first, separated by spaces (OpenID Connect Core §3.1.2.1). */
  readonly acrValues?: string;
};

/** Begins to sign in through the organisation’s provider: send the browser to `url`. */
export async function startSignIn({ url, proofKey, provider, maxAgeSeconds, acrValues, ...beneath }: StartingSignIn) {
  return askWithKey(openWire(url, beneath), await openKey(proofKey), 'POST /v1/sign-in/oidc/start', {
    body: {
      provider,
      ...(maxAgeSeconds !== undefined && { maxAgeSeconds }),
      ...(acrValues !== undefined && { acrValues }),
    },
  });
}

export type FinishingSignIn = AtPlane & {
  /** The query with which the browser came back. */
  readonly returned: URLSearchParams;
};

/**
 * Opens the session, with the key that began it. Throws `AmbitRefusal`: `sign_in.refused` where anything does not fit,
 * `sign_in.unknown_person` where nobody here is known by it.
 */
export async function finishSignIn({ returned, url, proofKey, ...beneath }: FinishingSignIn): Promise<ProviderSession> {
  const [code, iss, error] = ['code', 'iss', 'error'].map((name) => returned.get(name) ?? undefined);
  return askWithKey(openWire(url, beneath), await openKey(proofKey), 'POST /v1/sign-in/oidc/finish', {
    body: {
      state: returned.get('state') ?? '',
      ...(code !== undefined && { code }),
      ...(iss !== undefined && { iss }),
      ...(error !== undefined && { error }),
    },
  });
}
