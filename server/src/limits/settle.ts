import type { Decimal } from '@ambit/protocol';
import type { Settle } from '../foundation/index.ts';

/** How an admitted call ended. `failed` only where the upstream said that nothing happened; doubt is `unknown`. */
export type Outcome = 'done' | 'failed' | 'unknown';

export type Reserved = { readonly counter: string; readonly window: number; readonly by: Decimal };

/**
 * What goes back to the counters when a call has ended: all of a call of which nothing was sent, and the amounts of one
 * that failed. What was done is spent, what is unknown stays spent. A call that was sent and failed is still a call and
 * its cost: whoever tries a thousand order ids gets a thousand failures.
 */
export function settle(reserved: readonly Reserved[], outcome: Outcome, sent = true): readonly Settle[] {
  if (outcome !== 'failed') return [];
  const returned = sent ? reserved.filter(isAmount) : reserved;
  return returned.map(({ counter, window, by }) => ({ change: 'settle', counter, window, by }));
}

// Sums of limits, and the sums behind asks, which are named after their task.
const isAmount = ({ counter }: Reserved) => !counter.startsWith('calls|') && !counter.startsWith('cost|');
