import type { Authority, KeyId, PersonId } from '@ambit/protocol';
import type { NewPerson, Page, Role } from '@ambit/protocol/wire';
import type { Ask } from '../request.ts';

export type Persons = ReturnType<typeof personsRoom>;

export function personsRoom({ json }: Ask) {
  return {
    /** For administrators. The code is how the person brings their first key: see `enrol`. */
    register: (person: NewPerson) => json('POST /v1/persons', { body: person }),
    list: async (page: Page = {}) => (await json('GET /v1/persons', { query: page })).persons,
    /** For administrators. */
    show: (person: PersonId) => json('GET /v1/persons/:person', { at: { person } }),
    /** For administrators: a code for one more key; open codes of that person are withdrawn. */
    issueCode: (person: PersonId) => json('POST /v1/enrolments', { body: { person } }),
    /**
     * For whoever has no key yet and signed in through a provider within five minutes: a code for the first one, good for
     * five minutes. Throws `AmbitRefusal`: `sign_in.not_fresh`, `sign_in.has_key`.
     */
    issueOwnCode: () => json('POST /v1/sign-in/enrolment'),
    /** For administrators: all roles of another person, as they shall be. */
    setRoles: (person: PersonId, roles: readonly Role[]) =>
      json('PUT /v1/persons/:person/roles', { at: { person }, body: { roles } }),
    /** For administrators. */
    setDelegable: (person: PersonId, delegable: Authority) =>
      json('PUT /v1/persons/:person/delegable', { at: { person }, body: { delegable } }),
    /** For administrators: sessions, tasks and agents of that person stop. */
    disable: (person: PersonId, reason: string) =>
      json('POST /v1/persons/:person/disable', { at: { person }, body: { reason } }),
    /** One’s own key; administrators revoke anybody’s. */
    revokeKey: (key: KeyId) => json('DELETE /v1/person-keys/:key', { at: { key } }),
  };
}
