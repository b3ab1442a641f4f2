import type { TenantId } from '@ambit/protocol';
import { committedUnlessMoved, type Ground, type StoredEntry, span } from '../../foundation/index.ts';
import { findApproval } from '../store.ts';
import type { Channel, ChannelKind, Delivery, Position } from './channel.ts';
import { mayTell, type Notice, noticeOf, toldBy } from './notice.ts';
import { addDelivery, countWaiting, findPosition, movePosition } from './store.ts';

const entriesAtOnce = 500;
const pagesAtOnceMax = 20;
/** In one unit. An entry is read whole or not at all, so a page may end before its last entry. */
const deliveriesAtOnceMax = 500;
/** A channel that has as many waiting reads no further: what it has not read stays where it is, in the log. */
const waitingMax = 10_000;
/** Of one person. Whoever has as many waiting hears that there are more, and reads the list. */
export const waitingOfPersonMax = 100;

/**
 * Follows the log for one channel, as streams of signals do: what its entries tell is put up for delivery in the same unit
 * in which the position moves. INVARIANT (at least once): whoever dies in between left both as they were. Of two nodes that
 * read the same position one moves it.
 */
export function followLog(ground: Ground, tenant: TenantId, channel: Channel, kind: ChannelKind): Promise<void> {
  return span('approvals/follow-log', async () => {
    for (let pages = 0; pages < pagesAtOnceMax; pages++) {
      const position = await findPosition(ground, tenant, channel.id);
      if (position === undefined || !(await readPage(ground, tenant, channel, kind, position))) return;
    }
  });
}

/** Whether there may be more. */
async function readPage(
  ground: Ground,
  tenant: TenantId,
  channel: Channel,
  kind: ChannelKind,
  position: Position,
): Promise<boolean> {
  const { log } = ground.database;
  const { size } = await log.head();
  if (position.next >= size || (await countWaiting(ground, tenant, channel.id)) >= waitingMax) return false;
  const page = await log.entries(tenant, { from: position.next, limit: entriesAtOnce });
  const found: Delivery[] = [];
  let next = position.next;
  for (const entry of page) {
    if (found.length >= deliveriesAtOnceMax) break;
    found.push(...(await deliveriesOf(ground, tenant, channel, kind, entry, found)));
    next = entry.index + 1;
  }
  // Entries of other tenants lie behind the last one of this.
  const isAll = page.length < entriesAtOnce && (page.length === 0 || next === page.at(-1)!.index + 1);
  if (isAll) next = Math.max(next, size);
  const changes = [movePosition(position, next), ...found.map(addDelivery)];
  return committedUnlessMoved(ground, { tenant, changes, entries: [] });
}

async function deliveriesOf(
  ground: Ground,
  tenant: TenantId,
  { id: channel }: Channel,
  kind: ChannelKind,
  entry: StoredEntry,
  found: readonly Delivery[],
): Promise<Delivery[]> {
  const notice = await noticeIn(ground, tenant, entry);
  if (notice === null) return [];
  const put: Delivery[] = [];
  for (const person of await kind.receivers(tenant, notice)) {
    if (person !== null) {
      const before = found.filter((one) => one.person === person).length;
      if (before + (await countWaiting(ground, tenant, channel, person)) >= waitingOfPersonMax) continue;
    }
    put.push({
      id: ground.newId('delivery'),
      channel,
      person,
      approval: notice.approval,
      notice,
      place: entry.index,
      state: 'waiting',
      attempts: 0,
      triedAt: null,
      said: null,
    });
  }
  return put;
}

async function noticeIn(ground: Ground, tenant: TenantId, entry: StoredEntry): Promise<Notice | null> {
  if (!mayTell(entry.header)) return null;
  // A detail that was deleted tells nothing any more.
  const detail = ground.database.log.open(entry)?.detail;
  const told = detail === undefined ? null : toldBy(entry.header, detail);
  const approval = told === null ? undefined : await findApproval(ground, tenant, told.approval);
  return told === null || approval === undefined ? null : noticeOf(told, entry.header, approval);
}
