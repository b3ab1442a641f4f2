import type { SignInProviderId } from '@ambit/protocol';
import type { NewSignInProvider, SignInGroup, SignInLink, SignInProvider } from '@ambit/protocol/wire';
import { at } from '../../wire/path.ts';
import type { Ask } from '../request.ts';

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
