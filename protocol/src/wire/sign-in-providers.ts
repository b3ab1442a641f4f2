import type { Authority } from '../authority/authority.ts';
import type { PersonId, SignInProviderId, TenantId } from '../ids.ts';
import type { PublicJwk } from '../signature.ts';
import type { Role } from './persons.ts';

/** The organisation’s OpenID provider, whose word on who somebody is opens sessions. */
export type SignInProvider = {
  readonly id: SignInProviderId;
  readonly name: string;
  /** As `iss` says it, letter by letter. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientAuth: 'private_key_jwt' | 'client_secret_basic' | 'client_secret_post';
  /** What to register there as the client’s key; null where it has a secret. */
  readonly clientKey: (PublicJwk & { readonly kid: string; readonly use: 'sig'; readonly alg: 'ES256' }) | null;
  /** What to register there as the client’s redirect URI. */
  readonly redirectUri: string;
  /** Domains whose verified addresses find the person of that address. Empty: only who was linked is found. */
  readonly emailDomains: readonly string[];
  /** The roles with which unknown people of these domains are registered; null where they are nobody. */
  readonly creates: readonly Role[] | null;
  /** The claim that lists groups; null where groups give nothing. */
  readonly groupsClaim: string | null;
  readonly setBy: PersonId;
  /** Epoch milliseconds. */
  readonly setAt: number;
};

export type NewSignInProvider = {
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  /** `private_key_jwt` with a key of Ambit’s making, unless a secret is given. */
  readonly clientAuth?: SignInProvider['clientAuth'];
  readonly secret?: string;
  /** Domains whose verified addresses find the person of that address. */
  readonly emailDomains?: readonly string[];
  /** The roles with which unknown people of these domains are registered; null, which it is unless given: they are not. */
  readonly creates?: readonly Role[] | null;
  readonly groupsClaim?: string | null;
};

/** Who somebody of a provider is here. */
export type SignInLink = {
  readonly provider: SignInProviderId;
  /** `sub`, which the provider gives to nobody else, ever (OpenID Connect Core §8). */
  readonly subject: string;
  readonly person: PersonId;
  /** What the person holds by groups of the provider. */
  readonly roles: readonly Role[];
  readonly delegable: Authority;
  /** Null where a verified address found the person. */
  readonly linkedBy: PersonId | null;
  readonly linkedAt: number;
};

export type SignInGroup = {
  readonly group: string;
  readonly roles: readonly Role[];
  readonly delegable: Authority;
};

/** The session that a provider opened. Its token is of use with the proof key only. */
export type ProviderSession = {
  readonly tenant: TenantId;
  readonly person: PersonId;
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** When the person proved who they are, in epoch milliseconds; null where the provider does not say. */
  readonly authTime: number | null;
  readonly acr: string;
  /** Where the browser goes to sign out at the provider too. */
  readonly endSessionUrl: string | null;
};
