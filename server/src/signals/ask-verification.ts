import type { StreamId } from '@ambit/protocol';
import { entry, type Ground, type PointCaller, refuse, span } from '../foundation/index.ts';
import { requireStream } from './change-stream.ts';
import { findPosition, verifiedNow } from './store.ts';

/** Seconds between two verifications of one stream (SSF 1.0 §8.1.1, `min_verification_interval`). */
export const verificationSecondsMin = 5;

/** SSF 1.0 §8.1.4: the stream gets an event that repeats `state`, by the way that all others go. */
export function askVerification(
  ground: Ground,
  caller: PointCaller,
  { id, state }: { readonly id: StreamId; readonly state: string | null },
): Promise<void> {
  return span('signals/ask-verification', async () => {
    const stream = await requireStream(ground, caller, id);
    const position = await findPosition(ground, caller.tenant, id);
    const now = ground.clock();
    if (position === undefined || now - position.verifiedAt < verificationSecondsMin * 1000)
      throw refuse('signal.too_soon', `${id} was verified less than ${verificationSecondsMin} s ago`);
    await ground.database.commit({
      tenant: caller.tenant,
      changes: [verifiedNow(position, now)],
      entries: [
        entry({
          id: ground.newId('entry'),
          kind: 'signal.verification-asked',
          who: caller.who,
          keys: [`ambit:enforcement-point/${caller.point}`],
          detail: { stream: stream.id, state },
        }),
      ],
    });
  });
}
