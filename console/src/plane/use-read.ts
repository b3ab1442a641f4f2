import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { isOver, type Session } from './session.ts';
import { usePlane, useSession } from './session-provider.tsx';

/** `['approvals', 'parked']`: its first word is what live events make new. */
export type Name = readonly [string, ...(string | number | null)[]];

type Options = {
  /** Whether what was read under the name before stays until this is there: the next page of a list, the next card. */
  readonly keepsLast?: boolean;
  readonly isOff?: boolean;
};

/** Reads something of the plane under a name, once for all who show it. Where the plane ended the session, it is over here too. */
export function useRead<T>(
  name: Name,
  read: (session: Session) => Promise<T>,
  { keepsLast = false, isOff = false }: Options = {},
): UseQueryResult<T> {
  const session = usePlane();
  const { exit } = useSession();
  const found = useQuery({
    queryKey: [session.me.id, ...name],
    queryFn: () => read(session),
    enabled: !isOff,
    ...(keepsLast && { placeholderData: keepPreviousData }),
  });
  const ended = isOver(found.error);
  useEffect(() => {
    if (ended) void exit();
  }, [ended, exit]);
  return found as UseQueryResult<T>;
}
