import type { EntryId, StreamId } from '@ambit/protocol';
import { type Change, entry, type Ground, type PointCaller, refuse, span } from '../foundation/index.ts';
import { requireEndpoint, requireHeader } from './endpoint.ts';
import { type DeliveryMethod, delivery } from './names.ts';
import type { Seal } from './seal.ts';
import {
  addPosition,
  addStream,
  addSubjectAgain,
  changeStream,
  dropPosition,
  dropStream,
  dropWaiting,
  findPosition,
  findStream,
  listRemovedSubjects,
  listStreams,
  listWaiting,
  movePosition,
  streamsMax,
} from './store.ts';
import type { Stream, StreamStatus } from './stream.ts';

export type Wanted = {
  readonly delivery?:
    | {
        readonly method: DeliveryMethod;
        readonly endpoint_url?: string | null | undefined;
        readonly authorization_header?: string | null | undefined;
      }
    | undefined;
  readonly events_requested?: readonly string[] | undefined;
  readonly description?: string | null | undefined;
};

const point = (caller: PointCaller) => `ambit:enforcement-point/${caller.point}`;

async function tell(
  ground: Ground,
  caller: PointCaller,
  kind: `signal.${string}`,
  changes: readonly Change[],
  detail: object,
): Promise<EntryId> {
  const id = ground.newId('entry');
  const told = entry({ id, kind, who: caller.who, keys: [point(caller)], detail: { ...detail } });
  await ground.database.commit({ tenant: caller.tenant, changes, entries: [told] });
  return id;
}

/** SSF 1.0 §8.1.1.1. The stream hears what happens from here on. */
export function createStream(ground: Ground, seal: Seal, caller: PointCaller, wanted: Wanted): Promise<Stream> {
  return span('signals/create-stream', async () => {
    const own = await listStreams(ground, caller.tenant, caller.point);
    if (own.length >= streamsMax) throw refuse('signal.too_many_streams', `${caller.point} has ${own.length}`);
    const id = ground.newId('stream');
    const stream: Stream = {
      id,
      point: caller.point,
      ...deliveryOf(seal, id, wanted, { method: delivery.poll, endpointUrl: null, authorization: null }),
      eventsRequested: [...(wanted.events_requested ?? [])],
      description: wanted.description ?? null,
      status: 'enabled',
      reason: null,
      createdAt: ground.clock(),
      epoch: 1,
    };
    const { size } = await ground.database.log.head();
    const start = { stream: id, next: size, skip: 0, holder: null, failures: 0, retryAt: 0, verifiedAt: 0 };
    await tell(ground, caller, 'signal.stream-created', [addStream(stream), addPosition(start)], shown(stream));
    return stream;
  });
}

/** Of the receiver that asks; another's stream is as if it were not there. */
export async function requireStream(ground: Ground, caller: PointCaller, id: StreamId): Promise<Stream> {
  const stream = await findStream(ground, caller.tenant, id);
  if (stream?.point === caller.point) return stream;
  throw refuse('thing.not_found', `no stream ${id} of ${caller.point}`);
}

/** SSF 1.0 §8.1.1.3 and §8.1.1.4: `whole` replaces what is not given by what a new stream would have. */
export function updateStream(
  ground: Ground,
  seal: Seal,
  caller: PointCaller,
  { id, wanted, whole }: { readonly id: StreamId; readonly wanted: Wanted; readonly whole: boolean },
): Promise<Stream> {
  return span('signals/update-stream', async () => {
    const before = await requireStream(ground, caller, id);
    const fresh = { method: delivery.poll, endpointUrl: null, authorization: null };
    const set = {
      ...deliveryOf(seal, id, wanted, whole ? fresh : before),
      eventsRequested: [...(wanted.events_requested ?? (whole ? [] : before.eventsRequested))],
      description: wanted.description !== undefined ? wanted.description : whole ? null : before.description,
    };
    const stream = { ...before, ...set, epoch: before.epoch + 1 };
    await tell(ground, caller, 'signal.stream-changed', [changeStream(before, set)], shown(stream));
    return stream;
  });
}

export function deleteStream(ground: Ground, caller: PointCaller, id: StreamId): Promise<EntryId> {
  return span('signals/delete-stream', async () => {
    const stream = await requireStream(ground, caller, id);
    const waiting = await listWaiting(ground, caller.tenant, id, 10_000);
    const removed = await listRemovedSubjects(ground, caller.tenant, id);
    const changes = [
      dropStream(stream),
      dropPosition(id),
      ...waiting.map(dropWaiting),
      ...removed.map(addSubjectAgain),
    ];
    return tell(ground, caller, 'signal.stream-deleted', changes, { stream: id });
  });
}

/** SSF 1.0 §8.1.2: what happens while it is paused is told afterwards; while it is disabled, never. */
export function setStatus(
  ground: Ground,
  caller: PointCaller,
  { id, status, reason }: { readonly id: StreamId; readonly status: StreamStatus; readonly reason: string | null },
): Promise<Stream> {
  return span('signals/set-status', async () => {
    const before = await requireStream(ground, caller, id);
    const changes = [changeStream(before, { status, reason })];
    const position = await findPosition(ground, caller.tenant, id);
    if (before.status === 'disabled' && status !== 'disabled' && position !== undefined) {
      const { size } = await ground.database.log.head();
      changes.push(movePosition(position, { next: size, skip: 0 }));
    }
    await tell(ground, caller, 'signal.status-set', changes, { stream: id, status, reason });
    return { ...before, status, reason, epoch: before.epoch + 1 };
  });
}

type Delivery = Pick<Stream, 'method' | 'endpointUrl' | 'authorization'>;

function deliveryOf(seal: Seal, id: StreamId, { delivery: given }: Wanted, otherwise: Delivery): Delivery {
  if (given === undefined) {
    const { method, endpointUrl, authorization } = otherwise;
    return { method, endpointUrl, authorization };
  }
  if (given.method === delivery.poll) return { method: given.method, endpointUrl: null, authorization: null };
  if (given.endpoint_url == null) throw refuse('signal.endpoint_invalid', 'push without an endpoint_url');
  requireEndpoint(given.endpoint_url);
  const header = given.authorization_header ?? null;
  const authorization = header === null ? null : seal.seal(requireHeader(header), id);
  return { method: given.method, endpointUrl: given.endpoint_url, authorization };
}

/** Whether there is a header, and never which. */
const shown = ({ authorization, ...stream }: Stream) => ({
  ...stream,
  authorization: authorization === null ? null : 'sealed',
});
