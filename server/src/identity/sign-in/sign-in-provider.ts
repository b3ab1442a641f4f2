import type { PersonId, PublicJwk, SignInProviderId } from '@ambit/protocol';
import type { SignInGroup as GroupTold, SignInProvider as ProviderTold } from '@ambit/protocol/wire';

export type { SignInLink } from '@ambit/protocol/wire';

export const clientAuths = [
  'private_key_jwt',
  'client_secret_basic',
  'client_secret_post',
] as const satisfies readonly ProviderTold['clientAuth'][];

/** As it is kept. */
export type SignInProvider = Omit<ProviderTold, 'clientKey' | 'redirectUri'> & {
  /** The private key (a JWK) or the secret of the client, in a box that opens for this row alone. */
  readonly sealed: string;
  /** What the provider verifies the client by; null where that has a secret. */
  readonly clientKey: PublicJwk | null;
  readonly state: 'active' | 'removed';
};

/** What a group at the provider gives to its members here. */
export type SignInGroup = GroupTold & {
  readonly provider: SignInProviderId;
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
