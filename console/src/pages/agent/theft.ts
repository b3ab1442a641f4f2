import type { ActionWords, AuthorityLeft, Grant, LimitLeft, OpenTask } from '@ambit/protocol';

export type MostMoved = {
  /** Null for money of a currency that nothing fixes. */
  readonly currency: string | null;
  /** A decimal; null where nothing bounds it. */
  readonly atMost: string | null;
};

/** What whoever holds the key of an agent could do with money before all that is open to it has ended. */
export type Theft = {
  readonly sums: readonly MostMoved[];
  /** Whether a person is asked before: each time, from some sum on, or never. */
  readonly asks: 'always' | 'partly' | 'never';
};

type WordsOf = (action: string) => ActionWords | undefined;
/** Billionths of a currency, so that nothing is lost in a product; null where nothing bounds them. */
type Most = Map<string, bigint | null>;

const anyCurrency = '*';
const places = 9;

/**
 * The most that could be moved within what is open now, currency by currency: of each limit what is left of it, of one that
 * counts in a span all spans until the end, and never more than the ceiling leaves. An upper bound: what stands in both a task
 * and the standing grant that it was opened by counts twice.
 */
export function theftOf(
  open: readonly OpenTask[],
  standing: readonly AuthorityLeft[],
  ceiling: Omit<AuthorityLeft, 'expiresAt'>,
  { now, wordsOf }: { readonly now: number; readonly wordsOf: WordsOf },
): Theft {
  const parts = [...open, ...open.flatMap(({ elevations }) => elevations), ...standing];
  const until = Math.max(now, ...parts.map(({ expiresAt }) => expiresAt));
  const within = parts.reduce<Most>((sum, part) => plus(sum, mostOf(part, now, wordsOf)), new Map());
  const above = mostOf({ ...ceiling, expiresAt: until }, now, wordsOf);
  const moving = parts.flatMap(({ authority }) => authority.filter((grant) => movedBy(grant, wordsOf).length > 0));
  const always = moving.filter(({ asks }) => (asks ?? []).some((ask) => 'always' in ask));
  const asks =
    always.length === moving.length
      ? 'always'
      : moving.some(({ asks }) => (asks ?? []).length > 0)
        ? 'partly'
        : 'never';
  return { sums: lesser(within, above), asks: moving.length === 0 ? 'never' : asks };
}

function mostOf({ authority, budget, expiresAt }: AuthorityLeft, now: number, wordsOf: WordsOf): Most {
  return authority.reduce<Most>((sum, grant, at) => {
    const moved = movedBy(grant, wordsOf);
    if (moved.length === 0) return sum;
    const limits = budget.filter((one) => one.grant === at);
    const bounds = limits.flatMap((limit) => boundOf(limit, grant, moved, Math.max(0, expiresAt - now)));
    const most = bounds.length === 0 ? null : bounds.reduce(least);
    return plus(sum, new Map(currenciesOf(limits, grant, moved).map((currency) => [currency, most])));
  }, new Map());
}

type Money = NonNullable<ActionWords['money']>;

const movedBy = ({ actions }: Grant, wordsOf: WordsOf): readonly Money[] =>
  actions.flatMap((action) => wordsOf(action)?.money ?? []);

const isSum = ({ unit }: LimitLeft): boolean => /^[A-Z]{3}$/.test(unit);

/** What one limit leaves to be moved; nothing where it does not bound money. */
function boundOf(limit: LimitLeft, grant: Grant, moved: readonly Money[], milliseconds: number): readonly bigint[] {
  const { left, max, seconds, unit } = limit;
  if (max === null) return [];
  const spans = BigInt(seconds === null ? 0 : Math.ceil(milliseconds / (seconds * 1000)));
  const still = seconds === null ? unitsOf(left ?? '0') : unitsOf(max) * spans;
  if (isSum(limit)) return [still];
  const each = unit === 'calls' ? eachOf(grant, moved) : null;
  return each === null ? [] : [(still / unitsOf('1')) * each];
}

/** The most that one call may move; null where an action among them does not say. */
function eachOf(grant: Grant, moved: readonly Money[]): bigint | null {
  const all = moved.map(({ amount, places: minor }) => {
    const bounds = (grant.where?.[amount]?.all ?? []).flatMap((one): readonly bigint[] => {
      if ('range' in one && one.range.max !== undefined) return [unitsOf(one.range.max)];
      return 'equals' in one && /^\d{1,15}(\.\d{1,9})?$/.test(String(one.equals)) ? [unitsOf(String(one.equals))] : [];
    });
    return bounds.length === 0 ? null : bounds.reduce(least) / 10n ** BigInt(minor);
  });
  return all.reduce((most, one) => (most === null || one === null ? null : greatest(most, one)), 0n);
}

/** A sum is of the one currency that the grant counts in; otherwise of those that its rules name. */
function currenciesOf(limits: readonly LimitLeft[], grant: Grant, moved: readonly Money[]): readonly string[] {
  const counted = limits.find(isSum)?.unit;
  if (counted !== undefined) return [counted];
  const named = moved.map(({ currency }) => namedIn(grant.where?.[currency]));
  if (named.some((one) => one === null)) return [anyCurrency];
  return [...new Set(named.flatMap((one) => one ?? []))];
}

function namedIn(rule: NonNullable<Grant['where']>[string] | undefined): readonly string[] | null {
  for (const one of rule?.all ?? []) {
    if ('equals' in one) return [String(one.equals).toUpperCase()];
    if ('oneOf' in one) return one.oneOf.map((each) => String(each).toUpperCase());
  }
  return null;
}

const greatest = (one: bigint, other: bigint): bigint => (one < other ? other : one);
const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);

function plus(sum: Most, more: Most): Most {
  const all: Most = new Map(sum);
  for (const [currency, most] of more) {
    const before = all.has(currency) ? (all.get(currency) ?? null) : 0n;
    all.set(currency, before === null || most === null ? null : before + most);
  }
  return all;
}

/** Within both: what the one leaves open in any currency, the other may bound in one. */
function lesser(one: Most, other: Most): readonly MostMoved[] {
  const isAny = one.has(anyCurrency) && other.has(anyCurrency);
  const named = [...one.keys(), ...(one.has(anyCurrency) ? other.keys() : [])].filter((key) => key !== anyCurrency);
  const sums = [...new Set(named), ...(isAny ? [anyCurrency] : [])].flatMap((currency): readonly MostMoved[] => {
    const bounds = [inAny(one, currency), inAny(other, currency)].filter((bound) => bound !== null);
    const most = bounds.length === 0 ? null : bounds.reduce(least);
    if (most === 0n) return [];
    return [{ currency: currency === anyCurrency ? null : currency, atMost: most === null ? null : decimalFrom(most) }];
  });
  return sums;
}

function inAny(most: Most, currency: string): bigint | null {
  const both = [currency, anyCurrency].filter((one, at, all) => most.has(one) && all.indexOf(one) === at);
  return both.reduce<bigint | null>((sum, one) => {
    const next = most.get(one) ?? null;
    return sum === null || next === null ? null : sum + next;
  }, 0n);
}

function unitsOf(amount: string): bigint {
  const [whole = '0', rest = ''] = amount.split('.');
  return BigInt(whole + rest.padEnd(places, '0').slice(0, places));
}

function decimalFrom(units: bigint): string {
  const digits = units.toString().padStart(places + 1, '0');
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`.replace(/\.?0+$/, '');
}
