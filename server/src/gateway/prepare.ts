import type { Refusal } from '../foundation/index.ts';
import type { Header } from '../foundation/outbound/index.ts';
import type { Admitted } from './admit.ts';
import type { Prepared } from './forward.ts';
import type { Outcome } from './forward-outcome.ts';
import { notSent } from './forward-stream.ts';
import type { Rooms } from './rooms.ts';

export type Ready = {
  readonly request: Prepared;
  /** An outcome for what kept the call from being sent at all. */
  notSent(refusal: Refusal): Outcome;
  close(): void;
};

/**
 * The request, written anew from the admitted call, and tied to its task.
 * INVARIANT (ends together): registered before the last look, so that an ending either cuts it or was seen by the look.
 */
export function prepare(rooms: Rooms, admitted: Admitted): Ready {
  const { call, permit, tenant, entry } = admitted;
  const { chain } = permit.facts;
  const open = rooms.live.open({ tenant, tasks: chain.map((task) => task.id), entry });
  const { settings } = rooms;
  const stream = call.action.stream;
  const request: Prepared = {
    tenant,
    entry,
    effect: call.action.effect,
    origin: call.origin,
    method: call.method,
    path: call.path,
    query: call.query,
    headers: call.headers,
    body: call.body,
    planeHeaders: tagsOf(admitted),
    idempotencyHeader: call.action.idempotencyHeader,
    answerBytesMax: stream?.bytesMax ?? settings.answerBytesMax,
    copyBytesMax: call.action.sensitivity === 'sensitive' ? 0 : settings.answerCopyBytesMax,
    durationMsMax: (stream?.secondsMax ?? settings.upstreamMsMax / 1000) * 1000,
    until: open.ended,
    lastLook: open.lastLook,
  };
  return { request, close: open.close, notSent: (refusal) => notSent(refusal, 0) };
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
