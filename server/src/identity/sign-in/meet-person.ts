import type { TenantId, Who } from '@ambit/protocol';
import { type Change, type Check, type EntryDraft, entry, type Ground, refuse } from '../../foundation/index.ts';
import type { Person } from '../person.ts';
import { personResource } from '../record.ts';
import { requirePerson } from '../require-person.ts';
import { addPerson, addSubject, findPersonByEmail, personStands } from '../store.ts';
import type { ProvedClaims } from './claims.ts';
import { providerResource, type SignInLink, type SignInProvider } from './sign-in-provider.ts';
import { addLink, findLink, findLinkOf } from './store.ts';

/** Who signed in, and what has to be written so that it is so. */
export type Met = {
  readonly person: Person;
  readonly link: SignInLink;
  readonly checks: readonly Check[];
  readonly changes: readonly Change[];
  readonly entries: (who: Who) => readonly EntryDraft[];
};

/**
 * The person behind what a provider proved: the one who is linked to the subject; else the one whose address the provider
 * has verified, in a domain that an administrator named; else a new one, where an administrator wants that.
 */
export async function meetPerson(
  ground: Ground,
  tenant: TenantId,
  provider: SignInProvider,
  claims: ProvedClaims,
): Promise<Met> {
  const link = await findLink(ground, tenant, provider.id, claims.signIn.subject);
  if (link !== undefined) {
    const person = await requirePerson(ground, tenant, link.person);
    if (person.state !== 'active') throw refuse('person.not_active', `${person.id} is ${person.state}`);
    return { person, link, checks: [personStands(person)], changes: [], entries: () => [] };
  }
  const email = addressIn(provider, claims);
  const known = await findPersonByEmail(ground, tenant, email);
  if (known === undefined) return created(ground, tenant, provider, claims, email);
  if (known.state !== 'active') throw refuse('person.not_active', `${known.id} is ${known.state}`);
  const other = await findLinkOf(ground, tenant, provider.id, known.id);
  // An address that is given to somebody else later must not make them the person who had it.
  if (other !== undefined)
    throw refuse('sign_in.unknown_person', `${known.id} is ${other.subject} at ${provider.issuer}`);
  const made = newLink(ground, provider, claims, known);
  return {
    person: known,
    link: made,
    checks: [personStands(known)],
    changes: [addLink(made)],
    entries: (who) => [linked(ground, who, made, email)],
  };
}

function addressIn({ emailDomains, issuer }: SignInProvider, { signIn, email }: ProvedClaims): string {
  const address = email?.toLowerCase() ?? null;
  const domain = address?.slice(address.lastIndexOf('@') + 1);
  if (address !== null && domain !== undefined && emailDomains.includes(domain)) return address;
  const because = email === null ? 'has no verified address' : `has an address in ${domain}`;
  throw refuse('sign_in.unknown_person', `${signIn.subject} of ${issuer} ${because}`);
}

function created(ground: Ground, tenant: TenantId, provider: SignInProvider, claims: ProvedClaims, email: string): Met {
  const { creates: roles } = provider;
  if (roles === null) throw refuse('sign_in.unknown_person', `nobody here has the address of ${claims.signIn.subject}`);
  const createdAt = ground.clock();
  const person: Person = {
    id: ground.newId('person'),
    name: nameOf(claims, email),
    email,
    roles,
    rolesSince: createdAt,
    state: 'active',
    delegable: [],
    createdAt,
    epoch: 0,
  };
  const link = newLink(ground, provider, claims, person);
  return {
    person,
    link,
    checks: [],
    changes: [addPerson(person), addSubject(person.id, tenant), addLink(link)],
    entries: (who) => [
      entry({
        id: ground.newId('entry'),
        kind: 'identity.person-registered',
        who,
        keys: [personResource(person.id), providerResource(provider.id)],
        detail: { person: person.id, name: person.name, roles, delegable: [], provider: provider.id },
      }),
      linked(ground, who, link, email),
    ],
  };
}

const nameForm = /^[\p{L}\p{N}][\p{L}\p{N} ._'’-]{0,79}$/u;

/** The name is shown in sentences of ours: one that is no plain name there stands back behind the address. */
function nameOf({ name }: ProvedClaims, email: string): string {
  if (name !== null && nameForm.test(name)) return name;
  const local = email.slice(0, email.lastIndexOf('@')).replaceAll(/[^\p{L}\p{N}._-]/gu, '-');
  return nameForm.test(local) ? local : 'Somebody';
}

const newLink = (
  { clock }: Ground,
  provider: SignInProvider,
  { signIn }: ProvedClaims,
  person: Person,
): SignInLink => ({
  provider: provider.id,
  subject: signIn.subject,
  person: person.id,
  roles: [],
  delegable: [],
  linkedBy: null,
  linkedAt: clock(),
});

const linked = (ground: Ground, who: Who, { provider, subject, person }: SignInLink, email: string): EntryDraft =>
  entry({
    id: ground.newId('entry'),
    kind: 'identity.sign-in-linked',
    who,
    keys: [personResource(person), providerResource(provider)],
    detail: { provider, subject, person, email },
  });
