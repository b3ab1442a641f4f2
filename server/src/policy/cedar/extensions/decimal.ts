import { fail } from '../evaluation-error.ts';
import { parseDigits, toLong } from '../long.ts';
import type { Decimal } from '../value.ts';

const grammar = /^(-?)([0-9]+)\.([0-9]{1,4})$/;

/** `-?digits.digits`, one to four fraction digits; the sign is that of the text, so "-0.1" is negative. */
export function parseDecimal(text: string): Decimal {
  const match = grammar.exec(text);
  if (!match) fail('a decimal is written like 12.50, with one to four digits after the point');
  const [, sign, whole, fraction] = match as unknown as [string, string, string, string];
  const magnitude = parseDigits(whole + fraction.padEnd(4, '0'));
  if (magnitude === undefined) fail('the decimal is too large');
  return { kind: 'decimal', units: toLong(sign ? -magnitude : magnitude) };
}

export function printDecimal({ units }: Decimal): string {
  const exact = BigInt(units);
  const digits = String(exact < 0n ? -exact : exact).padStart(5, '0');
  return `${exact < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
}
