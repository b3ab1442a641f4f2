import type { Constraint } from '../../authority/authority.ts';
import { amountOf, type ConstraintKind, endsOf, isInOrder } from '../../authority/constraint.ts';
import { isCurrency } from '../../decimal.ts';
import type { JsonValue } from '../../json.ts';
import { holesOf, sayAction, withoutReadings } from '../action-words.ts';
import { argumentName } from '../argument-name.ts';
import { type Part, type PartSource, type ValuePart, valueText } from '../parts.ts';
import { sayConstraint } from '../say-grant.ts';
import type { DenialParts } from './denial-parts.ts';
import { type DenialToSay, type Said, small } from './to-say.ts';
import { moreFrom, whoMay } from './whose.ts';

type PartsOf<I extends DenialParts['is']> = Extract<DenialParts, { readonly is: I }>;

/** A value that a grant bounds is outside of it. */
export function sayBound(denial: DenialToSay, { name, must, more, of }: PartsOf<'bound'>): Said {
  const given = sent(denial, name);
  const kind = given === undefined ? null : otherKind(must, given);
  const asked: readonly Part[] =
    given === undefined
      ? []
      : [...(kind === null ? [] : [{ text: `the ${kind} ` }]), asSent(denial, name, given), { text: ' was asked' }];
  const { may, source } = whoMay(denial, of);
  const boundOf = (value: unknown): ValuePart => ({ ...asBound(denial, name, value, more === true), source });
  if (typeof must === 'object' && 'range' in must && given !== undefined) {
    const amount = amountOf(given as JsonValue);
    if (amount === undefined) return sayNoNumber(denial, name, asked);
    const isTooMuch = !isInOrder(amount, endsOf(must.range)[1]);
    const bound = boundOf((isTooMuch ? must.range.max : must.range.min) ?? '');
    const most = isTooMuch ? 'at most ' : 'at least ';
    return { why: [...may, ...upTo(denial, name, most, bound)], asked, next: moreFrom(denial, of) };
  }
  const only: readonly Part[] = [...may, { text: 'do this only where the ' }, named(name, denial), { text: ' ' }];
  return { why: [...only, ...sayMust(must, boundOf, kind, source)], asked, next: moreFrom(denial, of) };
}

/**
 * Whether what was sent is the text of a number that is asked for, or the other way round, where both are written alike: an
 * entry keeps numbers as they were written, so that only what denied them tells the two apart.
 */
function otherKind(must: Constraint | ConstraintKind, given: unknown): 'text' | 'number' | null {
  if (typeof must !== 'object') return null;
  const wanted = 'equals' in must ? [must.equals] : 'oneOf' in must ? must.oneOf : [];
  const alike = wanted.find((one) => valueText(one) === valueText(given));
  if (typeof alike === 'number') return 'text';
  return typeof alike === 'string' ? 'number' : null;
}

const sayNoNumber = (denial: DenialToSay, name: string, asked: readonly Part[]): Said => ({
  why: [{ text: 'the ' }, named(name, denial), { text: ' has to be a plain number such as 30.00' }],
  asked,
  next: [denial.agent, { text: ' has to send it so.' }],
});

export function sayMissing(denial: DenialToSay, { name, of }: PartsOf<'missing'>): Said {
  const { may } = whoMay(denial, of);
  return {
    why: [...may, { text: 'do this only where the call says the ' }, named(name, denial)],
    asked: [{ text: 'it was left out' }],
    next: [denial.agent, { text: ' has to send it.' }],
  };
}

export function sayUnnamed(denial: DenialToSay, { name, of }: PartsOf<'unnamed'>): Said {
  const { mayNot } = whoMay(denial, of);
  return {
    why: [...mayNot, { text: 'send the value ' }, argument(name), { text: ' with it' }],
    next: [denial.agent, { text: ' can leave it out. ' }, ...moreFrom(denial, of)],
  };
}

/** Money that is counted in one currency, and cannot be read in it. */
export function sayCurrency(denial: DenialToSay, { currency, of }: PartsOf<'currency'>): Said {
  const { words, agent } = denial;
  const given = words?.money == null ? undefined : sent(denial, words.money.currency);
  const { may, source } = whoMay(denial, of);
  const isOther = typeof given === 'string' && given.toUpperCase() !== currency;
  return {
    why: [...may, { text: 'do this only with an amount in ' }, { value: currency, kind: 'text', source }],
    asked: isOther
      ? [{ value: given, kind: 'text', source: 'call' }, { text: ' was asked' }]
      : [{ text: 'no amount could be read' }],
    next: [agent, { text: ' has to use that currency, and write the amount as a plain number such as 30.00.' }],
  };
}

const sent = ({ values }: DenialToSay, name: string): unknown =>
  values !== null && Object.hasOwn(values, name) ? values[name] : undefined;

const argument = (name: string): ValuePart => ({ value: name, kind: 'argument', source: 'call' });
const named = (name: string, { words }: DenialToSay): ValuePart => argument(argumentName(name, words));

/** What the sentence of the action says up to that value, with the bound in its place: `refund at most 100.00 USD a call`. */
function upTo(denial: DenialToSay, name: string, most: string, bound: ValuePart): readonly Part[] {
  const { words, values } = denial;
  const end = words?.money?.amount === name ? ' a call' : '';
  const template = withoutReadings(words?.sentence ?? '');
  const hole = holesOf(template).find((one) => one.argument === name);
  const at = hole === undefined ? -1 : template.indexOf(hole.label === null ? `{${name}}` : `{${name}|${hole.label}}`);
  const parts: readonly Part[] =
    words === undefined || at < 0
      ? [{ text: 'do this only with ' }, named(name, denial), { text: ` of ${most}` }, bound, { text: end }]
      : [
          ...small(sayAction({ ...words, sentence: template.slice(0, at) }, values ?? {})),
          { text: most },
          bound,
          { text: end },
        ];
  return parts.filter((part) => !('text' in part) || part.text !== '');
}

/** A value as the sentence of its action shows it: money with its currency, a resource as what it is. */
function asSent(denial: DenialToSay, name: string, value: unknown): ValuePart {
  const { words, values } = denial;
  const plain: ValuePart = { value: valueText(value), kind: 'text', source: 'call' };
  if (words === undefined) return plain;
  const { money } = words;
  const currency = money?.amount === name && sent(denial, money.currency) !== undefined ? ` {${money.currency}}` : '';
  const [said] = sayAction({ ...words, sentence: `{${name}}${currency}` }, { ...values, [name]: value });
  return said !== undefined && 'value' in said ? said : plain;
}

/**
 * A bound as the sentence shows values. THREATS: lying-text. The currency is the call's word: it stands with a bound only
 * where it is a currency, and the bound is known to be one of it.
 */
function asBound(denial: DenialToSay, name: string, value: unknown, isOfOther: boolean): ValuePart {
  const money = denial.words?.money ?? null;
  const currency = money === null ? undefined : sent(denial, money.currency);
  // `10000.00` hundredths are 10000 of them; what is no whole number of them is said as it was written.
  const isMinor = money !== null && money.places > 0 && money.amount === name;
  const whole = isMinor ? valueText(value).replace(/\.0+$/, '') : value;
  const isCounted = !isMinor || /^[0-9]+$/.test(valueText(whole));
  const isOfCall = !isOfOther && isCounted && isCurrency(currency);
  return asSent(isOfCall ? denial : { ...denial, values: null }, name, whole);
}

function sayMust(
  must: Constraint | ConstraintKind,
  boundOf: (value: unknown) => ValuePart,
  sentKind: 'text' | 'number' | null,
  source: PartSource,
): readonly Part[] {
  if (typeof must === 'string') return [{ text: 'is what was agreed, which is too long to say here' }];
  const wanted = { text: 'the number ', number: 'the text ' };
  if ('equals' in must) return [{ text: sentKind === null ? 'is ' : `is ${wanted[sentKind]}` }, boundOf(must.equals)];
  return sayConstraint(must, source);
}
