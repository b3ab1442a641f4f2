/**
 * Limits: how much, how often, how fast. It knows which counters a call adds to, windows without seams, pace, and when
 * an upstream or a caller needs a rest. It promises that what is admitted never exceeds a limit, in flight included,
 * and that nothing it cannot count is let through a limited sum. It deliberately does not know how a call is decided or
 * sent: it says what to reserve and what to give back; the store holds the counters.
 */
export type { BreakerSettings, Seen } from './breaker.ts';
export {
  type Charge,
  type ChargedGrant,
  type Charges,
  type Charging,
  chargesOf,
  retryAfterSeconds,
} from './charges.ts';
export { type Counted, countCharges } from './count-charges.ts';
export { createWindowSweep } from './forget-windows.ts';
export { type Left, leftOf } from './left-of.ts';
export { type Paced, type Rate, type RateState, rate } from './rate.ts';
export { limitsRoutes } from './routes.ts';
export { removeStandingLimit, setStandingLimit } from './set-standing-limit.ts';
export { type Outcome, type Reserved, settle } from './settle.ts';
export {
  type Behind,
  matchStandingLimits,
  parseStandingLimit,
  type StandingLimit,
  type StandingLimitBody,
  type Subject,
  standingLimitBody,
  subjects,
} from './standing-limit.ts';
export { findStandingLimit, listStandingLimits } from './store.ts';
export { defaultWatch, type Halt, makeWatch, type Watch, type Watched, type WatchSettings } from './watch.ts';
