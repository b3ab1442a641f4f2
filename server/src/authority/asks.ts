import {
  type Ask,
  type CallFacts,
  compareDecimal,
  type Decimal,
  decimalOf,
  type Grant,
  looseKey,
  subtractDecimal,
  type Value,
} from '@ambit/protocol';

/** What a call adds to the sum behind one `over` ask of a grant. Names are unique within a link of the chain. */
export type AskCounter = {
  /** Index of the ask in its grant. */
  readonly ask: number;
  /** `ask|<grant>|<ask>|<resource>`; the resource is empty where the ask counts the whole task. */
  readonly counter: string;
  /** Undefined where the ask counts the whole task. */
  readonly of: string | undefined;
  readonly by: Decimal;
  /** The sum up to which nobody is asked. */
  readonly threshold: Decimal;
  /** The resource cannot be told, so its sum cannot either: a person is asked whatever was spent. */
  readonly unreadable: boolean;
};

export type Asked = {
  readonly ask: number;
  readonly reason: string;
  /** For thresholds: what was spent, and the line that this call would pass. */
  readonly over?: {
    readonly spent: Decimal;
    readonly amount: Decimal;
    readonly threshold: Decimal;
    readonly currency: string;
    readonly of?: string;
  };
};

/**
 * The sums that the asks of a grant count for this call: read before the decision, charged when it is admitted.
 * A call without money in the grant's currency is not covered by it, and so has no counters.
 */
export function askCounters(grant: Grant, grantIndex: number, call: CallFacts): readonly AskCounter[] {
  return (grant.asks ?? []).flatMap((ask, index) => {
    if (!('over' in ask) || call.money?.currency !== ask.over.currency) return [];
    const resource = resourceOf(ask, call);
    const named = resource ?? '?';
    const counter = `ask|${grantIndex}|${index}|${named}`;
    const of = ask.per === undefined ? undefined : named;
    const threshold = decimalOf(ask.over.amount);
    return [{ ask: index, counter, of, by: call.money.amount, threshold, unreadable: resource === undefined }];
  });
}

/**
 * The asks that this call meets. Thresholds count what was spent before on the same resource, so that five times
 * 50.00 does not stay under 51.00. Every link of a chain is asked, whatever its child says.
 */
export function asksOf(
  grant: Grant,
  grantIndex: number,
  call: CallFacts,
  spentSoFar: (counter: string) => Decimal,
): readonly Asked[] {
  const counters = askCounters(grant, grantIndex, call);
  return (grant.asks ?? []).flatMap((ask, index) => {
    if ('always' in ask) return [{ ask: index, reason: ask.reason }];
    const counter = counters.find((one) => one.ask === index);
    // Not countable is not free: whoever asks about a grant that does not cover the call hears a question.
    if (counter === undefined) return [{ ask: index, reason: ask.reason }];
    const spent = spentSoFar(counter.counter);
    if (!counter.unreadable && fits(spent, counter.by, counter.threshold)) return [];
    const over = { spent, amount: counter.by, threshold: counter.threshold, currency: ask.over.currency };
    const of = counter.of === undefined ? {} : { of: counter.of };
    return [{ ask: index, reason: ask.reason, over: { ...over, ...of } }];
  });
}

/** Whether `by` more stays within `max`. Exact, without a sum that could grow too long. */
export function fits(spent: Decimal, by: Decimal, max: Decimal): boolean {
  const [before, now, most] = [wholeOf(spent), wholeOf(by), wholeOf(max)];
  if (before !== undefined && now !== undefined && most !== undefined) return before + now <= most;
  return compareDecimal(spent, max) <= 0 && compareDecimal(by, subtractDecimal(max, spent)) <= 0;
}

/** Of at most 15 digits, so that a number is exact, and the sum of two of them, too. */
const wholeOf = (value: Decimal): number | undefined => (value.includes('.') ? undefined : Number(value));

const resourceMax = 200;

/**
 * The resource a sum belongs to, in one spelling for all that an upstream may take for the same (`1042`, `"01042"`,
 * letters of either case): merging two asks too often, splitting one asks too seldom. Undefined where it can't be told.
 */
function resourceOf(ask: Extract<Ask, { over: unknown }>, call: CallFacts): string | undefined {
  if (ask.per === undefined) return '';
  const value: Value | undefined = call.arguments.get(ask.per);
  const key = value === undefined || value === null || value === '' ? undefined : looseKey(value);
  const resource = key?.slice(key.indexOf(' ') + 1);
  return resource === undefined || resource.length > resourceMax ? undefined : resource;
}
