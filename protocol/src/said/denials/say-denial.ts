import { fullStop } from '../full-stop.ts';
import type { Part } from '../parts.ts';
import { sayBound, sayCurrency, sayMissing, sayUnnamed } from './bound.ts';
import { sayByCode } from './by-code.ts';
import type { DenialParts } from './denial-parts.ts';
import { sayLimit } from './limit.ts';
import { sayOver } from './over.ts';
import { sayRules } from './rules.ts';
import type { DenialToSay, Said } from './to-say.ts';
import { moreFrom, whoMay } from './whose.ts';

/** A denial in words for people, each piece in parts. */
export type DenialSaid = {
  /** `this task may refund at most 100.00 USD a call`: to stand behind what was wanted. */
  readonly why: readonly Part[];
  /** `Refused: this task may refund at most 100.00 USD a call; 180.00 USD was asked.` */
  readonly sentence: readonly Part[];
  /** What to do next, in sentences of their own. */
  readonly next: readonly Part[];
};

/**
 * The sentence of a denial, for whoever asked for the task or looks at it later. INVARIANT (lying-text): what came from
 * the call, from a task or from outside is a value of its own; only our words are text.
 */
export function sayDenial(parts: DenialParts, denial: DenialToSay): DenialSaid {
  const { why: stood, asked = [], next } = said(parts, denial);
  const isOneOfMany = 'closest' in parts && parts.closest === true;
  const why: readonly Part[] = isOneOfMany ? [...stood, { text: ', by the grant that comes closest' }] : stood;
  const whole: readonly Part[] = [
    { text: 'Refused: ' },
    ...why,
    ...(asked.length === 0 ? [] : [{ text: '; ' }, ...asked]),
  ];
  return { why, sentence: [...whole, { text: fullStop(whole) }], next };
}

function said(parts: DenialParts, denial: DenialToSay): Said {
  switch (parts.is) {
    case 'code':
      return sayByCode(denial, parts.values);
    case 'wait':
      return sayWait(denial, parts.seconds);
    case 'action':
      return {
        why: [...whoMay(denial, parts.of).mayNot, { text: 'do this at all' }],
        next: moreFrom(denial, parts.of),
      };
    case 'missing':
      return sayMissing(denial, parts);
    case 'unnamed':
      return sayUnnamed(denial, parts);
    case 'bound':
      return sayBound(denial, parts);
    case 'currency':
      return sayCurrency(denial, parts);
    case 'limit':
      return sayLimit(denial, parts);
    case 'over':
      return sayOver(denial, parts);
    case 'rules':
      return sayRules(denial, parts);
  }
}

function sayWait(denial: DenialToSay, seconds: number): Said {
  const { why, next } = sayByCode(denial);
  return {
    why,
    next: [...next, { text: ` It may try again after ${seconds === 1 ? 'a second' : `${seconds} seconds`}.` }],
  };
}
