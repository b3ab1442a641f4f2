import type { Opened } from '../endings/index.ts';
import type { Admitted } from './admit.ts';
import type { Prepared } from './forward.ts';
import type { Rooms } from './rooms.ts';
import { signedTags } from './tags.ts';

/** The request, written anew from the admitted call, and tied to its task. */
export function prepare(
  { settings, tags, ground }: Pick<Rooms, 'settings' | 'tags' | 'ground'>,
  admitted: Admitted,
  open: Opened,
): Prepared {
  const { call, tenant, entry } = admitted;
  const stream = call.action.stream;
  return {
    tenant,
    entry,
    effect: call.action.effect,
    origin: call.origin,
    method: call.method,
    path: call.path,
    query: call.query,
    headers: call.headers,
    body: call.body,
    planeHeaders: [...call.trace, ...signedTags(tags, admitted, ground.clock())],
    idempotencyHeader: call.action.idempotencyHeader,
    answerBytesMax: stream?.bytesMax ?? settings.answerBytesMax,
    copyBytesMax: call.action.sensitivity === 'sensitive' ? 0 : settings.answerCopyBytesMax,
    durationMsMax: (stream?.secondsMax ?? settings.upstreamMsMax / 1000) * 1000,
    until: open.ended,
    lastLook: open.lastLook,
  };
}
