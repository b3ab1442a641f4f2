import type { Me } from '@ambit/sdk/operator';
import { usePlane } from './session-provider.tsx';
import { useRead } from './use-read.ts';

/** Whoever looks, with the keys that are theirs now and not only when they signed in. */
export function useMe(): Me {
  const { me } = usePlane();
  return useRead(['me', 'keys'], ({ operator }) => operator.me()).data ?? me;
}
