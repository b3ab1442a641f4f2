import { useRead } from '../plane/use-read.ts';

/** What waits behind a place of the sidebar, by its page. */
export function useCounts(): Readonly<Record<string, number>> {
  const open = useRead(['approvals', 'parked'], ({ operator }) => operator.approvals.list());
  return { inbox: open.data?.length ?? 0 };
}
