import type { ApprovalId } from '@ambit/protocol';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { usePlane } from '../../plane/session-provider.tsx';
import { cardName } from './card-name.ts';

/** Reads the cards that whoever goes on is shown next, so that they are there at once. One that cannot be read is asked for again when it is opened. */
export function useCardsAhead(ids: readonly ApprovalId[]): void {
  const { me, operator } = usePlane();
  const queries = useQueryClient();
  const names = ids.join(' ');
  useEffect(() => {
    for (const id of names === '' ? [] : (names.split(' ') as ApprovalId[]))
      void queries.prefetchQuery({
        queryKey: [me.id, ...cardName(id)],
        queryFn: () => operator.approvals.show(id),
      });
  }, [names, queries, me.id, operator]);
}
