import { mayConfirm } from '../plane/may-confirm.ts';
import { planeNow } from '../plane/reach.ts';
import { useMe } from '../plane/use-me.ts';
import { useRead } from '../plane/use-read.ts';
import { useWaiting } from './use-waiting.ts';

/** What waits behind a place of the sidebar, by its page. */
export function useCounts(): Readonly<Record<string, number>> {
  const me = useMe();
  const open = useWaiting();
  const waiting = useRead(['proposals', 'open'], ({ operator }) => operator.proposals.list());
  return {
    inbox: open?.length ?? 0,
    proposals: waiting.data?.filter((one) => mayConfirm(one, me, planeNow())).length ?? 0,
  };
}
