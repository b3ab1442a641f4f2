import { compareDecimal, subtractDecimal } from '@ambit/protocol';
import type { ChargeFact, Facts } from '../policy/index.ts';

/** What each limit of the task would have left after the call, for the person who is asked. */
export function describeLimitLeft({ charges }: Facts): string[] {
  const fullest = new Map<string, ChargeFact>();
  for (const charge of charges.filter(({ counter }) => /\|(task|elevation):/.test(counter))) {
    // A limit over time is counted in several windows at once: the one with least room is what is left.
    const known = fullest.get(charge.counter);
    if (known === undefined || compareDecimal(charge.used, known.used) > 0) fullest.set(charge.counter, charge);
  }
  return [...fullest.values()].map(left);
}

function left({ counter, used, by, max }: ChargeFact): string {
  const [unit, currency] = counter.split('|');
  const name = unit === 'sum' ? ` ${currency}` : unit === 'calls' ? ' calls' : ' cost units';
  if (max === null) return `${used}${name} so far`;
  const free = compareDecimal(max, used) > 0 ? subtractDecimal(max, used) : '0';
  const after = compareDecimal(max, used) > 0 && compareDecimal(by, subtractDecimal(max, used)) <= 0;
  return after
    ? `${subtractDecimal(subtractDecimal(max, used), by)} of ${max}${name} would be left`
    : `${free} of ${max}${name} is left, too little`;
}
