import type { Authority, PersonId, SignInProviderId } from '@ambit/protocol';
import type { PublicJwk } from '../../wire/key.ts';
import { at } from '../../wire/path.ts';
import type { Ask } from '../request.ts';
import type { Role } from './persons.ts';

/** The organisation’s OpenID provider, through which people sign in. */
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
  readonly emailDomains: readonly string[];
  readonly creates: readonly Role[] | null;
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

export type SignInLink = {
  readonly provider: SignInProviderId;
  readonly subject: string;
  readonly person: PersonId;
  /** What the person holds by groups of the provider. */
  readonly roles: readonly Role[];
  readonly delegable: Authority;
  readonly linkedBy: PersonId | null;
  readonly linkedAt: number;
};

export type SignInGroup = {
  readonly group: string;
  readonly roles: readonly Role[];
  readonly delegable: Authority;
};

export type SignInProviders = ReturnType<typeof signInProvidersRoom>;

const path = '/v1/sign-in/providers/';

/** All of it is for administrators. */
export function signInProvidersRoom({ json }: Ask) {
  return {
    /** Registers a provider, or changes the one with that issuer. */
    set: (provider: NewSignInProvider) => json<SignInProvider>('POST', '/v1/sign-in/providers', provider),
    list: async () => (await json<{ providers: readonly SignInProvider[] }>('GET', '/v1/sign-in/providers')).providers,
    show: (id: SignInProviderId) =>
      json<SignInProvider & { readonly persons: readonly SignInLink[]; readonly groups: readonly SignInGroup[] }>(
        'GET',
        at(path, id),
      ),
    /** Sessions that it opened end, and what its groups gave is gone. */
    remove: (id: SignInProviderId) =>
      json<{ readonly id: SignInProviderId; readonly unlinked: number }>('DELETE', at(path, id)),
    link: (id: SignInProviderId, link: Pick<SignInLink, 'subject' | 'person'>) =>
      json<SignInLink>('POST', at(path, id, '/persons'), link),
    unlink: (id: SignInProviderId, subject: string) => json<void>('POST', at(path, id, '/persons/forget'), { subject }),
    /** What a group gives to its members when they sign in. */
    setGroup: (id: SignInProviderId, group: SignInGroup) => json<SignInGroup>('POST', at(path, id, '/groups'), group),
    removeGroup: (id: SignInProviderId, group: string) => json<void>('POST', at(path, id, '/groups/forget'), { group }),
  };
}
