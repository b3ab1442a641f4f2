import { createHash } from 'node:crypto';
import { canonicalJson, type TenantId } from '@ambit/protocol';
import { type Ground, Refusal, refuse } from '../foundation/index.ts';
import type { Action } from './action.ts';
import type { Api } from './api.ts';
import { type ClassifiedBy, classifiedBy } from './classified-by.ts';
import { effective, settle } from './classify.ts';
import {
  compileMatcher,
  type Located,
  locate,
  type MatchedCall,
  type Matcher,
  match,
  type RawCall,
  type RequestLine,
} from './match-call.ts';
import { catalogRevision, listApis, listLiving } from './store.ts';

/** A tenant's catalog at one moment. It never changes; ask for the current one again for the next call. */
export type CatalogSnapshot = {
  /** `sha-256:…` over every API and action, as they count. */
  readonly version: string;
  readonly apis: ReadonlyMap<string, Api>;
  readonly actions: ReadonlyMap<string, Action>;
  /** Whose word an action counts by; null where nobody's. */
  classifiedBy(id: string): ClassifiedBy | null;
  action(id: string): Action | undefined;
  /** What the request line names, and whether its body has to be read before `match`. Throws the refusal. */
  locate(api: string, line: RequestLine): Located;
  /** The one meaning of a request, its path below the API's base path. Throws the refusal. */
  match(api: string, call: RawCall): MatchedCall;
};

export type Catalog = {
  /** Reads one row to see whether the snapshot in memory still holds; loads what changed where it does not. */
  current(tenant: TenantId): Promise<CatalogSnapshot>;
};

type LoadedApi = {
  readonly api: Api;
  readonly actions: ReadonlyMap<string, Action>;
  readonly classified: ReadonlyMap<string, ClassifiedBy | null>;
  readonly matcher: Matcher;
  readonly digest: string;
};
type Kept = {
  readonly revision: number;
  readonly snapshot: CatalogSnapshot;
  readonly loaded: ReadonlyMap<string, LoadedApi>;
};

const tenantsKeptMax = 1000;

export function createCatalog(ground: Ground): Catalog {
  const kept = new Map<TenantId, Kept>();
  const loading = new Map<string, Promise<Kept>>();
  return {
    async current(tenant) {
      const revision = await catalogRevision(ground, tenant);
      const known = kept.get(tenant);
      if (known?.revision === revision) return known.snapshot;
      const key = `${tenant} ${revision}`;
      const running = loading.get(key) ?? load(ground, tenant, revision, known);
      loading.set(key, running);
      try {
        const fresh = await running;
        if (kept.size >= tenantsKeptMax) kept.clear();
        // A slower load of an older revision must not replace a newer snapshot.
        if ((kept.get(tenant)?.revision ?? -1) < fresh.revision) kept.set(tenant, fresh);
        return fresh.snapshot;
      } finally {
        loading.delete(key);
      }
    },
  };
}

const attemptsMax = 5;

/** Rows are read one after another: the revision is read again after them, so that no mixture is ever kept. */
async function load(ground: Ground, tenant: TenantId, revision: number, known: Kept | undefined): Promise<Kept> {
  let wanted = revision;
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const loaded = await loadApis(ground, tenant, known);
    const after = await catalogRevision(ground, tenant);
    if (after === wanted) return { revision: wanted, loaded, snapshot: snapshotOf(loaded) };
    wanted = after;
  }
  throw refuse('store.unavailable', `the catalog of ${tenant} changed ${attemptsMax} times while it was read`);
}

async function loadApis(ground: Ground, tenant: TenantId, known: Kept | undefined): Promise<Map<string, LoadedApi>> {
  const loaded = new Map<string, LoadedApi>();
  for (const api of await listApis(ground, tenant)) {
    const before = known?.loaded.get(api.name);
    loaded.set(api.name, before?.api.revision === api.revision ? before : await loadApi(ground, tenant, api));
  }
  return loaded;
}

async function loadApi(ground: Ground, tenant: TenantId, api: Api): Promise<LoadedApi> {
  const records = await listLiving(ground, tenant, api.name);
  const actions = settle(new Map(records.map((record) => [record.shape.id, effective(record)])));
  const digest = createHash('sha256')
    .update(canonicalJson({ api, actions: [...actions.values()] }))
    .digest('base64url');
  const classified = new Map(records.map((record) => [record.shape.id, classifiedBy(record)]));
  return { api, actions, classified, matcher: compileMatcher(actions.values()), digest };
}

function snapshotOf(loaded: ReadonlyMap<string, LoadedApi>): CatalogSnapshot {
  const actions = new Map([...loaded.values()].flatMap((one) => [...one.actions]));
  const whole = createHash('sha256').update(
    [...loaded.values()].map((one) => `${one.api.name} ${one.digest}`).join('\n'),
  );
  const of = (api: string): LoadedApi => {
    const found = loaded.get(api);
    if (found === undefined)
      throw refuse('catalog.api_unknown', `no API ${api.slice(0, 60)}`).with({ values: { asked: api } });
    return found;
  };
  return {
    version: `sha-256:${whole.digest('base64url')}`,
    apis: new Map([...loaded.values()].map((one) => [one.api.name, one.api])),
    actions,
    classifiedBy: (id) => loaded.get(apiOf(id))?.classified.get(id) ?? null,
    action: (id) => actions.get(id),
    locate: (api, line) => below(of(api), locate(of(api).matcher, line)),
    match: (api, call) => below(of(api), match(of(api).matcher, call)),
  };
}

const apiOf = (action: string) => action.slice(0, action.indexOf(':'));

function below<T extends { readonly path: string }>({ api }: LoadedApi, found: T): T {
  return { ...found, path: `${api.basePath}${found.path}` };
}

/** Whether a refusal says that a call matched nothing, and so belongs to the unmatched. */
export const isUnmatched = (error: unknown): boolean => error instanceof Refusal && error.code === 'catalog.no_match';
