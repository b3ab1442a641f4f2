import type { TaskId, TenantId } from '@ambit/protocol';
import { asRefusal, type Check, entry, span } from '../foundation/index.ts';
import { sentences } from './forward-outcome.ts';
import type { Rooms } from './rooms.ts';
import { remembered } from './settle.ts';
import { dropSent, isUntold, listSent, type SentCall } from './store.ts';

const takenUpMax = 1000;

/**
 * Calls that a node let out and never told of, and that is gone: they may have happened, so they end as `unknown`, stay
 * spent, and the same write asks a person. Of several nodes that find one, one tells it. Answers how many were told here.
 */
export function recoverSent({ ground, nodes }: Pick<Rooms, 'ground' | 'nodes'>, tenant: TenantId): Promise<number> {
  return span('gateway/recover', async () => {
    const sent = await listSent(ground, tenant, takenUpMax);
    let told = 0;
    for (const [process, calls] of Map.groupBy(sent, (call) => call.process)) {
      const proof = await nodes.gone(process);
      if (proof === null) continue;
      for (const call of calls) if (await tellUnknown({ ground }, tenant, call, proof)) told++;
    }
    return told;
  });
}

/** False where it was told meanwhile. */
async function tellUnknown(
  { ground }: Pick<Rooms, 'ground'>,
  tenant: TenantId,
  call: SentCall,
  proof: readonly Check[],
): Promise<boolean> {
  const id = ground.newId('entry');
  const because = 'the plane stopped while the call was under way';
  const unit = {
    tenant,
    checks: [isUntold(call.entry), ...proof],
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
  };
  try {
    await ground.database.commit(unit);
    return true;
  } catch (error) {
    const { code } = asRefusal(error);
    // Another node was first, or remembered the same write at the same moment: what is left is for the next tick.
    if (code === 'thing.not_found' || code === 'state.changed') return false;
    throw error;
  }
}
