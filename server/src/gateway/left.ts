import { compareDecimal, type Decimal, type ShownBudget, subtractDecimal, unitBehind } from '@ambit/protocol';
import type { ChargeFact, Facts } from '../policy/index.ts';

/** Each limit of the task, with what the call would take of it, for the person who is asked. */
export function budgetOf({ charges }: Pick<Facts, 'charges'>): ShownBudget[] {
  return charges.filter(({ counter }) => /\|(task|elevation):/.test(counter)).map(budget);
}

function budget({ counter, used, by, max }: ChargeFact): ShownBudget {
  const [kind, currency = ''] = counter.split('|');
  const unit = kind === 'sum' ? currency : kind === 'calls' ? 'calls' : 'cost units';
  const isEnough =
    max !== null && compareDecimal(max, used) >= 0 && compareDecimal(by, subtractDecimal(max, used)) <= 0;
  return { unit, spent: used, now: by, max, left: isEnough ? subtractDecimal(subtractDecimal(max, used), by) : null };
}

/** The same in words. */
export const describeLimitLeft = (facts: Pick<Facts, 'charges'>): string[] => budgetOf(facts).map(left);

function left({ unit, spent, max, left: after }: ShownBudget): string {
  if (max === null) return `${spent} ${unitBehind(spent, unit)} so far`;
  if (after !== null) return `${after} of ${max} ${unitBehind(max, unit)} would be left`;
  const [most, used] = [max as Decimal, spent as Decimal];
  const free = compareDecimal(most, used) > 0 ? subtractDecimal(most, used) : '0';
  return `${free} of ${max} ${unitBehind(max, unit)} is left, too little`;
}
