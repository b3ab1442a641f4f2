import { type Decimal, isCurrency } from '../decimal.ts';
import { amountOf } from './constraint.ts';
import type { Value } from './value.ts';

/** What a call moves, never below zero. */
export type Money = { readonly amount: Decimal; readonly currency: string };

/**
 * The money in the very values that will be sent: an amount in the one grammar of decimals, as a number or in a text,
 * and a currency of three ASCII letters. Undefined for anything else, so that no second reading exists.
 */
export function readMoney(amount: Value | undefined, currency: Value | undefined): Money | undefined {
  const read = amount === undefined ? undefined : amountOf(amount);
  // Some APIs write currencies small; ASCII is checked first, since other letters turn into these.
  const code = typeof currency === 'string' && /^[A-Za-z]{3}$/.test(currency) ? currency.toUpperCase() : undefined;
  return read === undefined || !isCurrency(code) ? undefined : { amount: read, currency: code };
}
