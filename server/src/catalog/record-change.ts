import type { EntryId } from '@ambit/protocol';
import {
  type Change,
  type Check,
  entry,
  type Fields,
  type Ground,
  type PersonCaller,
  refuse,
} from '../foundation/index.ts';
import { requireRole } from '../identity/index.ts';
import type { Api } from './api.ts';
import { catalogRevision, findApi, moveCatalog } from './store.ts';

export type CatalogChange = {
  readonly kind: `catalog.${string}`;
  /** Actions that it is about; the API where there is none. */
  readonly keys: readonly string[];
  readonly checks?: readonly Check[];
  readonly changes: readonly Change[];
  readonly detail: Fields;
};

/** Commits a change of the catalog with its revision and its entry, whole or not at all. */
export async function recordChange(ground: Ground, by: PersonCaller, change: CatalogChange): Promise<EntryId> {
  requireRole(by, 'catalog');
  const id = ground.newId('entry');
  const { kind, keys, checks = [], changes, detail } = change;
  const revision = await catalogRevision(ground, by.tenant);
  await ground.database.commit({
    tenant: by.tenant,
    checks,
    changes: [moveCatalog(revision), ...changes],
    entries: [entry({ id, kind, who: by.who, keys: keys.slice(0, 100), detail })],
  });
  return id;
}

export async function requireApi(ground: Ground, by: Pick<PersonCaller, 'tenant'>, name: string): Promise<Api> {
  const api = await findApi(ground, by.tenant, name);
  if (api === undefined) throw refuse('catalog.api_unknown', `no API ${name.slice(0, 60)}`);
  return api;
}

/** What was looked at is what is changed: the revision shown then is the one now. */
export function requireRevision(api: Api, shown: number | undefined): void {
  if (shown === undefined || shown === api.revision) return;
  throw refuse('catalog.confirmation_stale', `${api.name} is at revision ${api.revision}, the caller saw ${shown}`);
}
