import { readAmount } from './read-amount.ts';

/** Money: exact decimals, a no-break space, the ISO code. Never rounded, converted or summed here. */
export function Amount({ amount, currency }: { readonly amount: string; readonly currency: string }) {
  return <span className="whitespace-nowrap">{readAmount(amount, currency)}</span>;
}
