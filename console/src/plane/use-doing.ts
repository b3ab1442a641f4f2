import { useQueryClient } from '@tanstack/react-query';
import { sayFault } from '../kit/fault.tsx';
import { type Attempted, type Came, useAttempt } from '../kit/use-attempt.ts';
import type { Session } from './session.ts';
import { usePlane } from './session-provider.tsx';

export type Doing = Pick<Attempted, 'isBusy' | 'waiting' | 'forget'> & {
  /** Why it was not done, in words. */
  readonly fault: string | null;
  /** Does it once, and makes everything that is shown new. Null where the plane said no, or could not be asked. */
  readonly run: (what: (session: Session) => Promise<unknown>) => Promise<Came>;
};

/** Does something at the plane that a person chose, and says where it was refused. */
export function useDoing(): Doing {
  const session = usePlane();
  const queries = useQueryClient();
  const { isBusy, error, waiting, run, forget } = useAttempt();
  return {
    isBusy,
    waiting,
    fault: error === null ? null : sayFault(error),
    forget,
    run: (what) =>
      run(async () => {
        try {
          await what(session);
        } catch (thrown) {
          // Why it was not done is said at once; what is shown catches up.
          void queries.invalidateQueries();
          throw thrown;
        }
        await queries.invalidateQueries();
      }),
  };
}
