import type { SignInProviderId } from '@ambit/protocol';
import type { NewSignInProvider, SignInGroup, SignInLink } from '@ambit/protocol/wire';
import type { Ask } from '../request.ts';

export type SignInProviders = ReturnType<typeof signInProvidersRoom>;

/** All of it is for administrators. */
export function signInProvidersRoom({ json }: Ask) {
  return {
    /** Registers a provider, or changes the one with that issuer. */
    set: (provider: NewSignInProvider) => json('POST /v1/sign-in/providers', { body: provider }),
    list: async () => (await json('GET /v1/sign-in/providers')).providers,
    show: (id: SignInProviderId) => json('GET /v1/sign-in/providers/:provider', { at: { provider: id } }),
    /** Sessions that it opened end, and what its groups gave is gone. */
    remove: (id: SignInProviderId) => json('DELETE /v1/sign-in/providers/:provider', { at: { provider: id } }),
    link: (id: SignInProviderId, link: Pick<SignInLink, 'subject' | 'person'>) =>
      json('POST /v1/sign-in/providers/:provider/persons', { at: { provider: id }, body: link }),
    unlink: (id: SignInProviderId, subject: string) =>
      json('POST /v1/sign-in/providers/:provider/persons/forget', { at: { provider: id }, body: { subject } }),
    /** What a group gives to its members when they sign in. */
    setGroup: (id: SignInProviderId, group: SignInGroup) =>
      json('POST /v1/sign-in/providers/:provider/groups', { at: { provider: id }, body: group }),
    removeGroup: (id: SignInProviderId, group: string) =>
      json('POST /v1/sign-in/providers/:provider/groups/forget', { at: { provider: id }, body: { group } }),
  };
}
