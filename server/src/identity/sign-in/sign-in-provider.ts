import type { Authority, PersonId, SignInProviderId } from '@ambit/protocol';
import type { PublicJwk } from '../key.ts';
import type { Role } from '../person.ts';

export const clientAuths = ['private_key_jwt', 'client_secret_basic', 'client_secret_post'] as const;
export type ClientAuthName = (typeof clientAuths)[number];

/** The organisation's OpenID provider, whose word on who somebody is opens sessions here. */
export type SignInProvider = {
  readonly id: SignInProviderId;
  readonly name: string;
  /** As `iss` says it, letter by letter. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientAuth: ClientAuthName;
  /** The private key (a JWK) or the secret of the client, in a box that opens for this row alone. */
  readonly sealed: string;
  /** What the provider verifies the client by; null where that has a secret. */
  readonly clientKey: PublicJwk | null;
  /** Domains whose verified addresses find the person of that address. Empty: only who was linked is found. */
  readonly emailDomains: readonly string[];
  /** The roles with which unknown people of these domains are registered; null where they are nobody. */
  readonly creates: readonly Role[] | null;
  /** The claim that lists groups; null where groups give nothing. */
  readonly groupsClaim: string | null;
  readonly state: 'active' | 'removed';
  readonly setBy: PersonId;
  readonly setAt: number;
};

/** Who somebody of a provider is here, and what that person holds because of groups there. */
export type SignInLink = {
  readonly provider: SignInProviderId;
  /** `sub`, which the provider gives to nobody else, ever (OpenID Connect Core §8). */
  readonly subject: string;
  readonly person: PersonId;
  readonly roles: readonly Role[];
  readonly delegable: Authority;
  /** Null where a verified address found the person. */
  readonly linkedBy: PersonId | null;
  readonly linkedAt: number;
};

/** What a group at the provider gives to its members here. */
export type SignInGroup = {
  readonly provider: SignInProviderId;
  readonly group: string;
  readonly roles: readonly Role[];
  readonly delegable: Authority;
  readonly setBy: PersonId;
  readonly setAt: number;
};

/** How a provider proved who opened a session; kept with it. */
export type SignIn = {
  readonly subject: string;
  /** `auth_time` in epoch milliseconds; null where the provider did not say, which is never fresh. */
  readonly authTime: number | null;
  readonly acr: string;
};

export const providerResource = (id: string): string => `ambit:sign-in-provider/${id}`;
