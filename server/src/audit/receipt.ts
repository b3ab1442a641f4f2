import { type EntryId, printShortReceipt, type Receipt, type TenantId, toBase64 } from '@ambit/protocol';
import type { Ground, Placed } from '../foundation/index.ts';
import type { Checkpoints } from './checkpoint.ts';
import { proveInclusion, requireEntry } from './prove.ts';

/** The receipt of an entry: its place, a signed checkpoint that covers it, and the proof that leads there. */
export async function receiptOf(
  ground: Ground,
  checkpoints: Checkpoints,
  tenant: TenantId,
  id: EntryId,
): Promise<Receipt> {
  const { index } = await requireEntry(ground, tenant, id);
  const { size, note } = await checkpoints.covering(index + 1);
  const { leaf, path } = await proveInclusion(ground, tenant, id, size);
  return { entry: id, index, leaf, path, checkpoint: note };
}

/** What goes with an answer at once, as the value of `Ambit-Receipt`: nothing is signed for it. */
export async function receiptHeader(
  ground: Ground,
  checkpoints: Checkpoints,
  tenant: TenantId,
  id: EntryId,
): Promise<string> {
  const { index, leaf } = await requireEntry(ground, tenant, id);
  return receiptOfPlaced(checkpoints, { index, leaf: toBase64(leaf) });
}

/** The same for an entry that was written a moment ago: its place is known without asking the store. */
export function receiptOfPlaced(checkpoints: Checkpoints, { index, leaf }: Pick<Placed, 'index' | 'leaf'>): string {
  return printShortReceipt({ index, leaf, size: checkpoints.newest()?.size ?? 0 });
}
