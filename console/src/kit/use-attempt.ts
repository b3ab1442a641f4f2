import type { ProposalId } from '@ambit/protocol';
import { useState } from 'react';
import { putUp } from '../plane/put-up.ts';

/** What became of it: done, waiting for a second person, or nothing. */
export type Came = 'done' | { readonly waits: ProposalId } | null;

export type Attempted = {
  readonly isBusy: boolean;
  /** Why it came to nothing the last time; null where it did not. */
  readonly error: unknown;
  /** What the last time put up for a second person, so that nobody asks for it twice; null where it waits for nobody. */
  readonly waiting: ProposalId | null;
  /** Does it, unless something is being done already. What waits is told over the page, too (`shell/waits-bar.tsx`). */
  readonly run: (what: () => Promise<unknown>) => Promise<Came>;
  readonly forget: () => void;
};

/** Something that a person chose, done once at a time. */
export function useAttempt(): Attempted {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [waiting, setWaiting] = useState<ProposalId | null>(null);
  const forget = () => {
    setError(null);
    setWaiting(null);
  };
  return {
    isBusy,
    error,
    waiting,
    forget,
    async run(what) {
      if (isBusy) return null;
      setBusy(true);
      forget();
      try {
        await what();
        return 'done';
      } catch (thrown) {
        const proposal = putUp.heardIn(thrown);
        if (proposal === null) setError(thrown);
        else setWaiting(proposal);
        return proposal === null ? null : { waits: proposal };
      } finally {
        setBusy(false);
      }
    },
  };
}
