import { randomUUID } from 'node:crypto';
import type { SignInProviderId } from '@ambit/protocol';
import { buildAuthorizationUrl, calculatePKCECodeChallenge, randomNonce, randomPKCECodeVerifier } from 'openid-client';
import { type Ground, refuse, span } from '../../foundation/index.ts';
import type { Proof } from '../proof.ts';
import { sessionSecondsMax } from '../session.ts';
import { tenantOfSubject } from '../store.ts';
import type { CodePace } from './code-pace.ts';
import { flowSeconds, sealFlow } from './flow.ts';
import type { ProviderClients, Seal } from './provider-clients.ts';
import { findProvider } from './store.ts';

/** What signing in stands on. `door.origin` is the public address of the people's listener. */
export type SignInParts = {
  readonly ground: Ground;
  readonly door: { readonly origin: string };
  readonly seal: Seal;
  readonly clients: ProviderClients;
  readonly pace: CodePace;
};

export const redirectUriOf = ({ origin }: SignInParts['door']): string => `${origin}/sign-in/callback`;

export type Starting = {
  readonly provider: SignInProviderId;
  /** The person shall prove anew who they are, unless they did so that many seconds ago. */
  readonly maxAgeSeconds?: number | undefined;
  readonly acrValues?: string | undefined;
  readonly proof: Proof;
};

/** Where a browser goes to sign in: OpenID Connect Core §3.1.2.1, with PKCE (RFC 7636). Nothing is written. */
export function startSignIn(
  { ground, door, seal, clients }: SignInParts,
  { provider: id, maxAgeSeconds, acrValues, proof }: Starting,
): Promise<{ readonly url: string; readonly expiresAt: number }> {
  return span('identity/start-sign-in', async () => {
    const tenant = await tenantOfSubject(ground, id);
    const provider = tenant && (await findProvider(ground, tenant, id));
    if (tenant === undefined || provider?.state !== 'active') throw refuse('thing.not_found', `no provider ${id}`);
    const client = await clients.of(tenant, provider);
    const [verifier, nonce] = [randomPKCECodeVerifier(), randomNonce()];
    const expiresAt = ground.clock() + flowSeconds * 1000;
    const { jkt } = proof;
    const flow = {
      id: randomUUID(),
      provider: id,
      jkt,
      nonce,
      verifier,
      maxAgeSeconds: maxAgeSeconds ?? null,
      expiresAt,
    };
    const url = buildAuthorizationUrl(client, {
      response_type: 'code',
      redirect_uri: redirectUriOf(door),
      scope: 'openid email profile',
      state: sealFlow(seal, flow),
      nonce,
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      // Asked for always, so that providers say when it was (OpenID Connect Core §2, auth_time).
      max_age: `${maxAgeSeconds ?? sessionSecondsMax}`,
      ...(acrValues !== undefined && { acr_values: acrValues }),
    });
    return { url: url.href, expiresAt };
  });
}
