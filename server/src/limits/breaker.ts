/** What became of a call: `refused` is the upstream's no, `broken` its error or silence, `denied` never got there. */
export type Seen = 'fine' | 'refused' | 'broken' | 'denied';

export type BreakerSettings = {
  /** Weight of failures at which it opens. */
  readonly weightMax: number;
  readonly weightOf: Readonly<Record<Exclude<Seen, 'fine'>, number>>;
  /** Failures older than this are forgotten. */
  readonly windowMs: number;
  /** The first rest; it doubles while tries fail, up to `restMsMax`. */
  readonly restMs: number;
  readonly restMsMax: number;
  /** How many callers must have failed: one alone is resting alone. */
  readonly callersMin: number;
};

type Failure = {
  readonly at: number;
  readonly caller: string;
  readonly weight: number;
  readonly seen: Exclude<Seen, 'fine'>;
};

export type Breaker =
  | { readonly state: 'closed'; readonly failures: readonly Failure[] }
  | { readonly state: 'open'; readonly until: number; readonly restMs: number; readonly because: Failure['seen'] }
  /** One call is out to see whether it works again; at `until` it counts as lost and another may try. */
  | { readonly state: 'trying'; readonly until: number; readonly restMs: number; readonly because: Failure['seen'] };

export const closed: Breaker = { state: 'closed', failures: [] };

export type Asked =
  | { readonly allowed: true; readonly breaker: Breaker }
  | {
      readonly allowed: false;
      readonly breaker: Breaker;
      readonly retryAfterMs: number;
      readonly because: Failure['seen'];
    };

/** Whether a call may go now. After a rest exactly one may, until it is known how it went. */
export function ask(breaker: Breaker, now: number): Asked {
  if (breaker.state === 'closed') return { allowed: true, breaker };
  if (now < breaker.until)
    return { allowed: false, breaker, retryAfterMs: breaker.until - now, because: breaker.because };
  return { allowed: true, breaker: { ...breaker, state: 'trying', until: now + breaker.restMs } };
}

/** What the breaker has learned from a call that ended. Each call that went fine makes up for the oldest failure. */
export function learn(breaker: Breaker, now: number, caller: string, seen: Seen, settings: BreakerSettings): Breaker {
  if (seen === 'fine')
    return breaker.state === 'closed' ? { ...breaker, failures: breaker.failures.slice(1) } : afterFine(breaker);
  const weight = settings.weightOf[seen];
  // An upstream that says no is there; a call that never got there tells nothing of it.
  if (weight === 0) return seen === 'refused' ? afterFine(breaker) : breaker;
  if (breaker.state === 'open') return breaker;
  if (breaker.state === 'trying') return open(now, Math.min(breaker.restMs * 2, settings.restMsMax), seen);
  const recent = breaker.failures.filter(({ at }) => at > now - settings.windowMs);
  const failures = [...recent, { at: now, caller, weight, seen }].slice(-settings.weightMax);
  const isFull = failures.reduce((sum, one) => sum + one.weight, 0) >= settings.weightMax;
  const callers = new Set(failures.map((one) => one.caller)).size;
  return isFull && callers >= settings.callersMin ? open(now, settings.restMs, seen) : { state: 'closed', failures };
}

// A late answer to a call that went out before the rest does not end it: only the one that was sent to try does.
const afterFine = (breaker: Breaker): Breaker => (breaker.state === 'trying' ? closed : breaker);

function open(now: number, restMs: number, because: Failure['seen']): Breaker {
  return { state: 'open', until: now + restMs, restMs, because };
}
