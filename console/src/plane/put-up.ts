import type { ProposalId } from '@ambit/protocol';
import { AmbitRefusal } from '@ambit/sdk/operator';
import { useSyncExternalStore } from 'react';

let newest: ProposalId | null = null;
const listeners = new Set<() => void>();

/** The change that was asked for last on these pages and waits for a second person, until somebody takes note of it. */
export const putUp = {
  /** Takes note where a change waits instead of being done. Null where it was refused for another reason. */
  heardIn(error: unknown): ProposalId | null {
    if (!(error instanceof AmbitRefusal) || error.proposal === null) return null;
    become(error.proposal);
    return error.proposal;
  },
  forget: () => become(null),
};

export function usePutUp(): ProposalId | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => newest,
  );
}

function become(next: ProposalId | null): void {
  newest = next;
  for (const listener of listeners) listener();
}
