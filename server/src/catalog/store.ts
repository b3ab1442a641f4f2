import type { RefusalCode, TenantId } from '@ambit/protocol';
import { type Change, type Check, check, type Ground, insert, remove, table, update } from '../foundation/index.ts';
import type { ActionRecord } from './action.ts';
import { type Api, resourceOf } from './api.ts';
import type { UnmatchedGroup } from './unmatched.ts';

export const apisMax = 200;
export const actionsMax = 5000;
export const unmatchedShownMax = 500;

/** One row a tenant: counts every change to its catalog, so that one read tells whether a snapshot still holds. */
type CatalogRow = { readonly id: 'catalog'; readonly revision: number };
const catalogs = table<CatalogRow>('catalogs', {
  columns: { id: 'text', revision: 'integer' },
  key: ['id'],
  governed: true,
});

type ApiRow = Omit<Api, 'wantsTags' | 'takesTokens'> & {
  readonly wantsTags: number;
  /** Null for no, as in rows that are older than the column. */
  readonly takesTokens: 1 | null;
};
const apis = table<ApiRow>('apis', {
  columns: {
    name: 'text',
    title: 'text',
    origin: 'text',
    basePath: 'text',
    zone: 'text',
    environment: 'text',
    wantsTags: 'integer',
    format: 'text',
    descriptionVersion: 'text',
    descriptionDigest: 'text',
    servers: 'json',
    security: 'json',
    notes: 'json',
    importedAt: 'integer',
    importedBy: 'text',
    revision: 'integer',
    takesTokens: 'integer',
  },
  key: ['name'],
  governed: true,
  added: ['takesTokens'],
});

type ActionRow = { readonly id: string; readonly api: string; readonly record: ActionRecord };
const actions = table<ActionRow>('actions', {
  columns: { id: 'text', api: 'text', record: 'json' },
  key: ['id'],
  indexes: [['api']],
  governed: true,
});

// Not governed: what strangers asked for changes nobody's authority.
const unmatched = table<UnmatchedGroup>('unmatched_calls', {
  columns: {
    id: 'text',
    api: 'text',
    method: 'text',
    shape: 'text',
    example: 'text',
    count: 'integer',
    firstAt: 'integer',
    lastAt: 'integer',
  },
  key: ['id'],
  indexes: [['api']],
  governed: false,
});

export async function catalogRevision(ground: Ground, tenant: TenantId): Promise<number> {
  return (await ground.database.find(catalogs, tenant, { id: 'catalog' }))?.revision ?? 0;
}

/** The catalog moves from the revision that was read to the next, or the unit answers `state.changed`. */
export function moveCatalog(from: number): Change {
  if (from === 0) return insert(catalogs, { id: 'catalog', revision: 1 }, 'state.changed');
  return update(catalogs, { id: 'catalog' }, { revision: from + 1 }, { where: { revision: from } });
}

const apiOf = (row: ApiRow): Api => ({ ...row, wantsTags: row.wantsTags === 1, takesTokens: row.takesTokens === 1 });
const rowOf = (api: Api): ApiRow => ({
  ...api,
  wantsTags: api.wantsTags ? 1 : 0,
  takesTokens: api.takesTokens ? 1 : null,
});

export async function findApi(ground: Ground, tenant: TenantId, name: string): Promise<Api | undefined> {
  const row = await ground.database.find(apis, tenant, { name });
  return row === undefined ? undefined : apiOf(row);
}

export async function listApis(ground: Ground, tenant: TenantId): Promise<Api[]> {
  return (await ground.database.list(apis, tenant, { order: ['name', 'asc'], limit: apisMax })).map(apiOf);
}

/** The API at that address, if it verifies tokens itself. */
export async function findApiThatTakesTokens(
  ground: Ground,
  tenant: TenantId,
  resource: string,
): Promise<Api | undefined> {
  return (await listApis(ground, tenant)).find((api) => api.takesTokens && resourceOf(api) === resource);
}

export const addApi = (api: Api): Change => insert(apis, rowOf(api), 'state.changed');

/** The API becomes `api`, if it is still at the revision before it. */
export function changeApi(api: Api): Change {
  const { name, ...set } = rowOf(api);
  return update(apis, { name }, set, { where: { revision: api.revision - 1 } });
}

/** For other rooms: the API still lives where a decision was made for. */
export const apiStands = (
  api: Pick<Api, 'name' | 'origin' | 'basePath'>,
  otherwise: RefusalCode = 'state.changed',
): Check => check(apis, { name: api.name }, { origin: api.origin, basePath: api.basePath }, otherwise);

export async function listRecords(ground: Ground, tenant: TenantId, api: string): Promise<ActionRecord[]> {
  const rows = await ground.database.list(actions, tenant, { where: { api }, order: ['id', 'asc'], limit: actionsMax });
  return rows.map((row) => row.record);
}

/** The records of actions that the description has, or a person promoted. */
export async function listLiving(ground: Ground, tenant: TenantId, api: string): Promise<ActionRecord[]> {
  return (await listRecords(ground, tenant, api)).filter((record) => !record.gone);
}

export async function findRecord(ground: Ground, tenant: TenantId, id: string): Promise<ActionRecord | undefined> {
  return (await ground.database.find(actions, tenant, { id }))?.record;
}

export const addRecord = (record: ActionRecord): Change =>
  insert(actions, { id: record.shape.id, api: record.shape.api, record }, 'state.changed');
export const changeRecord = (record: ActionRecord): Change => update(actions, { id: record.shape.id }, { record });

export function findUnmatched(ground: Ground, tenant: TenantId, id: string): Promise<UnmatchedGroup | undefined> {
  return ground.database.find(unmatched, tenant, { id });
}

export function listUnmatched(ground: Ground, tenant: TenantId, limit: number): Promise<UnmatchedGroup[]> {
  return ground.database.list(unmatched, tenant, { order: ['lastAt', 'desc'], limit });
}

export async function countUnmatchedGroups(ground: Ground, tenant: TenantId): Promise<number> {
  return (await ground.database.list(unmatched, tenant, { limit: 10_000 })).length;
}

export const addUnmatched = (group: UnmatchedGroup): Change => insert(unmatched, group, 'state.changed');
export const countUnmatched = (id: string, set: Pick<UnmatchedGroup, 'count' | 'lastAt'>): Change =>
  update(unmatched, { id }, set);
export const removeUnmatched = (id: string): Change => remove(unmatched, { id });
