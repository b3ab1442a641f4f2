import type { Around } from '../foundation/index.ts';

/** How many slices a span is cut into. */
const slices = 4;

export type Slice = {
  /** In epoch milliseconds. */
  readonly start: number;
  /** The slices around it of which a span may hold a part together with a part of this one. */
  readonly around: Around;
};

/**
 * The slice that a call at `now` is counted in: a quarter of `seconds` long, one after the other.
 *
 * INVARIANT (no seam): no two moments of any `seconds` in a row are more than four slices apart, so what is admitted in
 * them stands in five slices that follow each other. What stands in any such five never exceeds the limit, since a call is
 * admitted only where it fits together with the four before its own and the four after. Windows of exactly `seconds`, one
 * after the other, would let twice the limit through around the moment when one ends. What this gives up: after a burst
 * the next call may have to wait up to a quarter longer.
 */
export function sliceOf(now: number, seconds: number): Slice {
  const ms = (seconds * 1000) / slices;
  return { start: Math.floor(now / ms) * ms, around: { windows: slices, ms } };
}

/** When what a slice holds counts no more. */
export const sliceEnds = (start: number, { windows, ms }: Around): number => start + (windows + 1) * ms;
