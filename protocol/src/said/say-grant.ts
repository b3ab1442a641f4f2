import type { ArgumentRule, Authority, Constraint, Grant, Limit, Scalar } from '../authority/authority.ts';
import { type ActionWords, holesOf, withoutReadings } from './action-words.ts';
import { type Part, type PartSource, type ValuePart, valueText } from './parts.ts';

/** One line of what somebody may do: the sentence, and what else bounds it. */
export type GrantLine = {
  readonly decision: 'permit' | 'ask';
  readonly action: string;
  /** The place of its grant in the authority. */
  readonly grant: number;
  readonly sentence: readonly Part[];
  readonly bounds: readonly (readonly Part[])[];
};

type Saying = {
  /** What the catalog says of an action; nothing where it has gone. */
  readonly wordsOf: (action: string) => ActionWords | undefined;
  /** Who wrote the authority: an agent where it was handed on, a person otherwise. */
  readonly source: PartSource;
  /** Whether it bounds every task, and not one: then limits and thresholds count over all of them. */
  readonly isOverTasks?: boolean;
};

/**
 * Authority in words, action by action. INVARIANT (lying-text): whatever a grant holds is a value of its own; only our words are text.
 */
export const sayAuthority = (authority: Authority, saying: Saying): readonly GrantLine[] =>
  authority.flatMap((grant, at) =>
    grant.actions.flatMap((action) => sayGrantOf(grant, action, saying).map((line) => ({ ...line, grant: at }))),
  );

function sayGrantOf(grant: Grant, action: string, saying: Saying): readonly Omit<GrantLine, 'grant'>[] {
  const { source, isOverTasks = false } = saying;
  const inAll = isOverTasks ? ' over all its tasks' : ' in one task';
  const words = saying.wordsOf(action);
  const { sentence, said } = words === undefined ? sayCall(action) : sayBounded(words, grant, source);
  const rest = Object.entries(grant.where ?? {}).filter(([name]) => !said.has(name));
  const always = (grant.asks ?? []).filter((ask) => 'always' in ask);
  const bounds = [
    ...rest.map(([name, rule]) => sayRule(name, rule, source)),
    ...(grant.where === undefined ? [] : [[{ text: 'No arguments besides' }]]),
    ...(grant.limits ?? []).map((limit) => sayLimit(limit, { inAll, others: grant.actions.length - 1, source })),
    ...always.map(({ reason }) => [reasonPart(reason, source)]),
  ];
  const over = (grant.asks ?? []).flatMap((ask): Omit<GrantLine, 'grant'>[] => {
    if (!('over' in ask)) return [];
    const amount: ValuePart = { value: `${ask.over.amount} ${ask.over.currency}`, kind: 'amount', source };
    const per: readonly Part[] =
      ask.per === undefined ? [{ text: inAll }] : [{ text: ' for one ' }, perPart(ask.per, words, source)];
    return [
      {
        decision: 'ask',
        action,
        sentence: [{ text: 'The same, once it adds up to more than ' }, amount, ...per],
        bounds: [[reasonPart(ask.reason, source)]],
      },
    ];
  });
  return [{ decision: always.length > 0 ? 'ask' : 'permit', action, sentence, bounds }, ...over];
}

const reasonPart = (reason: string, source: PartSource): Part => ({ value: reason, kind: 'reason', source });

const perPart = (argument: string, words: ActionWords | undefined, source: PartSource): Part =>
  words?.resource?.id === argument
    ? { value: words.resource.type, kind: 'text', source: 'catalog' }
    : { value: argument, kind: 'argument', source };

type Said = { readonly sentence: readonly Part[]; readonly said: ReadonlySet<string> };

const sayCall = (action: string): Said => ({
  sentence: [{ text: 'Call ' }, { value: action, kind: 'action', source: 'catalog' }],
  said: new Set(),
});

/** The sentence of the action, with its bounds in the place of values. */
function sayBounded(words: ActionWords, { where }: Grant, source: PartSource): Said {
  const parts: Part[] = [];
  const said = new Set<string>();
  const template = withoutReadings(words.sentence);
  let rest = template;
  for (const { argument, label } of holesOf(template)) {
    const hole = label === null ? `{${argument}}` : `{${argument}|${label}}`;
    const at = rest.indexOf(hole);
    const before = rest.slice(0, at);
    rest = rest.slice(at + hole.length);
    const rule = where?.[argument];
    const { type = '' } = words.resource?.id === argument ? (words.resource ?? {}) : {};
    if (rule !== undefined && sayable(rule) !== null) {
      // A least amount is said beside the sentence, where it does not make it longer.
      if (!hasLeast(rule)) said.add(argument);
      if (before === ' ' && argument === words.money?.currency && joinsAmount(parts, rule)) continue;
      parts.push({ text: before }, ...boundOf(rule, kindOf(argument, words), source));
    } else if (type !== '' && before.endsWith(`${type} `)) {
      parts.push({ text: `${before.slice(0, -type.length - 1)}${where === undefined ? 'any' : 'one'} ${type}` });
    } else parts.push({ text: `${before}${where === undefined ? 'any' : 'some'} ` }, nameOf(argument, source));
  }
  return { sentence: [...parts, { text: rest }].filter((part) => !('text' in part) || part.text !== ''), said };
}

const nameOf = (argument: string, source: PartSource): Part => ({
  value: argument.split('.').at(-1) ?? argument,
  kind: 'argument',
  source,
});

const kindOf = (argument: string, { money, resource }: ActionWords): string => {
  if (argument === money?.amount) return money.places === 0 ? 'amount' : 'number';
  return argument === resource?.id ? resource.type : 'text';
};

/** A rule that a sentence can say in the place of the value. */
function sayable({ all, optional }: ArgumentRule): Constraint | null {
  const [only] = all;
  if (only === undefined || all.length > 1 || optional === true) return null;
  return 'equals' in only || 'oneOf' in only || ('range' in only && only.range.max !== undefined) ? only : null;
}

const hasLeast = ({ all }: ArgumentRule): boolean => all.some((one) => 'range' in one && one.range.min !== undefined);

function boundOf(rule: ArgumentRule, kind: string, source: PartSource): readonly Part[] {
  const bound = sayable(rule);
  if (bound === null) return [];
  const value = (one: Scalar | string): Part => ({ value: valueText(one), kind, source });
  if ('equals' in bound) return [value(bound.equals)];
  if ('oneOf' in bound) return listed(bound.oneOf.map(value), ' or ');
  if ('range' in bound) return [{ text: 'up to ' }, value(bound.range.max ?? '')];
  return [];
}

/** `up to 100.00` and a fixed currency are one amount. */
function joinsAmount(parts: Part[], { all }: ArgumentRule): boolean {
  const before = parts.at(-1);
  const [only] = all;
  if (before === undefined || !('kind' in before) || before.kind !== 'amount') return false;
  if (only === undefined || !('equals' in only)) return false;
  parts[parts.length - 1] = { ...before, value: `${before.value} ${valueText(only.equals)}` };
  return true;
}

function listed(parts: readonly Part[], word = ', '): readonly Part[] {
  return parts.flatMap((part, at) => (at === 0 ? [part] : [{ text: word }, part]));
}

/** Bounds on an argument: `body.reason, where given, is no longer than 200`. */
function sayRule(name: string, { all, optional }: ArgumentRule, source: PartSource): readonly Part[] {
  const argument: Part = { value: name, kind: 'argument', source };
  return [
    argument,
    { text: optional === true ? ', where given, ' : ' ' },
    ...all.flatMap((one, at): readonly Part[] => [
      ...(at === 0 ? [] : [{ text: ' and ' }]),
      ...sayConstraint(one, source),
    ]),
  ];
}

/** `is at most 100.00`, `begins with …`: a constraint behind the name of an argument. */
export function sayConstraint(one: Constraint, source: PartSource): readonly Part[] {
  const value = (given: Scalar): Part => ({ value: valueText(given), kind: 'text', source });
  const several = (given: readonly Scalar[]) => listed(given.map(value));
  if ('equals' in one) return [{ text: 'is ' }, value(one.equals)];
  if ('oneOf' in one) return [{ text: 'is one of ' }, ...several(one.oneOf)];
  if ('notOneOf' in one) return [{ text: 'is none of ' }, ...several(one.notOneOf)];
  if ('range' in one) return sayRange(one.range, value);
  if ('prefix' in one) return [{ text: 'begins with ' }, value(one.prefix)];
  if ('suffix' in one) return [{ text: 'ends with ' }, value(one.suffix)];
  if ('under' in one) return [{ text: 'lies under ' }, value(one.under)];
  if ('cidr' in one) return [{ text: 'lies in the network ' }, value(one.cidr)];
  if ('domain' in one) return [{ text: 'is or lies below ' }, value(one.domain)];
  if ('subsetOf' in one) return [{ text: 'holds only ' }, ...several(one.subsetOf)];
  if ('maxLength' in one) return [{ text: `is no longer than ${one.maxLength}` }];
  return [{ text: 'may be anything' }];
}

function sayRange({ min, max }: { min?: string; max?: string }, value: (given: Scalar) => Part): readonly Part[] {
  const least: readonly Part[] = min === undefined ? [] : [{ text: 'is at least ' }, value(min)];
  if (max === undefined) return least;
  return [...least, { text: min === undefined ? 'is at most ' : ' and at most ' }, value(max)];
}

type LimitSaying = { readonly inAll: string; readonly others: number; readonly source: PartSource };

function sayLimit(limit: Limit, { inAll, others, source }: LimitSaying): readonly Part[] {
  const span = limit.seconds === undefined ? inAll : ` in any ${sayPeriod(limit.seconds)}`;
  const shared = others === 0 ? '' : `, together with ${others === 1 ? 'one other action' : `${others} other actions`}`;
  const end: Part = { text: `${span}${shared}` };
  if ('calls' in limit) return [{ text: `At most ${limit.calls} ${limit.calls === 1 ? 'call' : 'calls'}` }, end];
  if ('cost' in limit)
    return [{ text: 'At most ' }, { value: limit.cost, kind: 'number', source }, { text: ' cost units' }, end];
  return [{ text: 'Up to ' }, { value: `${limit.sum.max} ${limit.sum.currency}`, kind: 'amount', source }, end];
}

const periods: readonly (readonly [number, string])[] = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

/** `day`, `2 hours`. */
export function sayPeriod(seconds: number): string {
  const [unit, name] = periods.find(([length]) => seconds % length === 0) ?? [1, 'second'];
  return seconds === unit ? name : `${seconds / unit} ${name}s`;
}
