import type { StreamId } from '@ambit/protocol';
import { entry, type Ground, type PointCaller, span } from '../foundation/index.ts';
import { requireStream } from './change-stream.ts';
import { readLog } from './read-log.ts';
import { type Issuing, signSet } from './sign-set.ts';
import { dropWaiting, findWaiting, listWaiting } from './store.ts';
import type { Stream } from './stream.ts';

export type Poll = {
  readonly maxEvents?: number | undefined;
  readonly returnImmediately?: boolean | undefined;
  readonly ack?: readonly string[] | undefined;
  readonly setErrs?:
    | Readonly<Record<string, { readonly err: string; readonly description?: string | undefined }>>
    | undefined;
};

const setsAtOnceMax = 100;
const lookAgainMs = 250;

/**
 * RFC 8936 §2: what the receiver acknowledges or could not use is done with; what waits is answered, and waits until it
 * is acknowledged. Without `returnImmediately` an empty answer is held back for a while, as long as the caller is there.
 */
export function pollStream(
  ground: Ground,
  issuer: Issuing,
  caller: PointCaller,
  {
    id,
    poll,
    gone,
    waitMsMax,
  }: { readonly id: StreamId; readonly poll: Poll; readonly gone: AbortSignal; readonly waitMsMax: number },
): Promise<{ readonly sets: Readonly<Record<string, string>>; readonly moreAvailable: boolean }> {
  return span('signals/poll', async () => {
    const stream = await requireStream(ground, caller, id);
    await conclude(ground, caller, stream, poll);
    const limit = Math.min(poll.maxEvents ?? setsAtOnceMax, setsAtOnceMax);
    const until = performance.now() + (poll.returnImmediately === true || limit === 0 ? 0 : waitMsMax);
    while (true) {
      const now = await requireStream(ground, caller, id);
      await readLog(ground, caller.tenant, now, issuer.url);
      const found = now.status === 'enabled' ? await listWaiting(ground, caller.tenant, id, limit + 1) : [];
      if (found.length > 0 || performance.now() >= until || gone.aborted) {
        const sets = found.slice(0, limit).map((one) => [one.jti, signSet(issuer, now, one)] as const);
        return { sets: Object.fromEntries(sets), moreAvailable: found.length > limit };
      }
      await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
    }
  });
}

async function conclude(
  ground: Ground,
  caller: PointCaller,
  stream: Stream,
  { ack = [], setErrs = {} }: Poll,
): Promise<void> {
  const done = new Set([...ack, ...Object.keys(setErrs)]);
  const known = await Promise.all([...done].map((jti) => findWaiting(ground, caller.tenant, stream.id, jti)));
  const waiting = known.filter((one) => one !== undefined);
  if (waiting.length === 0) return;
  const refused = waiting.filter(({ jti }) => Object.hasOwn(setErrs, jti));
  await ground.database.commit({
    tenant: caller.tenant,
    changes: waiting.map(dropWaiting),
    entries: refused.map(({ jti }) =>
      entry({
        id: ground.newId('entry'),
        kind: 'signal.not-taken',
        who: caller.who,
        keys: [`ambit:enforcement-point/${caller.point}`],
        detail: { stream: stream.id, jti, ...setErrs[jti] },
      }),
    ),
  });
}
