import type { ApprovalId } from '@ambit/protocol';

/** Under which a card is kept once it was read. */
export const cardName = (id: ApprovalId) => ['approvals', 'one', id] as const;
