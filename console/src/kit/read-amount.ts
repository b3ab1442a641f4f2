import { unitBehind } from '@ambit/protocol';

const noBreak = '\u00a0';

/** `80.00 USD`: grouped as the locale does, with the currency's own decimals or more where the amount has more. */
export function readAmount(amount: string, currency: string, locale?: string): string {
  if (!/^-?\d+(\.\d+)?$/.test(amount)) return `${amount}${noBreak}${currency}`;
  const given = amount.split('.')[1]?.length ?? 0;
  const least = Math.min(ownDecimals(currency), 20);
  const format = new Intl.NumberFormat(locale, {
    minimumFractionDigits: Math.max(least, given),
    maximumFractionDigits: Math.max(least, given),
  });
  // A text is taken exactly as it is written: no float lies between it and what is shown.
  return `${format.format(amount as `${number}`)}${noBreak}${currency}`;
}

/** Money as money, and calls or cost units with their own word: `1 call`, `2 calls`. */
export const readMany = (amount: string, unit: string): string =>
  /^[A-Z]{3}$/.test(unit) ? readAmount(amount, unit) : `${amount} ${unitBehind(amount, unit)}`;

function ownDecimals(currency: string): number {
  if (!/^[A-Z]{3}$/.test(currency)) return 0;
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().minimumFractionDigits ?? 0;
}
