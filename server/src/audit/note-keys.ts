import type { TenantId } from '@ambit/protocol';
import { entry, type Ground, type KeyDescription, planeItself, Refusal, span } from '../foundation/index.ts';
import { newestOfKind, noteOnce } from './store.ts';

/**
 * Writes an entry where the plane's own keys are not those that it had when it last looked: in a copy of the log, a
 * key that nobody rotated stands out. Only thumbprints are kept, in the header, so that they are read whatever became
 * of the key that seals details. Answers whether they were others.
 */
export function noteKeys(ground: Ground, plane: TenantId, keys: readonly KeyDescription[]): Promise<boolean> {
  return span('audit/note-keys', async () => {
    const once = await noteOnce(ground, plane, keys.map(({ kind, id }) => `${kind}:${id}`).join(' '));
    const now = keys.map(({ kind, id }) => `${kind}:${id}`);
    const [newest] = await newestOfKind(ground, plane, 'keys.changed', { limit: 1 });
    const before = newest?.header.keys ?? [];
    if (now.join(' ') === before.join(' ')) return false;
    const detail = {
      keys: keys.map(({ kind, id, use, madeAt }) => ({ kind, id, use, madeAt })),
      added: now.filter((key) => !before.includes(key)),
      gone: before.filter((key) => !now.includes(key)),
    };
    const told = entry({ id: ground.newId('entry'), kind: 'keys.changed', who: planeItself, keys: now, detail });
    try {
      await ground.database.commit({ tenant: plane, changes: [once], entries: [told] });
      return true;
    } catch (error) {
      // A node that starts at the same moment has noted them; it has the same keys, or would not be let in.
      if (error instanceof Refusal && error.code === 'state.changed') return false;
      throw error;
    }
  });
}
