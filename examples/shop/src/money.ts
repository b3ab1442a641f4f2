export type Currency = 'USD' | 'EUR';

/** Whole cents of an amount with exactly two places, e.g. `30.00` → 3000. The description admits nothing else. */
export function cents(amount: string): number {
  if (!/^(0|[1-9][0-9]{0,6})\.[0-9]{2}$/.test(amount)) {
    throw new RangeError(`"${amount}" is not an amount with two places, like 30.00`);
  }
  return Number(amount.replace('.', ''));
}

export function amount(wholeCents: number): string {
  const digits = String(wholeCents).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
