import { boundsWithin, parseDecimal } from '@ambit/protocol';
import type { Bounds, Widest } from '@ambit/sdk/operator';

/** What a person wrote into the sheet, letter by letter. */
export type Written = {
  readonly calls: string;
  /** Empty: as much as was asked about. */
  readonly each: string;
  /** Empty: as much as all of them could move. */
  readonly inAll: string;
  /** Epoch milliseconds. */
  readonly until: number;
};

/** The bounds that are signed, or why there are none yet, in a sentence. */
export function readBounds(
  widest: Widest,
  { calls, each, inAll, until }: Written,
  now: number,
): { readonly bounds: Bounds } | { readonly fault: string } {
  const amounts = [each, inAll].map((text) => (text.trim() === '' ? undefined : parseDecimal(text.trim())));
  const unread = [each, inAll].find((text, at) => text.trim() !== '' && amounts[at] === undefined);
  if (unread !== undefined) return { fault: 'Write amounts with digits and a point, like 40.00.' };
  if (until <= now) return { fault: 'That time has passed: choose a later one.' };
  const [eachMax, sumMax] = amounts;
  try {
    const many = /^\d+$/.test(calls.trim()) ? Number(calls) : Number.NaN;
    return { bounds: boundsWithin(widest, { calls: many, each: eachMax, inAll: sumMax, until }) };
  } catch (error) {
    if (error instanceof RangeError) return { fault: error.message };
    throw error;
  }
}
