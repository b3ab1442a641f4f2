import type { ApprovalId, Part } from '@ambit/protocol';
import { type Ground, type PersonCaller, Refusal } from '../foundation/index.ts';
import { digestOfQuestion } from './approval.ts';
import { mayReadApproval } from './routes.ts';
import { findApproval } from './store.ts';

/**
 * The sentence that a question shows, in parts (null where it was kept without), and the digest of all that it shows as it
 * stands now: whoever tells it compares that with the entry that asked. Null where there is none that the caller may read, or
 * where its row was changed past Ambit: then its entry is told by itself, and `audit verify` names the row.
 */
export async function questionOf(
  ground: Pick<Ground, 'database'>,
  caller: Pick<PersonCaller, 'tenant' | 'person' | 'roles'>,
  id: ApprovalId,
): Promise<{ readonly digest: string; readonly parts: readonly Part[] | null } | null> {
  try {
    const approval = await findApproval(ground, caller.tenant, id);
    if (approval === undefined || !mayReadApproval(approval, caller)) return null;
    return { digest: digestOfQuestion(approval), parts: approval.shown.parts ?? null };
  } catch (error) {
    if (error instanceof Refusal && error.code === 'store.row_unexplained') return null;
    throw error;
  }
}
