import { useState } from 'react';

export type Attempted = {
  readonly isBusy: boolean;
  /** Why it came to nothing the last time; null where it did not. */
  readonly error: unknown;
  /** Does it, unless something is being done already. False where it came to nothing. */
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
        setError(thrown);
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}
