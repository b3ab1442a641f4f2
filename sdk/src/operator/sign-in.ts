import { mediaType, type SignInProviderId, utf8 } from '@ambit/protocol';
import type { ProviderSession } from '@ambit/protocol/wire';
import { type KeyInput, openKey } from '../wire/key.ts';
import { readAnswer } from '../wire/read-answer.ts';
import { type Beneath, openWire, send } from '../wire/wire.ts';

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
  const body = { provider, maxAgeSeconds, acrValues };
  return post<{ readonly url: string; readonly expiresAt: number }>({ url, proofKey, ...beneath }, 'start', body);
}

export type FinishingSignIn = AtPlane & {
  /** The query with which the browser came back. */
  readonly returned: URLSearchParams;
};

/**
 * Opens the session, with the key that began it. Throws `AmbitRefusal`: `sign_in.refused` where anything does not fit,
 * `sign_in.unknown_person` where nobody here is known by it.
 */
export async function finishSignIn({ returned, ...at }: FinishingSignIn): Promise<ProviderSession> {
  const of = (name: string) => returned.get(name) ?? undefined;
  return post(at, 'finish', { state: of('state') ?? '', code: of('code'), iss: of('iss'), error: of('error') });
}

async function post<T>({ url, proofKey, ...beneath }: AtPlane, step: string, body: object): Promise<T> {
  const sending = { method: 'POST', path: `/v1/sign-in/oidc/${step}`, headers: { 'content-type': mediaType.json } };
  const bytes = new Uint8Array(utf8(JSON.stringify(body)));
  return readAnswer(await send(openWire(url, beneath), await openKey(proofKey), { ...sending, body: bytes }));
}
