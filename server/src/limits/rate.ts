export type Rate = {
  /** Calls per window, at a steady pace. */
  readonly limit: number;
  readonly windowMs: number;
  /** Calls that may come at once after a rest; at least 1. */
  readonly burst: number;
};

/** When the calls so far would be over at the steady pace, in epoch milliseconds; undefined before the first. */
export type RateState = number | undefined;

export type Paced = {
  readonly state: RateState;
  readonly allowed: boolean /** 0 where allowed. */;
  readonly retryAfterMs: number;
};

/**
 * The generic cell rate algorithm (ITU-T I.371): one number of state, no counters to restart.
 * In any span of time at most `burst` calls and one per `windowMs / limit` are allowed; a refused call costs nothing.
 */
export function rate(state: RateState, now: number, { limit, windowMs, burst }: Rate): Paced {
  const step = windowMs / limit;
  const next = Math.max(state ?? now, now) + step;
  const early = next - burst * step - now;
  // Sums of steps carry rounding errors far below a millisecond; they should not refuse a call.
  if (early > 1e-3) return { state, allowed: false, retryAfterMs: Math.ceil(early) };
  return { state: next, allowed: true, retryAfterMs: 0 };
}
