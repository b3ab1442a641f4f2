import { alikeOf } from '@ambit/protocol';
import type { ApprovalList } from '@ambit/sdk/operator';
import { useRead } from '../../plane/use-read.ts';

const over = ['approved', 'done', 'unknown', 'refused', 'denied', 'expired', 'moved', 'ended'] as const;
const shownMax = 200;

/** Questions that are over, newest first. */
export function useAnswered(isOff: boolean) {
  return useRead<ApprovalList>(
    ['approvals', 'answered'],
    async ({ operator }) => {
      const lists = await Promise.all(over.map((state) => operator.approvals.inbox({ state })));
      const approvals = lists
        .flatMap((list) => list.approvals)
        .toSorted((one, other) => other.askedAt - one.askedAt)
        .slice(0, shownMax);
      return { now: lists[0]?.now ?? 0, approvals, alike: alikeOf(approvals) };
    },
    { isOff },
  );
}
