import { useSyncExternalStore } from 'react';
import { browserStore } from './browser-store.ts';

/** The log as this browser saw it last: whatever the plane shows later has to begin with it, signed by the same key. */
export type SeenLog = { readonly key: string; readonly size: number; readonly root: string; readonly since: number };

const seenAs = 'log';
const listeners = new Set<() => void>();
/** Undefined until it was read. */
let known: SeenLog | null | undefined;

function become(seen: SeenLog | null): void {
  known = seen;
  for (const listener of listeners) listener();
}

/** How far the log was proved in this browser. Only the code that checks proofs writes it. */
export const verifiedLog = {
  async read(): Promise<SeenLog | null> {
    const seen = (await browserStore.read<SeenLog>(seenAs)) ?? null;
    become(seen);
    return seen;
  },
  async write(seen: SeenLog): Promise<void> {
    await browserStore.write(seenAs, seen);
    become(seen);
  },
};

/** The same for what is shown; null where nothing was proved here yet, or that cannot be read. */
export function useVerifiedLog(): SeenLog | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      // A browser that keeps nothing proves each entry by itself, and has no log that it saw.
      if (known === undefined) verifiedLog.read().catch(() => become(null));
      return () => listeners.delete(listener);
    },
    () => known ?? null,
  );
}
