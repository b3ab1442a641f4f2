import type { AgentId, EntryId, TemplateKeyId } from '@ambit/protocol';
import { type PersonCaller, span } from '../foundation/index.ts';
import { revokeTemplateKey, type TemplateKey } from '../identity/index.ts';
import { tasksOfAgent } from '../tasks/index.ts';
import { type Ending, endAll, type Reach } from './end.ts';
import { unfinished } from './hanging.ts';

/** Revokes a static key and ends what it had open; the owner of its agent or an administrator may. */
export function endTemplateKey(
  reach: Reach,
  by: PersonCaller,
  { reason, ...named }: { readonly agent: AgentId; readonly key: TemplateKeyId; readonly reason: string },
): Promise<{ key: TemplateKey; ending: Ending; entry: EntryId }> {
  return span('endings/end-template-key', async () => {
    const { key, entry } = await revokeTemplateKey(reach.ground, by, named);
    // From here on all of it is dead by reading; this writes down, and answers, what that was.
    const opened = async () =>
      (await tasksOfAgent(reach.ground, by.tenant, key.agent, unfinished)).filter(
        ({ acceptedKey }) => acceptedKey === key.id,
      );
    const cause = { state: 'revoked', who: by.who, because: reason } as const;
    return { key, entry, ending: await endAll(reach, by.tenant, opened, () => cause) };
  });
}
