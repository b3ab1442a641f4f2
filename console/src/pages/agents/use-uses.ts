import { planeNow } from '../../plane/reach.ts';
import { usePlane } from '../../plane/session-provider.tsx';
import { useRead } from '../../plane/use-read.ts';

const dayMs = 86_400_000;
export const lookedBackDays = 90;

export type Uses =
  /** Not theirs to know: the log is counted for who reviews or audits. */
  | { readonly is: 'hidden' | 'counting' }
  | { readonly is: 'failed'; readonly error: unknown }
  /** Calls of each agent that were decided in that time, by its id. */
  | { readonly is: 'counted'; readonly calls: ReadonlyMap<string, number> };

/** What agents did in the last 90 days, to see which of them nobody needs any more. */
export function useUses(): Uses {
  const { me } = usePlane();
  const isHidden = !me.roles.some((role) => role === 'reviewer' || role === 'auditor');
  const stats = useRead(
    // Counting reads the log of all that time: it is not made new by each call.
    ['uses', 'agents', lookedBackDays],
    ({ operator }) => operator.log.stats({ by: 'agent', since: planeNow() - lookedBackDays * dayMs }),
    { isOff: isHidden },
  );
  if (isHidden) return { is: 'hidden' };
  if (stats.data === undefined) return stats.isError ? { is: 'failed', error: stats.error } : { is: 'counting' };
  const { rows } = stats.data;
  return { is: 'counted', calls: new Map(rows.map(({ name, permit, ask, deny }) => [name, permit + ask + deny])) };
}
