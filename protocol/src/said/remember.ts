import type { Grant, Limit } from '../authority/authority.ts';
import { grantShape } from '../authority/grant.ts';
import { addDecimal, compareDecimal, type Decimal, parseDecimal } from '../decimal.ts';
import { integer, object, type Shape } from '../shape.ts';
import type { Shown } from './approval-card.ts';
import type { Part } from './parts.ts';

/**
 * Within which a yes is remembered: calls of the same task that lie within the grant, as many and as much as its limits
 * say, until then. A person signs over them with the answer.
 */
export type Bounds = {
  /** One action, a rule for each value of the call, how many calls, and where money moves how much in all. */
  readonly grant: Grant;
  /** Epoch milliseconds; never after the end of the task. */
  readonly until: number;
};

/** Bounds on the wire. */
export const boundsShape: Shape<Bounds> = object({
  grant: grantShape,
  until: integer({ min: 0, max: 8_640_000_000_000_000 }),
});

export type Widest = Bounds & {
  /** What one call moves at most. Its argument, where that says it in the currency itself; null where in parts of it. */
  readonly amount: { readonly argument: string | null; readonly each: string; readonly currency: string } | null;
};

/** How far a yes to this question may be remembered, said when it was asked and signed with it. */
export type Rememberable = { readonly widest: Widest } | { readonly never: NeverRemembered };

/** How many calls one yes can be remembered for. */
export const rememberedCallsMax = 20;

/** Why a yes is not remembered, each with its sentence. */
export const neverRemembered = {
  irreversible: 'What can’t be undone is asked about each time.',
  'each-time': 'The catalog says that this action is asked about each time.',
  closed: 'What its body chooses, or what answers with a credential, is asked about each time.',
  always: 'The task says that a person is asked each time.',
  unknown: 'The same call was sent before, and nobody knows how that ended: look each time.',
  elevated: 'It is beyond what the task was opened for, by an elevation: that is asked about each time.',
  elevation: 'More than a task gives is asked for each time.',
  provenance: 'A value in it came from outside: that is asked about each time.',
  values: 'It holds values that no bounds can be written for, such as a list.',
  'several-persons': 'More than one person has to agree, and they are asked each time.',
  old: 'This was asked before yeses could be remembered.',
} as const;
export type NeverRemembered = keyof typeof neverRemembered;

/** INVARIANT (remembered): read from what the signature of the question covers, and from how many have to answer it. */
export function rememberableOf(question: { readonly shown: Shown; readonly answersNeeded: number }): Rememberable {
  if (question.answersNeeded !== 1) return { never: 'several-persons' };
  return question.shown.remember ?? { never: 'old' };
}

export type Narrowed = {
  /** The most that one call may move, in the currency of the question. */
  readonly each?: Decimal | undefined;
  readonly calls: number;
  /** The most that all of them may move together; as much as all of them could, unless said. */
  readonly inAll?: Decimal | undefined;
  readonly until?: number | undefined;
};

/**
 * The bounds as a person narrowed them. Throws `RangeError` with a sentence where they would be wider than the widest,
 * or speak of money that does not move; whoever takes the answer looks again.
 */
export function boundsWithin(widest: Widest, { each, calls, inAll, until = widest.until }: Narrowed): Bounds {
  const { grant, amount } = widest;
  const callsMax = grant.limits?.find((one) => 'calls' in one)?.calls ?? 0;
  if (!Number.isInteger(calls) || calls < 1 || calls > callsMax)
    throw new RangeError(`Remember it for 1 to ${callsMax} more calls.`);
  if (!Number.isInteger(until) || until > widest.until)
    throw new RangeError('It cannot be remembered for longer than the task lasts.');
  if (amount === null) {
    if (each !== undefined || inAll !== undefined) throw new RangeError('This moves no money that could be bounded.');
    return { grant: { ...grant, limits: [{ calls }] }, until };
  }
  const { argument, currency } = amount;
  if (each !== undefined && argument === null) throw new RangeError('What each may move cannot be narrowed here.');
  const most = parseDecimal(amount.each);
  if (most === undefined) throw new RangeError(`${amount.each} is no amount.`);
  const one = each ?? most;
  if (compareDecimal(one, most) > 0) throw new RangeError(`Each may move at most ${most} ${currency}, as was asked.`);
  const all = timesDecimal(one, calls);
  const sum = inAll ?? all;
  if (compareDecimal(sum, all) > 0) throw new RangeError(`${calls} of them move at most ${all} ${currency} in all.`);
  const limits: Limit[] = [{ calls }, { sum: { max: sum, currency } }];
  const narrower = each === undefined || argument === null ? {} : { [argument]: { all: [{ range: { max: one } }] } };
  return { grant: { ...grant, where: { ...grant.where, ...narrower }, limits }, until };
}

/** Exact, for few. Throws `RangeError` where it has more than 15 digits before the point. */
export function timesDecimal(one: Decimal, times: number): Decimal {
  let sum = one;
  for (let n = 1; n < times; n++) sum = addDecimal(sum, one);
  return sum;
}

/** What is remembered, in words: each line stands by itself. The end is said by whoever shows it, in their own time. */
export function sayBounds({ grant }: Bounds, amount: Widest['amount']): readonly (readonly Part[])[] {
  const rules = amount?.argument == null ? [] : (grant.where?.[amount.argument]?.all ?? []);
  const range = rules.find((one) => 'range' in one);
  const money = (value: string, currency: string): Part => ({
    value: `${value} ${currency}`,
    kind: 'amount',
    source: 'plane',
  });
  const each: readonly Part[] =
    amount === null
      ? [{ text: 'The same action, with the very same values' }]
      : [
          { text: 'The same action with the same values, up to ' },
          money(range?.range.max ?? amount.each, amount.currency),
          { text: ' each' },
        ];
  return [
    each,
    ...(grant.limits ?? []).flatMap((limit): (readonly Part[])[] => {
      if ('calls' in limit)
        return [[{ text: limit.calls === 1 ? 'One more call' : `At most ${limit.calls} more calls` }]];
      return 'sum' in limit
        ? [[{ text: 'At most ' }, money(limit.sum.max, limit.sum.currency), { text: ' in all' }]]
        : [];
    }),
  ];
}

/** The same as one sentence, without its end: whoever shows it says until when. */
export function sayBoundsInOne(bounds: Bounds, amount: Widest['amount']): readonly Part[] {
  const [first = [], ...more] = sayBounds(bounds, amount);
  return [...first, ...more.flatMap((line, at) => [{ text: at === 0 ? ': ' : ', ' }, ...inside(line)])];
}

/** A line of ours within a sentence. */
const inside = ([first, ...rest]: readonly Part[]): readonly Part[] =>
  first !== undefined && 'text' in first
    ? [{ text: `${first.text.charAt(0).toLowerCase()}${first.text.slice(1)}` }, ...rest]
    : [...(first === undefined ? [] : [first]), ...rest];
