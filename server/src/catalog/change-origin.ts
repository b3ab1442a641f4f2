import type { EntryId } from '@ambit/protocol';
import { type Ground, type PersonCaller, refuse, span } from '../foundation/index.ts';
import { type Api, readServer } from './api.ts';
import { recordChange, requireApi, requireRevision } from './record-change.ts';
import { changeApi } from './store.ts';

/** A person moves an API. Credentials are bound to origins of their own: none follows it there. */
export function changeOrigin(
  ground: Ground,
  by: PersonCaller,
  ask: { readonly api: string; readonly server: string; readonly revision: number },
): Promise<{ api: Api; entry: EntryId }> {
  return span('catalog/change-origin', async () => {
    const before = await requireApi(ground, by, ask.api);
    requireRevision(before, ask.revision);
    const server = readServer(ask.server);
    if (server.origin === before.origin && server.basePath === before.basePath) {
      throw refuse('state.changed', `${ask.api} lives there already`, `${ask.api} lives at ${ask.server} already.`);
    }
    const api = { ...before, ...server, revision: before.revision + 1 };
    const entry = await recordChange(ground, by, {
      kind: 'catalog.moved',
      keys: [`catalog:api/${ask.api}`],
      changes: [changeApi(api)],
      detail: { api: ask.api, from: `${before.origin}${before.basePath}`, to: `${api.origin}${api.basePath}` },
    });
    return { api, entry };
  });
}
