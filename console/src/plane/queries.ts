import { QueryClient, type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { Session } from './session.ts';
import { usePlane } from './session-provider.tsx';

/** Everything that was read, kept by its name: `['approvals', 'parked']`. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal is an answer, and what could not be reached is asked again when it is back (`reach.ts`).
      retry: false,
      // Whether the plane is there, only asking it can tell: a browser says `online` of any network.
      networkMode: 'always',
      staleTime: 5_000,
      refetchOnWindowFocus: true,
    },
  },
});

/** Reads something of the plane under a name. The first word of it is what live events make new. */
export function useRead<T>(
  name: readonly [string, ...(string | number | null)[]],
  read: (session: Session) => Promise<T>,
): UseQueryResult<T> {
  const session = usePlane();
  return useQuery({ queryKey: [session.me.id, ...name], queryFn: () => read(session) });
}
