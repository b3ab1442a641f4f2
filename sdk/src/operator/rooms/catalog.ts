import type { ApiImport, Classification } from '@ambit/protocol/wire';
import type { Ask } from '../request.ts';

export type CatalogRoom = ReturnType<typeof catalogRoom>;

/** Changes are for the role `catalog`; everybody may read. */
export function catalogRoom({ json }: Ask) {
  return {
    import: (description: ApiImport) => json('POST /v1/apis', { body: description }),
    /** What importing that would change. Nothing is changed. */
    check: (description: ApiImport) => json('POST /v1/apis/check', { body: description }),
    list: () => json('GET /v1/apis'),
    show: (api: string) => json('GET /v1/apis/:api', { at: { api } }),
    /** At most 500; `next` is where the following page goes on `after`, null where there is none. */
    actions: (which: { readonly api?: string; readonly after?: string } = {}) =>
      json('GET /v1/actions', { query: which }),
    action: (id: string) => json('GET /v1/actions/:action', { at: { action: id } }),
    /** Classifies one action; counts at once, upwards and downwards. */
    set: (action: string, classification: Partial<Classification>, revision?: number) =>
      json('PATCH /v1/actions/:action', {
        at: { action },
        body: {
          classification,
          ...(revision !== undefined && { revision }),
        },
      }),
    /** Confirms what the description proposes, as shown at `revision`, for the named actions or for all. */
    confirm: (api: string, what: { readonly revision: number; readonly actions?: readonly string[] }) =>
      json('POST /v1/apis/:api/confirmations', { at: { api }, body: what }),
    /** Lays a classification file, YAML or JSON, over the actions of an API. */
    overlay: (api: string, overlay: string, revision?: number) =>
      json('POST /v1/apis/:api/overlays', {
        at: { api },
        body: {
          overlay,
          ...(revision !== undefined && { revision }),
        },
      }),
    /** What that file would change. Nothing is changed. */
    checkOverlay: (api: string, overlay: string) =>
      json('POST /v1/apis/:api/overlays/check', { at: { api }, body: { overlay } }),
    /** Moves an API to another server. */
    move: (api: string, to: { readonly server: string; readonly revision: number }) =>
      json('POST /v1/apis/:api/origin', { at: { api }, body: to }),
    unmatched: async () => (await json('GET /v1/unmatched')).groups,
    /** Turns a group of unmatched calls into an action of the strictest classification. */
    promote: (group: string, operation?: string) =>
      json('POST /v1/unmatched/:group/promotion', {
        at: { group },
        body: {
          ...(operation !== undefined && { operation }),
        },
      }),
  };
}
