import type { EntryId } from '@ambit/protocol';
import type {
  ActionInShort,
  ActionShown,
  Api,
  ApiImport,
  ApiShown,
  Classification,
  Classified,
  ImportPreview,
  ImportReport,
  Lowered,
  OverlayPreview,
  UnmatchedGroup,
} from '@ambit/protocol/wire';
import { at } from '../../wire/path.ts';
import { type Ask, query } from '../request.ts';

export type CatalogRoom = ReturnType<typeof catalogRoom>;

/** Changes are for the role `catalog`; everybody may read. */
export function catalogRoom({ json }: Ask) {
  return {
    import: (description: ApiImport) => json<ImportReport>('POST', '/v1/apis', description),
    /** What importing that would change. Nothing is changed. */
    check: (description: ApiImport) => json<ImportPreview>('POST', '/v1/apis/check', description),
    list: () => json<{ readonly version: string; readonly apis: readonly Api[] }>('GET', '/v1/apis'),
    show: (api: string) => json<ApiShown>('GET', at('/v1/apis/', api)),
    /** At most 500; `next` is where the following page goes on `after`, null where there is none. */
    actions: (which: { readonly api?: string; readonly after?: string } = {}) =>
      json<{ readonly version: string; readonly actions: readonly ActionInShort[]; readonly next: string | null }>(
        'GET',
        `/v1/actions${query(which)}`,
      ),
    action: (id: string) => json<ActionShown>('GET', at('/v1/actions/', id)),
    /** Classifies one action; counts at once, upwards and downwards. */
    set: (action: string, classification: Partial<Classification>, revision?: number) =>
      json<Classified>('PATCH', at('/v1/actions/', action), {
        classification,
        ...(revision !== undefined && { revision }),
      }),
    /** Confirms what the description proposes, as shown at `revision`, for the named actions or for all. */
    confirm: (api: string, what: { readonly revision: number; readonly actions?: readonly string[] }) =>
      json<{ readonly entry: EntryId; readonly confirmed: readonly string[]; readonly lowered: readonly Lowered[] }>(
        'POST',
        at('/v1/apis/', api, '/confirmations'),
        what,
      ),
    /** Lays a classification file, YAML or JSON, over the actions of an API. */
    overlay: (api: string, overlay: string, revision?: number) =>
      json<Classified>('POST', at('/v1/apis/', api, '/overlays'), {
        overlay,
        ...(revision !== undefined && { revision }),
      }),
    /** What that file would change. Nothing is changed. */
    checkOverlay: (api: string, overlay: string) =>
      json<OverlayPreview>('POST', at('/v1/apis/', api, '/overlays/check'), { overlay }),
    /** Moves an API to another server. */
    move: (api: string, to: { readonly server: string; readonly revision: number }) =>
      json<Api>('POST', at('/v1/apis/', api, '/origin'), to),
    unmatched: async () => (await json<{ groups: readonly UnmatchedGroup[] }>('GET', '/v1/unmatched')).groups,
    /** Turns a group of unmatched calls into an action of the strictest classification. */
    promote: (group: string, operation?: string) =>
      json<Omit<ActionInShort, 'classifiedBy'>>('POST', at('/v1/unmatched/', group, '/promotion'), {
        ...(operation !== undefined && { operation }),
      }),
  };
}
