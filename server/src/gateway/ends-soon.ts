import { setTimeout as sleep } from 'node:timers/promises';
import type { EntryId, TenantId } from '@ambit/protocol';
import type { Rooms } from './rooms.ts';
import { findSent } from './store.ts';

/** How long the outcome of a call that another node sent may take from there to here. */
const elsewhereMs = 25;

/**
 * Whether the write that a call would be asked about is over, or just about to be: its caller may have heard the end of
 * its answer a moment before the outcome is in the store. Then the call is decided again; nobody is asked about a write
 * that its own sender knows the outcome of.
 */
export async function endsSoon(
  { ground, nodes, unsettled }: Pick<Rooms, 'ground' | 'nodes' | 'unsettled'>,
  tenant: TenantId,
  { underWay, race }: { readonly underWay: EntryId | null; readonly race: number },
): Promise<boolean> {
  if (underWay === null) return false;
  const written = unsettled.writing(underWay);
  if (written !== undefined) {
    await written;
    return true;
  }
  const sent = await findSent(ground, tenant, underWay);
  // It ended while this was decided, or it is long over and its outcome is unknown.
  if (sent === undefined) return race === 1;
  if (sent.process === nodes.name()) return false;
  await sleep(elsewhereMs);
  return true;
}
