import type { EntryId } from '@ambit/protocol';
import { type Ground, span } from '../foundation/index.ts';
import type { SessionCaller } from './authenticate-person.ts';
import { personResource, record } from './record.ts';
import { closeSessionRow } from './store.ts';

/** Ends the session that the request came with. */
export function closeSession(ground: Ground, by: SessionCaller): Promise<{ entry: EntryId }> {
  return span('identity/close-session', async () => {
    const entry = await record(ground, by, {
      kind: 'identity.session-closed',
      keys: [personResource(by.person)],
      changes: [closeSessionRow(by.session.id)],
      detail: { session: by.session.id },
    });
    return { entry };
  });
}
