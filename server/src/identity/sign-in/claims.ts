import { acr as ours } from '@ambit/protocol';
import { authorizationCodeGrant, type Configuration, fetchUserInfo } from 'openid-client';
import { refuse } from '../../foundation/index.ts';
import type { Flow } from './flow.ts';
import { becauseOf } from './provider-clients.ts';
import type { SignIn, SignInProvider } from './sign-in-provider.ts';

/** What came back with the browser (RFC 6749 §4.1.2, RFC 9207). */
export type Returned = {
  readonly state: string;
  readonly code?: string | undefined;
  readonly iss?: string | undefined;
  readonly error?: string | undefined;
};

export type ProvedClaims = {
  readonly signIn: SignIn;
  /** Null unless the provider says that the address is verified. */
  readonly email: string | null;
  readonly name: string | null;
  /** Null where groups give nothing, or the provider did not tell them. */
  readonly groups: readonly string[] | null;
};

/** What the provider answered instead of a code needs no question to it, and neither does what has none. */
export function requireCode({ error, code }: Returned): void {
  if (error !== undefined) throw refuse('sign_in.refused', `the provider answered ${error}`);
  if (code === undefined) throw refuse('sign_in.refused', 'it came back without a code');
}

/**
 * Exchanges the code, and believes what a signed ID token for this very client, flow and moment says (OpenID Connect Core
 * §3.1.3.7). Refuses with `sign_in.refused`.
 */
export async function provedClaims(
  client: Configuration,
  provider: SignInProvider,
  redirectUri: string,
  flow: Flow,
  { state, code, iss }: Returned,
): Promise<ProvedClaims> {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries({ state, code, iss }))
    if (value !== undefined) url.searchParams.set(name, value);
  const maxAge = flow.maxAgeSeconds === null ? {} : { maxAge: flow.maxAgeSeconds };
  const checks = { expectedState: state, expectedNonce: flow.nonce, pkceCodeVerifier: flow.verifier, ...maxAge };
  try {
    const tokens = await authorizationCodeGrant(client, url, checks);
    const claims = tokens.claims();
    if (claims === undefined || claims.iss !== provider.issuer) throw new Error('there is no ID token of that issuer');
    const needed = ['email', ...(provider.groupsClaim === null ? [] : [provider.groupsClaim])];
    const more =
      needed.every((name) => claims[name] !== undefined) || client.serverMetadata().userinfo_endpoint === undefined
        ? {}
        : await fetchUserInfo(client, tokens.access_token, claims.sub);
    return readClaims({ ...more, ...claims }, provider);
  } catch (fault) {
    throw refuse('sign_in.refused', `${provider.issuer}: ${becauseOf(fault)}`);
  }
}

const textMax = 254;
const groupsReadMax = 5000;

function readClaims(claims: Readonly<Record<string, unknown>>, { groupsClaim }: SignInProvider): ProvedClaims {
  const { sub, auth_time: at, acr, email, email_verified: isVerified, name } = claims;
  if (typeof sub !== 'string' || sub.length > 255) throw new Error('sub is none');
  return {
    signIn: {
      subject: sub,
      authTime: typeof at === 'number' ? at * 1000 : null,
      // What Ambit itself says of its own keys is nobody else's to say.
      acr: isText(acr) && !acr.startsWith('urn:ambit:') ? acr : ours.provider,
    },
    email: isText(email) && isVerified === true ? email : null,
    name: isText(name) ? name : null,
    groups: groupsClaim === null ? null : readGroups(claims[groupsClaim]),
  };
}

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= textMax;

function readGroups(value: unknown): readonly string[] | null {
  const all = typeof value === 'string' ? [value] : value;
  return Array.isArray(all) && all.length <= groupsReadMax && all.every((one) => typeof one === 'string') ? all : null;
}
