import type { TenantId, TokenIssuerId } from '@ambit/protocol';
import { type Change, type Ground, insert, remove, table, update } from '../../foundation/index.ts';
import { plane } from '../tenant.ts';
import type { TokenIssuer } from './token-issuer.ts';
import type { TrustDomain, TrustFetch } from './trust-domain.ts';

const trustDomains = table<TrustDomain>('trust_domains', {
  columns: {
    name: 'text',
    url: 'text',
    bundle: 'text',
    digest: 'text',
    sequence: 'integer',
    singleUse: 'json',
    setBy: 'text',
    setAt: 'integer',
    changedAt: 'integer',
  },
  key: ['name'],
  added: ['singleUse'],
  governed: true,
});

const trustFetches = table<TrustFetch>('trust_fetches', {
  columns: { name: 'text', fetchedAt: 'integer', nextAt: 'integer', trouble: 'text' },
  key: ['name'],
  governed: false,
});

/** In which tenants a SPIFFE ID stands for an agent. Rows of the plane: who comes with an SVID names no tenant. */
type SpiffeName = { readonly spiffeId: string; readonly home: TenantId };
const spiffeNames = table<SpiffeName>('spiffe_names', {
  columns: { spiffeId: 'text', home: 'text' },
  key: ['spiffeId', 'home'],
  governed: true,
});

const tokenIssuers = table<TokenIssuer>('token_issuers', {
  columns: {
    id: 'text',
    issuer: 'text',
    jwksUrl: 'text',
    lifeSecondsMax: 'integer',
    singleUse: 'json',
    setBy: 'text',
    setAt: 'integer',
  },
  key: ['id'],
  added: ['singleUse'],
  unique: [['issuer']],
  governed: true,
});

type Store = Pick<Ground, 'database'>;
export const trustDomainsMax = 100;
/** In how many tenants one name is looked for. */
const homesMax = 16;

export const findTrustDomain = ({ database }: Store, tenant: TenantId, name: string) =>
  database.find(trustDomains, tenant, { name });

export const listTrustDomains = ({ database }: Store, tenant: TenantId) =>
  database.list(trustDomains, tenant, { order: ['name', 'asc'], limit: trustDomainsMax });

export const findTrustFetch = ({ database }: Store, tenant: TenantId, name: string) =>
  database.find(trustFetches, tenant, { name });

export const listTrustFetches = ({ database }: Store, tenant: TenantId) =>
  database.list(trustFetches, tenant, { limit: trustDomainsMax });

export const findSpiffeName = ({ database }: Store, spiffeId: string, home: TenantId) =>
  database.find(spiffeNames, plane, { spiffeId, home });

export async function homesOfSpiffeId({ database }: Store, spiffeId: string): Promise<readonly TenantId[]> {
  const found = await database.list(spiffeNames, plane, { where: { spiffeId }, limit: homesMax });
  return found.map(({ home }) => home);
}

export const addTrustDomain = (domain: TrustDomain): Change => insert(trustDomains, domain);

/** Only while it is as it was read. */
export const changeTrustDomain = ({ name, digest, setAt }: TrustDomain, set: Partial<TrustDomain>): Change =>
  update(trustDomains, { name }, set, { where: { digest, setAt } });

export const dropTrustDomain = ({ name }: TrustDomain): Change => remove(trustDomains, { name });

export const addTrustFetch = (fetch: TrustFetch): Change => insert(trustFetches, fetch);

/** Of two who would ask at once, one does. */
export const changeTrustFetch = ({ name, nextAt }: TrustFetch, set: Partial<TrustFetch>): Change =>
  update(trustFetches, { name }, set, { where: { nextAt } });

export const dropTrustFetch = (name: string): Change => remove(trustFetches, { name });

export const addSpiffeName = (spiffeId: string, home: TenantId): Change =>
  insert(spiffeNames, { spiffeId, home }, 'state.changed', plane);

export const dropSpiffeName = (spiffeId: string, home: TenantId): Change =>
  remove(spiffeNames, { spiffeId, home }, plane);

export const tokenIssuersMax = 100;

export const findTokenIssuer = ({ database }: Store, tenant: TenantId, id: TokenIssuerId) =>
  database.find(tokenIssuers, tenant, { id });

export async function findTokenIssuerByName({ database }: Store, tenant: TenantId, issuer: string) {
  return (await database.list(tokenIssuers, tenant, { where: { issuer }, limit: 1 }))[0];
}

export const listTokenIssuers = ({ database }: Store, tenant: TenantId) =>
  database.list(tokenIssuers, tenant, { limit: tokenIssuersMax });

export const addTokenIssuer = (issuer: TokenIssuer): Change => insert(tokenIssuers, issuer);

export const changeTokenIssuer = ({ id, setAt }: TokenIssuer, set: TokenIssuer): Change =>
  update(tokenIssuers, { id }, set, { where: { setAt } });

export const dropTokenIssuer = ({ id }: TokenIssuer): Change => remove(tokenIssuers, { id });
