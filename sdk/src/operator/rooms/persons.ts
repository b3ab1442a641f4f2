import type { Authority, KeyId, PersonId } from '@ambit/protocol';
import type {
  DisabledPerson,
  EnrolmentCode,
  NewPerson,
  Person,
  PersonInShort,
  PersonKey,
  Role,
} from '@ambit/protocol/wire';
import { at } from '../../wire/path.ts';
import { type Ask, query } from '../request.ts';
import type { Page } from './page.ts';

export type Persons = ReturnType<typeof personsRoom>;

export function personsRoom({ json }: Ask) {
  return {
    /** For administrators. The code is how the person brings their first key: see `enrol`. */
    register: (person: NewPerson) =>
      json<Person & { readonly enrolment: EnrolmentCode }>('POST', '/v1/persons', person),
    list: async (page: Page = {}) =>
      (await json<{ persons: readonly PersonInShort[] }>('GET', `/v1/persons${query({ ...page })}`)).persons,
    /** For administrators. */
    show: (person: PersonId) =>
      json<Person & { readonly keys: readonly PersonKey[] }>('GET', at('/v1/persons/', person)),
    /** For administrators: a code for one more key; open codes of that person are withdrawn. */
    issueCode: (person: PersonId) =>
      json<EnrolmentCode & { readonly person: PersonId }>('POST', '/v1/enrolments', { person }),
    /**
     * For whoever has no key yet and signed in through a provider within five minutes: a code for the first one, good for
     * five minutes. Throws `AmbitRefusal`: `sign_in.not_fresh`, `sign_in.has_key`.
     */
    issueOwnCode: () => json<EnrolmentCode & { readonly person: PersonId }>('POST', '/v1/sign-in/enrolment'),
    /** For administrators: all roles of another person, as they shall be. */
    setRoles: (person: PersonId, roles: readonly Role[]) =>
      json<Person>('PUT', at('/v1/persons/', person, '/roles'), { roles }),
    /** For administrators. */
    setDelegable: (person: PersonId, delegable: Authority) =>
      json<Person>('PUT', at('/v1/persons/', person, '/delegable'), { delegable }),
    /** For administrators: sessions, tasks and agents of that person stop. */
    disable: (person: PersonId, reason: string) =>
      json<DisabledPerson>('POST', at('/v1/persons/', person, '/disable'), { reason }),
    /** One’s own key; administrators revoke anybody’s. */
    revokeKey: (key: KeyId) => json<void>('DELETE', at('/v1/person-keys/', key)),
  };
}
