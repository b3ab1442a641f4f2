import { useState } from 'react';
import { putUp } from '../plane/put-up.ts';

export type Attempted = {
  readonly isBusy: boolean;
  /** Why it came to nothing the last time; null where it did not. */
  readonly error: unknown;
  /**
   * Does it, unless something is being done already. False where it came to nothing; what waits for a second person is none of
   * that, and is told over the page (`shell/waits-bar.tsx`).
   */
  readonly run: (what: () => Promise<unknown>) => Promise<boolean>;
  readonly forget: () => void;
};

/** Something that a person chose, done once at a time. */
export function useAttempt(): Attempted {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  return {
    isBusy,
    error,
    forget: () => setError(null),
    async run(what) {
      if (isBusy) return false;
      setBusy(true);
      setError(null);
      try {
        await what();
        return true;
      } catch (thrown) {
        if (putUp.heardIn(thrown)) return true;
        setError(thrown);
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}
