import { boundsWithin, compareDecimal, type Decimal, parseDecimal } from '@ambit/protocol';
import type { Approval, Bounds, Widest } from '@ambit/sdk/operator';

/** What a person wrote into the sheet, letter by letter. */
export type Written = {
  readonly calls: string;
  /** Empty: as much as was asked about. */
  readonly each: string;
  /** Empty: as much as all of them could move, and no more than the task has left after this call. */
  readonly inAll: string;
  /** Epoch milliseconds. */
  readonly until: number;
};

/** The bounds that are signed, or why there are none yet, in a sentence. */
export function readBounds(
  widest: Widest,
  { calls, each, inAll, until }: Written,
  now: number,
  left: Decimal | null = null,
): { readonly bounds: Bounds } | { readonly fault: string } {
  const amounts = [each, inAll].map((text) => (text.trim() === '' ? undefined : parseDecimal(text.trim())));
  const unread = [each, inAll].find((text, at) => text.trim() !== '' && amounts[at] === undefined);
  if (unread !== undefined) return { fault: 'Write amounts with digits and a point, like 40.00.' };
  if (until <= now) return { fault: 'That time has passed: choose a later one.' };
  const [eachMax, sumMax] = amounts;
  try {
    const many = /^\d+$/.test(calls.trim()) ? Number(calls) : Number.NaN;
    const bounds = boundsWithin(widest, { calls: many, each: eachMax, inAll: sumMax, until });
    if (sumMax !== undefined || left === null || compareDecimal(left, sumOf(bounds)) >= 0) return { bounds };
    return { bounds: boundsWithin(widest, { calls: many, each: eachMax, inAll: left, until }) };
  } catch (error) {
    if (error instanceof RangeError) return { fault: error.message };
    throw error;
  }
}

/** What all of them may move; nothing where money is not bounded. */
export const sumOf = ({ grant }: Bounds): Decimal =>
  (grant.limits?.flatMap((one) => ('sum' in one ? one.sum.max : []))[0] ?? '0') as Decimal;

/** What the task would have left of that money after this call; null where nothing would be left to remember, or nothing bounds it. */
export function leftAfter({ card }: Approval, { amount }: Widest): Decimal | null {
  const lefts = card.budget.flatMap(({ unit, left }) => (unit === amount?.currency ? (parseDecimal(left) ?? []) : []));
  const least = lefts.toSorted(compareDecimal)[0];
  return least === undefined || compareDecimal(least, '0' as Decimal) <= 0 ? null : least;
}
