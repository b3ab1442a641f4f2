import type { ApprovalId } from '@ambit/protocol';

/** Wakes whoever waits for an approval on this node. A wake is only a hint: the waiter reads the store. */
export type Bell = {
  ring(approval: ApprovalId): void;
  /** Resolves at the next ring, at the deadline, or when the waiter has gone. */
  wait(approval: ApprovalId, milliseconds: number, gone: AbortSignal): Promise<void>;
};

/** More agents than this waiting at once are told to poll. */
const waitersMax = 10_000;

export function createBell(): Bell {
  const waiting = new Map<ApprovalId, Set<() => void>>();
  let waiters = 0;
  return {
    ring(approval) {
      for (const wake of waiting.get(approval) ?? []) wake();
    },
    wait(approval, milliseconds, gone) {
      if (gone.aborted || milliseconds <= 0 || waiters >= waitersMax) return Promise.resolve();
      return new Promise((resolve) => {
        const group = waiting.get(approval) ?? new Set();
        waiting.set(approval, group);
        waiters++;
        const wake = () => {
          clearTimeout(timer);
          gone.removeEventListener('abort', wake);
          if (group.delete(wake)) waiters--;
          if (group.size === 0) waiting.delete(approval);
          resolve();
        };
        const timer = setTimeout(wake, milliseconds);
        group.add(wake);
        gone.addEventListener('abort', wake, { once: true });
      });
    },
  };
}
