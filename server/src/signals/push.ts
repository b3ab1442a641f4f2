import type { TenantId } from '@ambit/protocol';
import {
  becomeSender,
  committedUnlessMoved,
  entry,
  type Ground,
  nextTry,
  type Outbound,
  type Posted,
  planeItself,
  post,
  type SendingNode,
  span,
} from '../foundation/index.ts';
import { requireEndpoint } from './endpoint.ts';
import { setMediaType } from './names.ts';
import type { Seal } from './seal.ts';
import { type Issuing, signSet } from './sign-set.ts';
import { changeStream, dropWaiting, findPosition, findStream, holdPosition, listWaiting } from './store.ts';
import type { Stream, Waiting } from './stream.ts';

export type Pushing = SendingNode & { readonly issuer: Issuing; readonly outbound: Outbound; readonly seal: Seal };

const atOnceMax = 100;
const retryMsMax = 300_000;

/**
 * RFC 8935: sends what waits for a stream, in order. INVARIANT (at least once): a SET leaves the queue when its receiver
 * took it. The node that sends first keeps the stream until it is gone, so exactly one sends. What the receiver does not
 * take yet is tried again, later each time; what it refuses as a SET (400) is recorded and not sent again (§2.4).
 */
export function push(parts: Pushing, tenant: TenantId, stream: Stream): Promise<void> {
  return span('signals/push', async () => {
    const { ground } = parts;
    const position = await findPosition(ground, tenant, stream.id);
    if (position === undefined || ground.clock() < position.retryAt) return;
    const waiting = await listWaiting(ground, tenant, stream.id, atOnceMax);
    if (waiting.length === 0) return;
    if (!(await becomeSender(parts, tenant, position, (set) => holdPosition(position, set)))) return;
    for (const one of waiting) {
      // Read anew: whoever paused, changed or deleted it meanwhile is obeyed before the next one.
      const now = await findStream(ground, tenant, stream.id);
      if (now?.status !== 'enabled' || now.endpointUrl === null) return;
      if (!(await sendOne(parts, tenant, now, one))) return;
    }
  });
}

/** Whether the next one may follow. */
async function sendOne(parts: Pushing, tenant: TenantId, stream: Stream, one: Waiting): Promise<boolean> {
  const { ground, outbound, issuer, seal } = parts;
  const headers = [
    ['content-type', setMediaType],
    ['accept', 'application/json'],
    ...(stream.authorization === null ? [] : [['authorization', seal.open(stream.authorization, stream.id)] as const]),
  ] as const;
  const answer = await post(
    outbound,
    { tenant, credential: stream.id },
    requireEndpoint(stream.endpointUrl!),
    headers,
    signSet(issuer, stream, one),
  );
  const outcome = outcomeOf(answer);
  if (outcome === 'taken') {
    const position = await findPosition(ground, tenant, stream.id);
    const calm =
      position !== undefined && position.failures > 0 ? [holdPosition(position, { failures: 0, retryAt: 0 })] : [];
    return committedUnlessMoved(ground, { tenant, changes: [dropWaiting(one), ...calm], entries: [] });
  }
  if (outcome === 'not taken') {
    const told = tell(ground, stream, 'signal.not-taken', { jti: one.jti, ...errorIn(answer) });
    return committedUnlessMoved(ground, { tenant, changes: [dropWaiting(one)], entries: [told] });
  }
  if (outcome === 'forbidden') {
    const because = answer.kind === 'failed' ? answer.because : '';
    const set = { status: 'paused', reason: 'its endpoint may not be reached from here' } as const;
    const told = tell(ground, stream, 'signal.stream-stopped', { because });
    await committedUnlessMoved(ground, { tenant, changes: [changeStream(stream, set)], entries: [told] });
    return false;
  }
  await later(ground, tenant, stream, answer.kind === 'answered' ? answer.retryAfterSeconds : null);
  return false;
}

type Outcome = 'taken' | 'not taken' | 'forbidden' | 'later';

function outcomeOf(answer: Posted): Outcome {
  if (answer.kind === 'failed') return answer.forbidden ? 'forbidden' : 'later';
  if (answer.status >= 200 && answer.status < 300) return 'taken';
  if (answer.status !== 400) return 'later';
  // RFC 8935 §2.4: these two are about who we are, and may be mended there.
  const { err } = errorIn(answer);
  return err === 'authentication_failed' || err === 'access_denied' ? 'later' : 'not taken';
}

/** RFC 8935 §2.3: what the receiver says of it, as far as it says it in that form. */
function errorIn(answer: Posted): { readonly err: string; readonly description: string } {
  const text = answer.kind === 'answered' ? answer.text : '';
  const [, err = 'unknown'] = /"err"\s*:\s*"([a-z_]{1,40})"/.exec(text) ?? [];
  const [, description = ''] = /"description"\s*:\s*"([^"\\]{0,200})"/.exec(text) ?? [];
  return { err, description };
}

const tell = (ground: Ground, { id, point }: Stream, kind: `signal.${string}`, detail: object) =>
  entry({
    id: ground.newId('entry'),
    kind,
    who: { ...planeItself, channel: 'signals' },
    keys: [`ambit:enforcement-point/${point}`],
    detail: { stream: id, ...detail },
  });

async function later(
  ground: Ground,
  tenant: TenantId,
  { id }: Stream,
  retryAfterSeconds: number | null,
): Promise<void> {
  const position = await findPosition(ground, tenant, id);
  if (position === undefined) return;
  const failures = position.failures + 1;
  const retryAt = nextTry(ground.clock(), failures, retryMsMax, retryAfterSeconds);
  await committedUnlessMoved(ground, { tenant, changes: [holdPosition(position, { failures, retryAt })], entries: [] });
}
