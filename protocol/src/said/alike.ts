import type { ApprovalId } from '../ids.ts';
import { type QuestionShown, sentenceOf } from './approval-card.ts';
import { argumentName } from './argument-name.ts';
import { type Part, type ValuePart, valueText } from './parts.ts';

/** Questions that ask the same of the same person's task, with what is different about some of them. */
export type Alike = {
  /** The same for as long as the questions are alike; it means nothing else. */
  readonly key: string;
  /** Those that differ first, then in the order in which they came. */
  readonly approvals: readonly ApprovalId[];
  /** The sentence of all, with what varies marked. */
  readonly sentence: readonly Part[];
  /** `12 alike: Refund …`, or the sentence alone. */
  readonly title: readonly Part[];
  readonly differing: readonly { readonly approval: ApprovalId; readonly how: readonly Part[] }[];
};

/**
 * Groups questions that are alike, so that the odd one among many is seen first. THREATS: approval-bombing. Grouping only
 * orders what is shown: an answer still covers the digest of one question.
 */
export function alikeOf(questions: readonly QuestionShown[]): readonly Alike[] {
  const groups = new Map<string, QuestionShown[]>();
  for (const one of questions) {
    const key = keyOf(one);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [one]);
    else known.push(one);
  }
  return [...groups].map(([key, members]) => groupOf(key, members as [QuestionShown, ...QuestionShown[]]));
}

/** Who asks for what, in which words of ours, stopped by what; the values are what may differ. */
function keyOf({ agent, requester, asks, shown }: QuestionShown): string {
  const words = sentenceOf(shown).map((part) => ('text' in part ? part.text : null));
  // The sum so far is part of what asked, and differs from question to question.
  const stops = asks.map(({ ask }) => ask.replace(/@.*$/, '').replace(/tsk_[0-9a-z]+/g, 'task'));
  return JSON.stringify([agent, requester, shown.action, shown.method, words, stops.toSorted(), hostOf(shown.url)]);
}

const hostOf = (url: string): string => /^[a-z]+:\/\/([^/?#]*)/i.exec(url)?.[1] ?? '';

function groupOf(key: string, members: readonly [QuestionShown, ...QuestionShown[]]): Alike {
  const usual = usualValues(members);
  const differing = members.flatMap((one) => {
    const how = differences(one, usual);
    return how.length === 0 ? [] : [{ approval: one.id, how }];
  });
  const odd = new Set(differing.map(({ approval }) => approval));
  const sentence = commonSentence(members);
  return {
    key,
    approvals: [...members.filter(({ id }) => odd.has(id)), ...members.filter(({ id }) => !odd.has(id))].map(
      ({ id }) => id,
    ),
    sentence,
    title: members.length === 1 ? sentence : [{ text: `${members.length} alike: ` }, ...sentence],
    differing,
  };
}

type Values = ReadonlyMap<string, string>;

const valuesOf = ({ shown }: QuestionShown): Values =>
  new Map(shown.values.map(({ name, value }) => [name, valueText(value)]));

/** What more than half of at least three share, argument by argument; absence is a value, too. */
function usualValues(members: readonly QuestionShown[]): ReadonlyMap<string, string | undefined> {
  const usual = new Map<string, string | undefined>();
  if (members.length < 3) return usual;
  const all = members.map(valuesOf);
  for (const name of new Set(all.flatMap((values) => [...values.keys()]))) {
    const counts = new Map<string | undefined, number>();
    for (const values of all) counts.set(values.get(name), (counts.get(values.get(name)) ?? 0) + 1);
    for (const [value, count] of counts) if (count > members.length / 2) usual.set(name, value);
  }
  return usual;
}

function differences(one: QuestionShown, usual: ReadonlyMap<string, string | undefined>): readonly Part[] {
  const values = valuesOf(one);
  const called = callingOf(one.shown, [...usual.keys()]);
  const parts: Part[] = [];
  for (const [name, value] of usual) {
    const own = values.get(name);
    if (own === value) continue;
    if (parts.length > 0) parts.push({ text: '; ' });
    parts.push({ text: 'the ' }, partOf(called(name), 'argument'), {
      text: own === undefined ? ' is missing, elsewhere ' : ' is ',
    });
    if (own !== undefined)
      parts.push(partOf(own), { text: value === undefined ? ', elsewhere missing' : ', elsewhere ' });
    if (value !== undefined) parts.push(partOf(value));
  }
  return parts;
}

/**
 * What people call the arguments of a question, as its sentence does: by what the value is where the sentence says so, by
 * the last word of the name otherwise. Two that would be called the same keep their whole names, whether they differ or not.
 * THREATS: lying-text. An agent chooses values, and often names: none of them takes the name of another.
 */
function callingOf(shown: QuestionShown['shown'], differing: readonly string[]): (name: string) => string {
  const names = new Set([...differing, ...shown.values.map(({ name }) => name)]);
  const short = new Map([...names].map((name) => [name, shortName(shown, name)]));
  const counts = new Map<string, number>();
  for (const one of short.values()) counts.set(one, (counts.get(one) ?? 0) + 1);
  return (name) => {
    const one = short.get(name);
    return one === undefined || counts.get(one) !== 1 ? name : one;
  };
}

function shortName(shown: QuestionShown['shown'], name: string): string {
  const value = valueText(shown.values.find((one) => one.name === name)?.value);
  // Where two arguments have that value, the sentence does not tell which of them it means.
  const isOnly = shown.values.filter((one) => valueText(one.value) === value).length === 1;
  const said = sentenceOf(shown).find(
    (part) => isOnly && 'value' in part && part.source === 'call' && part.id !== undefined && part.value === value,
  );
  return said !== undefined && 'kind' in said ? said.kind : argumentName(name, undefined);
}

const partOf = (value: string, kind = 'text'): ValuePart => ({ value, kind, source: 'call' });

/** Where a value is not the same everywhere, the sentence says so in our words. */
function commonSentence([first, ...others]: readonly [QuestionShown, ...QuestionShown[]]): readonly Part[] {
  return sentenceOf(first.shown).map((part, i) => {
    if (!('value' in part)) return part;
    const isShared = others.every(({ shown }) => {
      const other = sentenceOf(shown)[i];
      return other !== undefined && 'value' in other && other.value === part.value;
    });
    return isShared ? part : { text: '(varies)' };
  });
}
