import type { Limit } from '../authority/authority.ts';
import { addDecimal, compareDecimal, type Decimal, parseDecimal } from '../decimal.ts';
import type { Bounds } from './bounds.ts';
import type { Part } from './parts.ts';
import type { Widest } from './rememberable.ts';

export type Narrowed = {
  /** The most that one call may move, in the currency of the question. */
  readonly each?: Decimal | undefined;
  readonly calls: number;
  /** The most that all of them may move together; as much as all of them could, unless said. */
  readonly inAll?: Decimal | undefined;
  readonly until?: number | undefined;
};

/**
 * The bounds as a person narrowed them. Throws `RangeError` with a sentence where they would be wider than the widest,
 * or speak of money that does not move; whoever takes the answer looks again.
 */
export function boundsWithin(widest: Widest, { each, calls, inAll, until = widest.until }: Narrowed): Bounds {
  const { grant, amount } = widest;
  const callsMax = grant.limits?.find((one) => 'calls' in one)?.calls ?? 0;
  if (!Number.isInteger(calls) || calls < 1 || calls > callsMax)
    throw new RangeError(`Remember it for 1 to ${callsMax} more calls.`);
  if (!Number.isInteger(until) || until > widest.until)
    throw new RangeError('It cannot be remembered for longer than the task lasts.');
  if (amount === null) {
    if (each !== undefined || inAll !== undefined) throw new RangeError('This moves no money that could be bounded.');
    return { grant: { ...grant, limits: [{ calls }] }, until };
  }
  const { argument, currency } = amount;
  if (each !== undefined && argument === null) throw new RangeError('What each may move cannot be narrowed here.');
  const most = parseDecimal(amount.each);
  if (most === undefined) throw new RangeError(`${amount.each} is no amount.`);
  const one = each ?? most;
  if (compareDecimal(one, most) > 0) throw new RangeError(`Each may move at most ${most} ${currency}, as was asked.`);
  const all = timesDecimal(one, calls);
  const sum = inAll ?? all;
  if (compareDecimal(sum, all) > 0) throw new RangeError(`${calls} of them move at most ${all} ${currency} in all.`);
  const limits: Limit[] = [{ calls }, { sum: { max: sum, currency } }];
  const narrower = each === undefined || argument === null ? {} : { [argument]: { all: [{ range: { max: one } }] } };
  return { grant: { ...grant, where: { ...grant.where, ...narrower }, limits }, until };
}

/** Exact, for few. Throws `RangeError` where it has more than 15 digits before the point. */
export function timesDecimal(one: Decimal, times: number): Decimal {
  let sum = one;
  for (let n = 1; n < times; n++) sum = addDecimal(sum, one);
  return sum;
}

/** What is remembered, in words: each line stands by itself. The end is said by whoever shows it, in their own time. */
export function sayBounds({ grant }: Bounds, amount: Widest['amount']): readonly (readonly Part[])[] {
  const rules = amount?.argument == null ? [] : (grant.where?.[amount.argument]?.all ?? []);
  const range = rules.find((one) => 'range' in one);
  const money = (value: string, currency: string): Part => ({
    value: `${value} ${currency}`,
    kind: 'amount',
    source: 'plane',
  });
  const each: readonly Part[] =
    amount === null
      ? [{ text: 'The same action, with the very same values' }]
      : [
          { text: 'The same action with the same values, up to ' },
          money(range?.range.max ?? amount.each, amount.currency),
          { text: ' each' },
        ];
  return [
    each,
    ...(grant.limits ?? []).flatMap((limit): (readonly Part[])[] => {
      if ('calls' in limit)
        return [[{ text: limit.calls === 1 ? 'One more call' : `At most ${limit.calls} more calls` }]];
      return 'sum' in limit
        ? [[{ text: 'At most ' }, money(limit.sum.max, limit.sum.currency), { text: ' in all' }]]
        : [];
    }),
  ];
}

/** The same as one sentence, without its end: whoever shows it says until when. */
export function sayBoundsInOne(bounds: Bounds, amount: Widest['amount']): readonly Part[] {
  const [first = [], ...more] = sayBounds(bounds, amount);
  return [...first, ...more.flatMap((line, at) => [{ text: at === 0 ? ': ' : ', ' }, ...inside(line)])];
}

/** A line of ours within a sentence. */
const inside = ([first, ...rest]: readonly Part[]): readonly Part[] =>
  first !== undefined && 'text' in first
    ? [{ text: `${first.text.charAt(0).toLowerCase()}${first.text.slice(1)}` }, ...rest]
    : [...(first === undefined ? [] : [first]), ...rest];
