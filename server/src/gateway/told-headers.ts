import { parseId, planeHeader, type TenantId } from '@ambit/protocol';
import type { Header, Placed } from '../foundation/index.ts';
import type { Rooms } from './rooms.ts';

/** What goes with the answer to a call that was admitted a moment ago. */
export const toldOf = (rooms: Pick<Rooms, 'receiptOf'>, placed: Placed): readonly Header[] => [
  [planeHeader.entry, placed.id],
  [planeHeader.receipt, rooms.receiptOf(placed)],
];

/**
 * What every answer says of the entry that records it: which one, and its receipt. THREATS: cut-tail. Whoever keeps
 * receipts can prove later that an entry was there.
 *
 * The call is decided, and perhaps done, by then: an answer is not held back for want of its receipt.
 */
export async function toldHeaders(
  rooms: Pick<Rooms, 'receipt' | 'complain'>,
  tenant: TenantId,
  told: string,
): Promise<Record<string, string>> {
  const headers = { [planeHeader.entry]: told };
  const entry = parseId('entry', told);
  if (entry === undefined) return headers;
  try {
    return { ...headers, [planeHeader.receipt]: await rooms.receipt(tenant, entry) };
  } catch (error) {
    rooms.complain(`the receipt of ${entry}`, error);
    return headers;
  }
}
