/** Epoch milliseconds. Handed in everywhere, so that tests can hold it still. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();

/**
 * A clock that never runs backwards and never behind `floor`, the time of the newest entry.
 * INVARIANT (nothing un-expires): what a clock set back would revive stays expired.
 */
export function steadyClock(clock: Clock, floor: number): Clock {
  let latest = floor;
  return () => {
    latest = Math.max(latest, clock());
    return latest;
  };
}
