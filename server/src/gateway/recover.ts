import type { TaskId, TenantId } from '@ambit/protocol';
import { entry, span } from '../foundation/index.ts';
import { sentences } from './forward-outcome.ts';
import type { Rooms } from './rooms.ts';
import { remembered } from './settle.ts';
import { dropSent, listSent, type SentCall } from './store.ts';

const takenUpMax = 1000;

/**
 * Calls that an earlier run of the plane let out and never told of: they may have happened, so they end as `unknown`,
 * stay spent, and the same write asks a person. Answers how many there were.
 */
export function recoverSent({ ground, process }: Pick<Rooms, 'ground' | 'process'>, tenant: TenantId): Promise<number> {
  return span('gateway/recover', async () => {
    const sent = await listSent(ground, tenant, takenUpMax);
    const left = sent.filter((call) => call.process !== process);
    for (const call of left) await tellUnknown({ ground }, tenant, call);
    return left.length;
  });
}

async function tellUnknown({ ground }: Pick<Rooms, 'ground'>, tenant: TenantId, call: SentCall): Promise<void> {
  const id = ground.newId('entry');
  const because = 'the plane stopped while the call was under way';
  await ground.database.commit({
    tenant,
    changes: [dropSent(call.entry), ...(await remembered(ground, tenant, call.effect, id))],
    entries: [
      entry({
        id,
        kind: 'call.outcome',
        who: call.who,
        task: call.task as TaskId,
        run: call.run as TaskId,
        about: call.entry,
        action: call.action,
        code: 'unknown',
        keys: call.keys,
        detail: { kind: 'unknown', code: 'broken', status: null, refusal: null, because, says: sentences.broken },
      }),
    ],
  });
}
