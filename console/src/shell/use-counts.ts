import { useMemo } from 'react';
import { mayAnswer } from '../plane/may-answer.ts';
import { mayConfirm } from '../plane/may-confirm.ts';
import { planeNow } from '../plane/reach.ts';
import { useMe } from '../plane/use-me.ts';
import { useRead } from '../plane/use-read.ts';

/** What waits behind a place of the sidebar, by its page. */
export function useCounts(): Readonly<Record<string, number>> {
  const me = useMe();
  const open = useRead(['approvals', 'inbox'], ({ operator }) => operator.approvals.inbox());
  const waiting = useRead(['proposals', 'open'], ({ operator }) => operator.proposals.list());
  const inbox = useMemo(() => open.data?.approvals.filter((one) => mayAnswer(one, me)).length ?? 0, [open.data, me]);
  return {
    inbox,
    proposals: waiting.data?.filter((one) => mayConfirm(one, me, planeNow())).length ?? 0,
  };
}
