import type { TenantId } from '@ambit/protocol';
import {
  becomeSender,
  type Change,
  committedUnlessMoved,
  type EntryDraft,
  nextTry,
  type SendingNode,
  span,
} from '../../foundation/index.ts';
import type { Channel, ChannelKind, Delivery, Outcome, Parcel, Position } from './channel.ts';
import { toldOfChannel } from './record.ts';
import { changeChannel, changeDelivery, changePosition, findChannel, findPosition, listByState } from './store.ts';

const waitingAtOnceMax = 10_000;
const parcelsAtOnceMax = 100;
const retryMsMax = 300_000;
/** Whoever took nothing for so long is told nothing any more, until an administrator enables it. */
export const deadAfterMs = 5 * 86_400_000;

/**
 * Sends what waits for a channel, in order. INVARIANT (at least once): a delivery waits until its receiver took it, or
 * nobody needs it. The node that sends first keeps the channel until it is gone. A receiver that cannot take something now
 * is tried again, later each time; an outage is one entry at its begin and one at its end.
 */
export function deliver(node: SendingNode, tenant: TenantId, channel: Channel, kind: ChannelKind): Promise<void> {
  return span('approvals/deliver', async () => {
    const { ground } = node;
    const position = await findPosition(ground, tenant, channel.id);
    if (position === undefined || ground.clock() < position.retryAt) return;
    const waiting = await listByState(ground, tenant, channel.id, ['waiting'], waitingAtOnceMax);
    if (waiting.length === 0) return;
    if (!(await becomeSender(node, tenant, position, (set) => changePosition(position, set)))) return;
    const parcels = await kind.parcels(tenant, channel, waiting);
    for (const parcel of parcels.slice(0, parcelsAtOnceMax)) {
      // Read anew: whoever removed, disabled or rotated it meanwhile is obeyed before the next one.
      const now = await findChannel(ground, tenant, channel.id);
      if (now?.state !== 'active' || !(await sendOne(node, tenant, now, parcel))) return;
    }
  });
}

/** Whether the next one may follow. */
async function sendOne(node: SendingNode, tenant: TenantId, channel: Channel, parcel: Parcel): Promise<boolean> {
  const { ground } = node;
  const outcome = await parcel.send(channel);
  const position = await findPosition(ground, tenant, channel.id);
  // Another node took over while this one was away: it sends the rest, this one included.
  if (position?.holder !== node.node()) return false;
  const tried = { triedAt: ground.clock(), said: outcome.said };
  if (outcome.kind === 'gone') return stop(node, tenant, channel, outcome.said);
  if (outcome.kind === 'later') return later(node, tenant, { channel, position, parcel, outcome });
  const entries = entriesOf(node, { channel, position, parcel, outcome });
  const changes = [...concluded(parcel.deliveries, outcome.kind, tried), ...calmed(position, outcome)];
  return committedUnlessMoved(ground, { tenant, changes, entries });
}

function entriesOf({ ground }: SendingNode, { channel, position, parcel, outcome }: Tried): readonly EntryDraft[] {
  if (outcome.kind === 'refused') return [toldOfChannel(ground, channel, 'channel.not-taken', about(parcel, outcome))];
  if (outcome.kind === 'over' || position.failingSince === null) return [];
  return [toldOfChannel(ground, channel, 'channel.recovered', { failingSince: position.failingSince })];
}

/** What was not sent says nothing of the receiver; what it refused says that it is there. */
function calmed(position: Position, { kind }: Outcome): readonly Change[] {
  if (kind === 'over' || position.failures === 0) return [];
  const calm = { failures: 0, retryAt: 0 };
  return [changePosition(position, kind === 'refused' ? calm : { ...calm, failingSince: null })];
}

const about = ({ deliveries }: Parcel, { said }: Outcome) => ({
  deliveries: deliveries.map(({ id }) => id),
  approvals: deliveries.map(({ approval }) => approval),
  because: said,
});

const concluded = (
  deliveries: readonly Delivery[],
  state: Delivery['state'],
  tried: Pick<Delivery, 'triedAt' | 'said'>,
): Change[] =>
  deliveries.map((one) =>
    changeDelivery(one, { state, attempts: one.attempts + (state === 'over' ? 0 : 1), ...tried }),
  );

type Tried = {
  readonly channel: Channel;
  readonly position: Position;
  readonly parcel: Parcel;
  readonly outcome: Outcome;
};

async function later(
  node: SendingNode,
  tenant: TenantId,
  { channel, position, parcel, outcome }: Tried,
): Promise<boolean> {
  const { ground } = node;
  const now = ground.clock();
  const failures = position.failures + 1;
  const failingSince = position.failingSince ?? now;
  if (now - failingSince >= deadAfterMs)
    return stop(node, tenant, channel, `nothing was taken since ${iso(failingSince)}`);
  const retryAt = nextTry(now, failures, retryMsMax, outcome.retryAfterSeconds ?? null);
  const isNew = position.failingSince === null;
  const changes = [
    changePosition(position, { failures, retryAt, failingSince }),
    ...concluded(parcel.deliveries, 'waiting', { triedAt: now, said: outcome.said }),
  ];
  const entries = isNew ? [toldOfChannel(ground, channel, 'channel.failing', about(parcel, outcome))] : [];
  await committedUnlessMoved(ground, { tenant, changes, entries });
  return false;
}

const iso = (at: number): string => new Date(at).toISOString();

/** The channel is disabled by the plane itself: an entry says why, and what waited is told to nobody. */
async function stop({ ground }: SendingNode, tenant: TenantId, channel: Channel, reason: string): Promise<boolean> {
  const waiting = await listByState(ground, tenant, channel.id, ['waiting'], waitingAtOnceMax);
  const changes = [
    changeChannel(channel, { state: 'disabled', reason }),
    ...concluded(waiting, 'dropped', { triedAt: ground.clock(), said: reason }),
  ];
  const told = toldOfChannel(ground, channel, 'channel.disabled', { because: reason, dropped: waiting.length });
  await committedUnlessMoved(ground, { tenant, changes, entries: [told] });
  return false;
}
