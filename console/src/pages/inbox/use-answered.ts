import type { Inbox } from '@ambit/sdk/operator';
import { useRead } from '../../plane/use-read.ts';

const over = ['approved', 'done', 'unknown', 'refused', 'denied', 'expired', 'moved', 'ended'] as const;
const shownMax = 200;

/** Questions that are over, newest first: each by itself. */
export function useAnswered(isOff: boolean) {
  return useRead<Inbox>(
    ['approvals', 'answered'],
    async ({ operator }) => {
      const lists = await Promise.all(over.map((state) => operator.approvals.inbox({ state })));
      const questions = lists
        .flatMap((list) => list.questions)
        .toSorted((one, other) => other.askedAt - one.askedAt)
        .slice(0, shownMax);
      return { now: lists[0]?.now ?? 0, questions, alike: [] };
    },
    { isOff },
  );
}
