import { AmbitRefusal, PasskeyFault } from '@ambit/sdk/operator';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Session } from './session.ts';
import { usePlane } from './session-provider.tsx';

export type Doing = {
  readonly isBusy: boolean;
  /** Why it was not done, in words. */
  readonly fault: string | null;
  /** Does it once, and makes everything that is shown new. False where the plane said no, or could not be asked. */
  readonly run: (what: (session: Session) => Promise<unknown>) => Promise<boolean>;
  readonly forget: () => void;
};

/** Does something at the plane that a person chose, and says where it was refused. */
export function useDoing(): Doing {
  const session = usePlane();
  const queries = useQueryClient();
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  return {
    isBusy,
    fault,
    forget: () => setFault(null),
    async run(what) {
      if (isBusy) return false;
      setBusy(true);
      setFault(null);
      try {
        await what(session);
        return true;
      } catch (error) {
        setFault(faultSaid(error));
        return false;
      } finally {
        setBusy(false);
        await queries.invalidateQueries();
      }
    },
  };
}

function faultSaid(error: unknown): string {
  if (error instanceof PasskeyFault) return `${error.message} Try again.`;
  if (error instanceof AmbitRefusal) return `${error.says} (${error.code})`;
  if (error instanceof TypeError) return 'Ambit could not be reached. Whether it was done is not known: look again.';
  throw error;
}
