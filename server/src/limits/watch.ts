import type { RefusalCode, TenantId } from '@ambit/protocol';
import { ask, type Breaker, type BreakerSettings, closed, learn, type Seen } from './breaker.ts';
import { type Rate, type RateState, rate } from './rate.ts';
import { TenantMap } from './tenant-map.ts';

/** A refusal found before anything else is decided: too fast, or a breaker is open. */
export type Halt = { readonly code: RefusalCode; readonly because: string; readonly retryAfterSeconds: number };

export type Watched = { readonly tenant: TenantId; readonly agent: string; readonly action: string };

/**
 * What this process remembers of pace and failures. Memory only: it protects upstreams and the plane, and no right
 * depends on it; budgets are counters of the store. Times are epoch milliseconds.
 */
export type Watch = {
  /** Takes one call from the agent's pace and looks at the breakers; null where the call may go on. */
  readonly admit: (call: Watched, now: number) => Halt | null;
  /** The first half of it, before anything of the call was read. */
  readonly pace: (who: Pick<Watched, 'tenant' | 'agent'>, now: number) => Halt | null;
  /** The second half. */
  readonly breakers: (call: Watched, now: number) => Halt | null;
  /** What became of a call. Denials count against their own agent only. */
  readonly learn: (call: Watched, now: number, seen: Seen) => void;
};

export type WatchSettings = {
  readonly pace: Rate;
  readonly upstream: BreakerSettings;
  readonly caller: BreakerSettings;
  readonly keysMax: number;
};

const minute = 60_000;

export const defaultWatch: WatchSettings = {
  pace: { limit: 600, windowMs: minute, burst: 100 },
  // Errors of the upstream met by two agents or more: it rests for everyone in the tenant.
  upstream: {
    weightMax: 5,
    weightOf: { broken: 1, refused: 0, denied: 0 },
    windowMs: minute,
    restMs: 5000,
    restMsMax: 5 * minute,
    callersMin: 2,
  },
  // One agent that fails and fails at one action rests alone, whoever is to blame.
  caller: {
    weightMax: 20,
    weightOf: { broken: 4, refused: 1, denied: 1 },
    windowMs: minute,
    restMs: 5000,
    restMsMax: 5 * minute,
    callersMin: 1,
  },
  keysMax: 10_000,
};

export function makeWatch(settings: WatchSettings = defaultWatch): Watch {
  const paces = new TenantMap<RateState>(settings.keysMax);
  const upstreams = new TenantMap<Breaker>(settings.keysMax);
  const callers = new TenantMap<Breaker>(settings.keysMax);
  const callerKey = ({ agent, action }: Watched) => JSON.stringify([agent, action]);

  const pace = ({ tenant, agent }: Pick<Watched, 'tenant' | 'agent'>, now: number): Halt | null => {
    const paced = rate(paces.get(tenant, agent), now, settings.pace);
    paces.set(tenant, agent, paced.state);
    return paced.allowed ? null : halt('limits.rate_exceeded', `${agent} calls too fast`, paced.retryAfterMs);
  };

  const breakers = (call: Watched, now: number): Halt | null => {
    const caller = ask(callers.get(call.tenant, callerKey(call)) ?? closed, now);
    if (!caller.allowed) return resting(call, caller.because === 'broken' ? 'upstream' : 'caller', caller.retryAfterMs);
    const upstream = ask(upstreams.get(call.tenant, call.action) ?? closed, now);
    if (!upstream.allowed) return resting(call, 'upstream', upstream.retryAfterMs);
    keep(callers, call.tenant, callerKey(call), caller.breaker);
    keep(upstreams, call.tenant, call.action, upstream.breaker);
    return null;
  };

  return {
    pace,
    breakers,
    admit: (call, now) => pace(call, now) ?? breakers(call, now),
    learn: (call, now, seen) => {
      const caller = callers.get(call.tenant, callerKey(call)) ?? closed;
      keep(callers, call.tenant, callerKey(call), learn(caller, now, call.agent, seen, settings.caller));
      const upstream = upstreams.get(call.tenant, call.action) ?? closed;
      keep(upstreams, call.tenant, call.action, learn(upstream, now, call.agent, seen, settings.upstream));
    },
  };
}

// A breaker that has nothing to remember takes no room.
function keep(map: TenantMap<Breaker>, tenant: TenantId, key: string, breaker: Breaker): void {
  const isBlank = breaker.state === 'closed' && breaker.failures.length === 0;
  if (!isBlank || map.get(tenant, key) !== undefined) map.set(tenant, key, breaker);
}

function resting({ agent, action }: Watched, who: 'caller' | 'upstream', retryAfterMs: number): Halt {
  return who === 'caller'
    ? halt('limits.caller_resting', `${agent} keeps failing at ${action}`, retryAfterMs)
    : halt('limits.upstream_resting', `the upstream keeps failing at ${action}`, retryAfterMs);
}

const halt = (code: RefusalCode, because: string, retryAfterMs: number): Halt => ({
  code,
  because,
  retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1000)),
});
