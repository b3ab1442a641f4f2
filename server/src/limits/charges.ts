import {
  compareDecimal,
  type Decimal,
  decimalOf,
  type Grant,
  type Limit,
  parseDecimal,
  type RefusalCode,
} from '@ambit/protocol';
import { describeLimit, type Money, maxOf, shortName } from '../authority/index.ts';
import type { Around } from '../foundation/index.ts';
import { type Behind, type MatchedLimit, matchStandingLimits, type StandingLimit } from './standing-limit.ts';
import { sliceEnds, sliceOf } from './window.ts';

/** One counter that an admitted call adds to, and the most that may stand on it. */
export type Charge = {
  /** `calls|…`, `sum|…` or `cost|…`, and whose; unique within the tenant. */
  readonly counter: string;
  /** Start of the slice in epoch milliseconds; 0 for what counts in all. */
  readonly window: number;
  readonly by: Decimal;
  readonly max: Decimal;
  /** Which slices count against `max` together with this one; absent for what counts in all. */
  readonly around?: Around;
  /** When nothing that is counted now counts any more, in epoch milliseconds; null where nothing will ever be free again. */
  readonly freeAt: number | null;
  readonly otherwise: RefusalCode;
  /** What the agent may hear when it does not fit: its own limit, never the sums of others. */
  readonly says: string;
};

/** A grant that the call charges: the covering one of each task in the chain, and of each bound beside it. */
export type ChargedGrant = {
  /** Whose counters, e.g. `task:tsk_…`; for a ceiling or what a person may delegate, that of the agent or person. */
  readonly owner: string;
  /** Index of the grant in the owner's authority. */
  readonly index: number;
  readonly grant: Grant;
};

export type Charging = {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly action: string;
  readonly money?: Money | undefined;
  /** Cost units of one call, from the catalog. */
  readonly cost: Decimal;
  readonly grants: readonly ChargedGrant[];
  readonly standing: readonly StandingLimit[];
  readonly behind: Behind;
};

export type Charges =
  | { readonly kind: 'charges'; readonly charges: readonly Charge[] }
  /** A sum is limited and the money of the call cannot be counted in it: refused as `code`. */
  | {
      readonly kind: 'uncountable';
      readonly code: RefusalCode;
      readonly because: string;
      readonly says: string;
      readonly currency: string;
    };

/**
 * Every counter that the call adds to: the covering grant of each link, so that what descendants spend counts against
 * every ancestor, and the limits that outlive tasks. They are read before the decision and reserved, all or none, when
 * the call is admitted.
 */
export function chargesOf(call: Charging): Charges {
  const matched = matchStandingLimits(call.standing, call.action, call.behind);
  const currency = uncountedGrant(call) ?? uncountedStanding(call, matched);
  if (currency !== undefined) return uncountable(call, currency);
  const ofGrants = call.grants.flatMap(({ owner, index, grant }) =>
    tightest(grant.limits ?? []).flatMap((limit) => chargesFor(call, limit, `${owner}|${index}`, true)),
  );
  const ofStanding = matched.flatMap(({ standing, owner }) =>
    chargesFor(call, standing.limit, `limit:${standing.name}|${owner}`, false),
  );
  return { kind: 'charges', charges: distinct([...ofGrants, ...ofStanding]) };
}

// One owner may stand in a chain twice, e.g. an agent that works for itself: one call is one charge on a counter.
function distinct(charges: readonly Charge[]): readonly Charge[] {
  const kept = new Map<string, Charge>();
  for (const charge of charges) {
    const name = `${charge.window} ${charge.counter}`;
    const known = kept.get(name);
    if (known === undefined || compareDecimal(charge.max, known.max) < 0) kept.set(name, charge);
  }
  return [...kept.values()];
}

function chargesFor(call: Charging, limit: Limit, whose: string, isOwn: boolean): Charge[] {
  const by = amountOf(call, limit);
  // A sum that outlives tasks counts what moves money; see `uncountedStanding` for what must.
  if (by === undefined) return [];
  const max = parseDecimal(maxOf(limit)) ?? decimalOf('0');
  const counter = counterOf(limit, whose);
  const says = isOwn ? describeOwn(call.action, limit) : describeForeign(call.action, limit);
  if (limit.seconds === undefined) {
    return [{ counter, window: 0, by, max, freeAt: null, otherwise: codeOf(limit), says }];
  }
  const { start, around } = sliceOf(call.now, limit.seconds);
  const freeAt = sliceEnds(start, around);
  return [{ counter, window: start, by, max, around, freeAt, otherwise: 'limits.window_exceeded', says }];
}

/** The name of what a limit is counted on. */
export function counterOf(limit: Limit, whose: string): string {
  const unit = 'sum' in limit ? `sum|${limit.sum.currency}` : 'cost' in limit ? 'cost' : 'calls';
  return limit.seconds === undefined ? `${unit}|${whose}|all` : `${unit}|${whose}${bySlices}|${limit.seconds}`;
}

const bySlices = '|slices';

/**
 * Where older releases counted the same: in windows of five slices each, of which a new one began with every slice.
 * Nothing is added there any more, and the window that began with a slice holds all that was counted in it and since.
 */
export const formerCounterOf = (counter: string): string => counter.replace(/\|slices(?=\|\d+$)/, '');

function amountOf(call: Charging, limit: Limit): Decimal | undefined {
  if ('calls' in limit) return decimalOf('1');
  if ('cost' in limit) return call.cost;
  return call.money?.currency === limit.sum.currency ? call.money.amount : undefined;
}

function codeOf(limit: Limit): RefusalCode {
  if ('calls' in limit) return 'limits.calls_exceeded';
  return 'sum' in limit ? 'limits.sum_exceeded' : 'limits.cost_exceeded';
}

const describeOwn = (action: string, limit: Limit) =>
  `${shortName(action)} does not fit into what is left of "${describeLimit(limit)}"; ${
    limit.seconds === undefined ? 'ask for an elevation' : 'wait, or ask for an elevation'
  }${'sum' in limit ? ' or use a smaller amount' : ''}.`;

// THREATS: oracle. Limits of the organisation are not part of the agent's grant: it hears that one is reached.
const describeForeign = (action: string, limit: Limit) =>
  `${shortName(action)} is beyond a limit that is set over time on ${'sum' in limit ? 'amounts' : 'use'}; wait, then try again.`;

/** Of several limits on the same over the same span only the tightest is counted: they would share one counter. */
export function tightest(limits: readonly Limit[]): readonly Limit[] {
  const kept = new Map<string, Limit>();
  for (const limit of limits) {
    const span = `${Object.keys(limit).find((key) => key !== 'seconds')} ${'sum' in limit ? limit.sum.currency : ''} ${limit.seconds}`;
    const known = kept.get(span);
    if (known === undefined || compareDecimal(decimalOf(maxOf(limit)), decimalOf(maxOf(known))) < 0)
      kept.set(span, limit);
  }
  return [...kept.values()];
}

// INVARIANT (closed by default): where a grant sums money, a call without readable money of that currency is refused.
function uncountedGrant(call: Charging): string | undefined {
  const limits = call.grants.flatMap(({ grant }) => grant.limits ?? []);
  const missed = limits.find((limit) => 'sum' in limit && amountOf(call, limit) === undefined);
  return missed !== undefined && 'sum' in missed ? missed.sum.currency : undefined;
}

/**
 * A sum over all of a tenant's actions says nothing of those that move no money. But money that moves has to be
 * counted: in a currency that none of the sums of a subject is written in it would slip past them; and an action that
 * a sum names has to show its money.
 */
function uncountedStanding(call: Charging, matched: readonly MatchedLimit[]): string | undefined {
  const sums = matched.filter(({ standing }) => 'sum' in standing.limit);
  for (const { standing } of sums) {
    const alike = sums.filter((one) => one.standing.subject === standing.subject).map((one) => one.standing.limit);
    if (alike.some((limit) => amountOf(call, limit) !== undefined)) continue;
    const isNamed = standing.subject === 'action' ? standing.whom !== null : standing.actions !== null;
    if (call.money !== undefined || isNamed) return 'sum' in standing.limit ? standing.limit.sum.currency : undefined;
  }
  return undefined;
}

function uncountable(call: Charging, currency: string): Charges {
  const found = call.money === undefined ? 'no amount can be read' : `it moves ${call.money.currency}`;
  return {
    kind: 'uncountable',
    code: 'limits.currency_unknown',
    currency,
    because: `${call.action} is limited in ${currency} and ${found}`,
    says: `${shortName(call.action)} is limited in ${currency}; send an amount in ${currency}, written as a plain decimal such as 30.00.`,
  };
}

/** Whole seconds until the counter has room again, at least one; null where it never will. For `Retry-After`. */
export function retryAfterSeconds(charge: Charge, now: number): number | null {
  return charge.freeAt === null ? null : Math.max(1, Math.ceil((charge.freeAt - now) / 1000));
}
