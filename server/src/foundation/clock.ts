/** Epoch milliseconds. Handed in everywhere, so that tests can hold it still. */
export type Clock = {
  (): number;
  /** How far the machine's clock is behind what this one has shown already, where that is more than is allowed; or 0. */
  readonly untrustedBy?: () => number;
};

export const systemClock: Clock = () => Date.now();

/**
 * A clock that never runs backwards and never behind `floor`, the time of the newest entry. Where the machine's clock
 * is behind it by more than `skewMsMax`, it says so: time stands still then, and nothing may be permitted by it.
 * INVARIANT (nothing un-expires): what a clock set back would revive stays expired.
 */
export function steadyClock(clock: Clock, floor: number, skewMsMax = Number.POSITIVE_INFINITY): Clock {
  let latest = floor;
  const now = () => {
    latest = Math.max(latest, clock());
    return latest;
  };
  const untrustedBy = () => {
    const behind = latest - clock();
    return behind > skewMsMax ? behind : 0;
  };
  return Object.assign(now, { untrustedBy });
}
