import type { ApprovalId } from '@ambit/protocol';

/** Wakes whoever waits for an approval on this node. A wake is only a hint: the waiter reads the store. */
export type Bell = {
  ring(approval: ApprovalId): void;
  /** Resolves at the next ring, at the deadline, or when the waiter has gone; `full` at once where too many wait. */
  wait(approval: ApprovalId, milliseconds: number, gone: AbortSignal): Promise<'woken' | 'full'>;
};

/** More agents than this waiting at once are told to poll. */
export function createBell(waitersMax = 10_000): Bell {
  const waiting = new Map<ApprovalId, Set<() => void>>();
  let waiters = 0;
  return {
    ring(approval) {
      for (const wake of waiting.get(approval) ?? []) wake();
    },
    wait(approval, milliseconds, gone) {
      if (waiters >= waitersMax) return Promise.resolve('full');
      if (gone.aborted || milliseconds <= 0) return Promise.resolve('woken');
      return new Promise((resolve) => {
        const group = waiting.get(approval) ?? new Set();
        waiting.set(approval, group);
        waiters++;
        const wake = () => {
          clearTimeout(timer);
          gone.removeEventListener('abort', wake);
          if (group.delete(wake)) waiters--;
          if (group.size === 0) waiting.delete(approval);
          resolve('woken');
        };
        const timer = setTimeout(wake, milliseconds);
        group.add(wake);
        gone.addEventListener('abort', wake, { once: true });
      });
    },
  };
}
