/** How many slices a window is cut into; its price is that many counters and one more for each call. */
const slices = 4;

export type Window = {
  /** Start in epoch milliseconds. */ readonly start: number /** When what it holds no longer counts. */;
  readonly end: number;
};

/**
 * The windows that a call at `now` is counted in: each is a quarter longer than `seconds`, and a new one begins every
 * quarter.
 *
 * INVARIANT (no seam): any `seconds` in a row lie whole inside one of these windows, so that what is admitted in them
 * never exceeds the limit. Windows of exactly `seconds`, one after the other, would let twice the limit through around
 * the moment when one ends. What this gives up: after a burst the next call may have to wait up to a quarter longer.
 */
export function windowsOf(now: number, seconds: number): readonly Window[] {
  const slice = (seconds * 1000) / slices;
  const newest = Math.floor(now / slice) * slice;
  return Array.from({ length: slices + 1 }, (_, back) => {
    const start = newest - back * slice;
    return { start, end: start + (slices + 1) * slice };
  });
}
