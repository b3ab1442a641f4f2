import type { Part } from '../parts.ts';
import { sayPeriod } from '../say-grant.ts';
import type { DenialParts } from './denial-parts.ts';
import type { DenialToSay, Said } from './to-say.ts';

type Rules = Extract<DenialParts, { readonly is: 'rules' }>;

/** The organisation's rules deny: in their own words first. */
export function sayRules(denial: DenialToSay, { why, cuts = [], age }: Rules): Said {
  const texts = pairs(cuts).map(([from, to]) => denial.because.slice(from, to));
  switch (why) {
    case 'permit':
      return {
        why: [{ text: 'no rule of the organisation permits it' }],
        next: [{ text: 'Whoever keeps the rules can write one.' }],
      };
    case 'error':
      return {
        why: [{ text: 'a rule of the organisation could not be evaluated, which denies' }, ...quoted(texts)],
        next: [{ text: 'Whoever keeps the rules has to mend it.' }],
      };
    case 'unread':
      return {
        why: [{ text: 'the call is not what its action declares' }, ...quoted(texts)],
        next: [denial.agent, { text: ' has to correct it.' }],
      };
    case 'forbid':
      return age === undefined ? forbidden(texts) : tooOld(denial, texts, age);
  }
}

const forbidden = (texts: readonly string[]): Said => ({
  why: [
    {
      text: `${texts.length > 1 ? 'rules' : 'a rule'} of the organisation ${texts.length > 1 ? 'forbid' : 'forbids'} it`,
    },
    ...spoken(texts),
  ],
  next: [{ text: 'Do not look for a way around it; whoever keeps the rules can change them.' }],
});

function tooOld({ requester }: DenialToSay, texts: readonly string[], age: number): Said {
  const who: Part = requester ?? { text: 'whoever asked' };
  return {
    why: [
      who,
      { text: ' has to prove again who they are, ' },
      { text: age === 0 ? 'just before it' : `within ${counted(age)} before it` },
      ...spoken(texts),
    ],
    next: [
      { text: 'For this task they do so in the console, or with ' },
      { value: 'ambit task authenticate', kind: 'reason', source: 'plane' },
      { text: '; then the same call may be made again.' },
    ],
  };
}

const counted = (seconds: number): string => {
  const said = sayPeriod(seconds);
  return /^\d/.test(said) ? said : `one ${said}`;
};

/** A rule's own sentence, in the voice of whoever wrote it. */
const spoken = (texts: readonly string[]): readonly Part[] =>
  texts.flatMap((value, i) => [{ text: i === 0 ? ': ' : ' ' }, { value, kind: 'reason', source: 'policy' as const }]);

/** What was said of the values of a call holds some of them. */
const quoted = (texts: readonly string[]): readonly Part[] =>
  texts.flatMap((value, i) => [{ text: i === 0 ? ': ' : '; ' }, { value, kind: 'reason', source: 'call' as const }]);

function pairs(cuts: readonly number[]): (readonly [from: number, to: number])[] {
  const found: (readonly [number, number])[] = [];
  for (let i = 0; i + 1 < cuts.length; i += 2) found.push([cuts[i] ?? 0, cuts[i + 1] ?? 0]);
  return found;
}
