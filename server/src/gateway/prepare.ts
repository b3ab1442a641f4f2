import type { Opened } from '../endings/index.ts';
import type { Header } from '../foundation/index.ts';
import type { Admitted } from './admit.ts';
import type { Prepared } from './forward.ts';
import type { GatewaySettings } from './rooms.ts';

/** The request, written anew from the admitted call, and tied to its task. */
export function prepare(settings: GatewaySettings, admitted: Admitted, open: Opened): Prepared {
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
    planeHeaders: [...call.trace, ...tagsOf(admitted)],
    idempotencyHeader: call.action.idempotencyHeader,
    answerBytesMax: stream?.bytesMax ?? settings.answerBytesMax,
    copyBytesMax: call.action.sensitivity === 'sensitive' ? 0 : settings.answerCopyBytesMax,
    durationMsMax: (stream?.secondsMax ?? settings.upstreamMsMax / 1000) * 1000,
    until: open.ended,
    lastLook: open.lastLook,
  };
}

/** For upstreams that want to know on whose behalf they are called. */
function tagsOf({ call, permit }: Admitted): Header[] {
  if (!call.api.wantsTags) return [];
  const [task] = permit.facts.chain;
  const [agent] = permit.facts.agents;
  const tags = {
    agent: task.agent,
    task: task.id,
    purpose: task.purposeType,
    owner: agent?.owner ?? '',
    environment: agent?.environment ?? '',
  };
  return [
    [
      'ambit-tags',
      Object.entries(tags)
        .map(([name, value]) => `${name}="${value.replaceAll(/["\\]/g, '')}"`)
        .join(', '),
    ],
  ];
}
