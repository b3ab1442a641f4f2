import type { TenantId } from '@ambit/protocol';
import { type Check, entry, type Ground, type Outbound, planeItself, Refusal, span } from '../foundation/index.ts';
import { setMediaType } from './names.ts';
import { type Posted, post } from './post.ts';
import type { Seal } from './seal.ts';
import { type Issuing, signSet } from './sign-set.ts';
import { changeStream, dropWaiting, findPosition, findStream, holdPosition, listWaiting } from './store.ts';
import type { Position, Stream, Waiting } from './stream.ts';

export type Pushing = {
  readonly ground: Ground;
  readonly issuer: Issuing;
  readonly outbound: Outbound;
  readonly seal: Seal;
  readonly node: () => string;
  /** Null as long as that node stands; else what a unit checks that takes up what it left. */
  readonly gone: (node: string) => Promise<readonly Check[] | null>;
};

const atOnceMax = 100;
const retryMs = 1000;
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
    if (waiting.length === 0 || !(await hold(parts, tenant, position))) return;
    for (const one of waiting) {
      // Read anew: whoever paused, changed or deleted it meanwhile is obeyed before the next one.
      const now = await findStream(ground, tenant, stream.id);
      if (now?.status !== 'enabled' || now.endpointUrl === null) return;
      if (!(await sendOne(parts, tenant, now, one))) return;
    }
  });
}

async function hold({ ground, node, gone }: Pushing, tenant: TenantId, position: Position): Promise<boolean> {
  const { holder } = position;
  if (holder === node()) return true;
  const checks = holder === null ? [] : await gone(holder);
  if (checks === null) return false;
  return committed(ground, { tenant, checks, changes: [holdPosition(position, { holder: node() })], entries: [] });
}

async function committed(ground: Ground, unit: Parameters<Ground['database']['commit']>[0]): Promise<boolean> {
  try {
    await ground.database.commit(unit);
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'state.changed') return false;
    throw error;
  }
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
    stream.endpointUrl!,
    headers,
    signSet(issuer, stream, one),
  );
  const outcome = outcomeOf(answer);
  if (outcome === 'taken') {
    const position = await findPosition(ground, tenant, stream.id);
    const calm =
      position !== undefined && position.failures > 0 ? [holdPosition(position, { failures: 0, retryAt: 0 })] : [];
    return committed(ground, { tenant, changes: [dropWaiting(one), ...calm], entries: [] });
  }
  if (outcome === 'not taken') {
    const told = tell(ground, stream, 'signal.not-taken', { jti: one.jti, ...errorIn(answer) });
    return committed(ground, { tenant, changes: [dropWaiting(one)], entries: [told] });
  }
  if (outcome === 'forbidden') {
    const because = answer.kind === 'failed' ? answer.because : '';
    const set = { status: 'paused', reason: 'its endpoint may not be reached from here' } as const;
    const told = tell(ground, stream, 'signal.stream-stopped', { because });
    await committed(ground, { tenant, changes: [changeStream(stream, set)], entries: [told] });
    return false;
  }
  await later(ground, tenant, stream);
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

async function later(ground: Ground, tenant: TenantId, { id }: Stream): Promise<void> {
  const position = await findPosition(ground, tenant, id);
  if (position === undefined) return;
  const failures = position.failures + 1;
  const retryAt = ground.clock() + Math.min(retryMs * 2 ** Math.min(failures - 1, 20), retryMsMax);
  await committed(ground, { tenant, changes: [holdPosition(position, { failures, retryAt })], entries: [] });
}
