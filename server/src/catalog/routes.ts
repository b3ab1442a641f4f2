import { anything, boolean, integer, list, object, optional, text } from '@ambit/protocol';
import type { Api as ApiTold } from '@ambit/protocol/wire';
import { type Ground, type Lowering, type Route, refuse, route } from '../foundation/index.ts';
import type { Action } from './action.ts';
import type { Api } from './api.ts';
import { changeOrigin } from './change-origin.ts';
import { pending } from './classify.ts';
import { confirmActions, planConfirmation } from './confirm.ts';
import { importApi, previewImport } from './import-api.ts';
import { textBytesMax } from './importers/document.ts';
import { review } from './merge-import.ts';
import { printTemplate } from './path-template.ts';
import { promoteUnmatched } from './promote.ts';
import { requireApi } from './record-change.ts';
import {
  applyOverlay,
  planClassification,
  planOverlay,
  previewOverlay,
  setClassification,
} from './set-classification.ts';
import type { Catalog } from './snapshot.ts';
import { findRecord, listLiving, listUnmatched, unmatchedShownMax } from './store.ts';

/** What the routes are given: the catalog, and the one door out for descriptions that are named by address. */
export type CatalogRooms = {
  readonly ground: Ground;
  readonly catalog: Catalog;
  readonly fetchText: (
    url: string,
    options: { readonly tenant: string; readonly bytesMax: number },
  ) => Promise<{ readonly text: string }>;
};

const word = text({
  max: 40,
  pattern: /^[a-z][a-z0-9-]*$/,
  must: 'must be small letters, digits and dashes, starting with a letter',
});
const label = text({
  max: 64,
  pattern: /^[a-z0-9][a-z0-9._-]*$/,
  must: 'must be small letters, digits, dots and dashes',
});
const server = text({ max: 2000 });
const revision = integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

const importBody = object({
  name: word,
  text: optional(text({ max: textBytesMax })),
  url: optional(text({ max: 2000 })),
  server: optional(server),
  zone: optional(label),
  environment: optional(label),
  wantsTags: optional(boolean()),
  takesTokens: optional(boolean()),
  digest: optional(text({ max: 100 })),
});

export function catalogRoutes({ ground, catalog, fetchText }: CatalogRooms): Route[] {
  const read = async (tenant: string, body: { readonly text?: string; readonly url?: string }) => {
    if ((body.text === undefined) === (body.url === undefined))
      throw refuse('request.malformed', 'text and url', 'Give either text or url.');
    return body.text ?? (await fetchText(body.url ?? '', { tenant, bytesMax: textBytesMax })).text;
  };
  return [
    route({
      method: 'POST',
      path: '/v1/apis',
      who: 'catalog',
      says: 'Imports an OpenAPI 3.0, 3.1 or Swagger 2.0 description, given as text or by address, for the first time or again.',
      body: importBody,
      run: async ({ caller, body }) => {
        const report = await importApi(ground, caller, { ...body, text: await read(caller.tenant, body) });
        return { status: 200, entry: report.entry, body: { ...report, api: apiOnWire(report.api) } };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/apis/check',
      who: 'catalog',
      says: 'Tells what importing a description would change, and changes nothing.',
      body: importBody,
      run: async ({ caller, body }) => {
        const preview = await previewImport(ground, caller, { ...body, text: await read(caller.tenant, body) });
        return { status: 200, body: { ...preview, api: apiOnWire(preview.api) } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/apis',
      who: 'person',
      says: 'Lists the APIs of the catalog.',
      run: async ({ caller }) => {
        const { apis, version } = await catalog.current(caller.tenant);
        return { status: 200, body: { version, apis: [...apis.values()].map(apiOnWire) } };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/apis/:api',
      who: 'person',
      says: 'Shows one API with what waits for a person: proposals, held actions, opaque ones, wide path parameters.',
      run: async ({ caller, params }) => {
        const api = await requireApi(ground, caller, params.api ?? '');
        const records = await listLiving(ground, caller.tenant, api.name);
        return {
          status: 200,
          body: { ...apiOnWire(api), notes: api.notes, security: api.security, review: review(records) },
        };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/apis/:api/confirmations',
      who: 'catalog',
      says: 'Confirms what the description proposes, for named actions or for all, as shown at the given revision.',
      body: object({ revision, actions: optional(list(text({ max: 300 }), { min: 1, max: 5000 })) }),
      lowers: async ({ caller, params, body }) => {
        const { lowered, released } = await planConfirmation(ground, caller, { api: params.api ?? '', ...body });
        return lowersBy(params.api, { asked: body, lowered, released }, lowered.length + released.length);
      },
      run: async ({ caller, params, body }) => {
        const done = await confirmActions(ground, caller, { api: params.api ?? '', ...body });
        return { status: 200, entry: done.entry, body: done };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/apis/:api/overlays',
      who: 'catalog',
      says: 'Lays a classification file, YAML or JSON, over the actions of an API.',
      body: object({ overlay: text({ max: 4_000_000 }), revision: optional(revision) }),
      lowers: async ({ caller, params, body }) => {
        const { lowered, patterns } = await planOverlay(ground, caller, { api: params.api ?? '', ...body });
        return lowersBy(params.api, { asked: body, lowered, patterns }, lowered.length + patterns.length);
      },
      run: async ({ caller, params, body }) => {
        const done = await applyOverlay(ground, caller, { api: params.api ?? '', ...body });
        return { status: 200, entry: done.entry, body: done };
      },
    }),
    route({
      method: 'POST',
      path: '/v1/apis/:api/overlays/check',
      who: 'catalog',
      says: 'Tells what laying a classification file over the actions of an API would change, and changes nothing.',
      body: object({ overlay: text({ max: 4_000_000 }), revision: optional(revision) }),
      run: async ({ caller, params, body }) => ({
        status: 200,
        body: await previewOverlay(ground, caller, { api: params.api ?? '', ...body }),
      }),
    }),
    route({
      method: 'POST',
      path: '/v1/apis/:api/origin',
      who: 'catalog',
      says: 'Moves an API to another server.',
      body: object({ server, revision }),
      lowers: async ({ caller, params, body }) => {
        const { name, origin, basePath } = await requireApi(ground, caller, params.api ?? '');
        const changes = { api: name, from: `${origin}${basePath}`, to: body.server };
        return { says: `Calls of ${name} would go to ${body.server}.`, changes };
      },
      run: async ({ caller, params, body }) => {
        const done = await changeOrigin(ground, caller, { api: params.api ?? '', ...body });
        return { status: 200, entry: done.entry, body: apiOnWire(done.api) };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/actions',
      who: 'person',
      says: 'Lists the actions of the catalog, of one API with ?api=…, from after=… on.',
      query: object({ api: optional(text({ max: 40 })), after: optional(text({ min: 0, max: 300 })) }),
      run: async ({ caller, query }) => {
        const snapshot = await catalog.current(caller.tenant);
        const all = [...snapshot.actions.values()].filter((one) => query.api === undefined || one.api === query.api);
        const from = query.after === undefined ? 0 : all.findIndex((one) => one.id === query.after) + 1;
        const page = all.slice(from, from + actionsShownMax);
        const next = from + page.length < all.length ? (page.at(-1)?.id ?? null) : null;
        return {
          status: 200,
          body: {
            version: snapshot.version,
            actions: page.map((one) => ({ ...actionInShort(one), classifiedBy: snapshot.classifiedBy(one.id) })),
            next,
          },
        };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/actions/:action',
      who: 'person',
      says: 'Shows one action: how it is called, how it counts, who said so, and what is proposed.',
      run: async ({ caller, params }) => {
        const snapshot = await catalog.current(caller.tenant);
        const action = snapshot.action(params.action ?? '');
        const record = await findRecord(ground, caller.tenant, params.action ?? '');
        if (action === undefined || record === undefined) throw refuse('thing.not_found', `no action ${params.action}`);
        return {
          status: 200,
          body: {
            ...action,
            path: printTemplate(action.template),
            classifiedBy: snapshot.classifiedBy(action.id),
            pending: pending(record),
            rulings: record.rulings,
          },
        };
      },
    }),
    route({
      method: 'PATCH',
      path: '/v1/actions/:action',
      who: 'catalog',
      says: 'Classifies one action.',
      body: object({ classification: anything(), revision: optional(revision) }),
      lowers: async ({ caller, params, body }) => {
        const { lowered, patterns } = await planClassification(ground, caller, oneOf(params.action, body));
        return lowersBy(params.action, { asked: body, lowered, patterns }, lowered.length + patterns.length);
      },
      run: async ({ caller, params, body }) => {
        const done = await setClassification(ground, caller, oneOf(params.action, body));
        return { status: 200, entry: done.entry, body: done };
      },
    }),
    route({
      method: 'GET',
      path: '/v1/unmatched',
      who: 'person',
      says: 'Lists calls that matched no action, grouped, the newest first.',
      run: async ({ caller }) => ({
        status: 200,
        body: { groups: await listUnmatched(ground, caller.tenant, unmatchedShownMax) },
      }),
    }),
    route({
      method: 'POST',
      path: '/v1/unmatched/:group/promotion',
      who: 'catalog',
      says: 'Turns a group of unmatched calls into an action of the strictest classification.',
      body: object({
        operation: optional(
          text({ max: 200, pattern: /^[A-Za-z0-9._/-]+$/, must: 'must be letters, digits, dots, dashes and slashes' }),
        ),
      }),
      run: async ({ caller, params, body }) => {
        const done = await promoteUnmatched(ground, caller, { group: params.group ?? '', ...body });
        return { status: 201, entry: done.entry, body: actionInShort(done.action) };
      },
    }),
  ];
}

type Classifying = { readonly classification: unknown; readonly revision?: number };

function oneOf(action = '', { classification: fields, revision }: Classifying) {
  return { api: action.slice(0, Math.max(0, action.indexOf(':'))), action, fields, revision };
}

const lowersBy = (what: string | undefined, changes: object, count: number): Lowering | null =>
  count === 0 ? null : { says: `${count} gates of ${what} would stand lower.`, changes: { of: what, ...changes } };

const actionsShownMax = 500;

function apiOnWire({ notes: _, security: __, ...api }: Api): ApiTold {
  return api;
}

function actionInShort(action: Action) {
  const {
    id,
    method,
    summary,
    effect,
    reversibility,
    reach,
    sensitivity,
    undo,
    opaque,
    mintsCredential,
    answersForeignText,
    state,
    held,
  } = action;
  return {
    id,
    method,
    path: printTemplate(action.template),
    summary,
    effect,
    reversibility,
    reach,
    sensitivity,
    undo,
    opaque,
    mintsCredential,
    answersForeignText,
    state,
    held,
  };
}
