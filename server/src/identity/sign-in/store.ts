import type { PersonId, SignInProviderId, TenantId } from '@ambit/protocol';
import { type Change, type Check, check, type Ground, insert, remove, table, update } from '../../foundation/index.ts';
import type { SignInGroup, SignInLink, SignInProvider } from './sign-in-provider.ts';

const providers = table<SignInProvider>('sign_in_providers', {
  columns: {
    id: 'text',
    name: 'text',
    issuer: 'text',
    clientId: 'text',
    clientAuth: 'text',
    sealed: 'text',
    clientKey: 'json',
    emailDomains: 'json',
    creates: 'json',
    groupsClaim: 'text',
    state: 'text',
    setBy: 'text',
    setAt: 'integer',
  },
  key: ['id'],
  indexes: [['issuer']],
  governed: true,
});

const links = table<SignInLink>('sign_in_links', {
  columns: {
    provider: 'text',
    subject: 'text',
    person: 'text',
    roles: 'json',
    delegable: 'json',
    linkedBy: 'text',
    linkedAt: 'integer',
  },
  key: ['provider', 'subject'],
  // One account of a provider for a person: two would each take away what the other's groups gave.
  unique: [['provider', 'person']],
  governed: true,
});

const groups = table<SignInGroup>('sign_in_groups', {
  columns: { provider: 'text', group: 'text', roles: 'json', delegable: 'json', setBy: 'text', setAt: 'integer' },
  key: ['provider', 'group'],
  governed: true,
});

type Store = Pick<Ground, 'database'>;
export const providersMax = 20;
export const groupsMax = 500;
const linksShownMax = 1000;

export const findProvider = ({ database }: Store, tenant: TenantId, id: SignInProviderId) =>
  database.find(providers, tenant, { id });

export async function findProviderByIssuer({ database }: Store, tenant: TenantId, issuer: string) {
  const found = await database.list(providers, tenant, { where: { issuer, state: 'active' }, limit: 1 });
  return found[0];
}

export const listProviders = ({ database }: Store, tenant: TenantId) =>
  database.list(providers, tenant, { where: { state: 'active' }, limit: providersMax });

export const findLink = ({ database }: Store, tenant: TenantId, provider: SignInProviderId, subject: string) =>
  database.find(links, tenant, { provider, subject });

export async function findLinkOf({ database }: Store, tenant: TenantId, provider: SignInProviderId, person: PersonId) {
  return (await database.list(links, tenant, { where: { provider, person }, limit: 1 }))[0];
}

export const listLinks = ({ database }: Store, tenant: TenantId, provider: SignInProviderId) =>
  database.list(links, tenant, { where: { provider }, limit: linksShownMax });

/** By which accounts, of which providers, that person signs in. */
export async function listLinksOf(store: Store, tenant: TenantId, person: PersonId): Promise<readonly SignInLink[]> {
  const all = await listProviders(store, tenant);
  const found = await Promise.all(all.map(({ id }) => findLinkOf(store, tenant, id, person)));
  return found.filter((link) => link !== undefined);
}

export const findGroup = ({ database }: Store, tenant: TenantId, provider: SignInProviderId, group: string) =>
  database.find(groups, tenant, { provider, group });

export const listGroups = ({ database }: Store, tenant: TenantId, provider: SignInProviderId) =>
  database.list(groups, tenant, { where: { provider }, limit: groupsMax });

export const addProvider = (provider: SignInProvider): Change => insert(providers, provider);

export const changeProvider = ({ id, setAt }: SignInProvider, set: Partial<SignInProvider>): Change =>
  update(providers, { id }, set, { where: { setAt, state: 'active' } });

/** It is still as it was read: whoever was let in by it was let in by this. */
export const providerStands = ({ id, setAt }: SignInProvider): Check =>
  check(providers, { id }, { setAt, state: 'active' }, 'state.changed');

export const addLink = (link: SignInLink): Change => insert(links, link, 'sign_in.linked');

export const changeLink = ({ provider, subject, person }: SignInLink, set: Partial<SignInLink>): Change =>
  update(links, { provider, subject }, set, { where: { person } });

export const dropLink = ({ provider, subject }: SignInLink): Change => remove(links, { provider, subject });

export const addGroup = (group: SignInGroup): Change => insert(groups, group, 'state.changed');

export const changeGroup = ({ provider, group, setAt }: SignInGroup, set: SignInGroup): Change =>
  update(groups, { provider, group }, set, { where: { setAt } });

export const dropGroup = ({ provider, group }: SignInGroup): Change => remove(groups, { provider, group });
