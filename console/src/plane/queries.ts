import { QueryClient } from '@tanstack/react-query';

/** Everything that was read, kept by its name. */
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
