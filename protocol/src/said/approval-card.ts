import { addDecimal, type Decimal } from '../decimal.ts';
import { type AgentId, type ApprovalId, type CredentialId, type PersonId, parseId, type TaskId } from '../ids.ts';
import { type Part, type PartSource, type ValuePart, valueText } from './parts.ts';
import type { Rememberable } from './rememberable.ts';
import { unitBehind } from './singular.ts';

/** Where else a value stands: in the task as a person opened it, or in what was read again for the approver. */
export type FoundIn = { readonly task: TaskId } | { readonly read: string; readonly at: string };

/** One value on the card, with where it came from. Text from outsiders is quoted, never spoken in our voice. */
export type ShownValue = {
  readonly name: string;
  readonly value: unknown;
  readonly source: 'call' | 'catalog' | 'task' | 'upstream' | 'agent';
  readonly found?: FoundIn;
};

/** One task of the chain: who acts in it, and who wrote it. */
export type ShownLink = {
  readonly task: TaskId;
  readonly agent: AgentId;
  readonly name: string;
  readonly writtenBy: 'person' | 'agent';
};

/** A limit of the task, with what this call would take of it. Amounts are decimals. */
export type ShownBudget = {
  /** A currency, `calls` or `cost units`. */
  readonly unit: string;
  readonly spent: string;
  readonly now: string;
  /** Null where nothing bounds it. */
  readonly max: string | null;
  /** What would be left; null where it is too little, or nothing bounds it. */
  readonly left: string | null;
};

/** The sum behind a threshold, with what the call would add to it. */
export type ShownSum = {
  readonly spent: string;
  readonly amount: string;
  readonly threshold: string;
  readonly currency: string;
  /** The resource that it is kept for; absent where it counts the whole task. */
  readonly of?: string;
};

/** Why a person is asked: the name of what asked, and its sentence. A yes answers these and no others. */
export type AskReason = { readonly ask: string; readonly reason: string; readonly over?: ShownSum };

/**
 * What the person sees before answering. Nothing in it is cut. INVARIANT (once): it lies whole under the signature, and
 * what is drawn is made of it by `approvalCard`, wherever it is drawn. Members that came later may be absent.
 */
export type Shown = {
  /** `Refund 80.00 USD for order 1042`: from the action's template, or the action and its values. */
  readonly sentence: string;
  /** The same sentence in parts. */
  readonly parts?: readonly Part[];
  readonly action: string;
  readonly method: string;
  /** Origin, path and query as they will be sent. */
  readonly url: string;
  readonly values: readonly ShownValue[];
  readonly reversibility: string;
  readonly amount: { readonly amount: string; readonly currency: string } | null;
  /** What the task would have left, limit by limit. */
  readonly left: readonly string[];
  readonly budget?: readonly ShownBudget[];
  readonly requester: string;
  readonly agent: string;
  readonly purpose: string;
  /** The task that a person opened first, the one that acts last. */
  readonly chain?: readonly ShownLink[];
  /** When the acting task ends, in epoch milliseconds. */
  readonly taskUntil?: number;
  readonly policyVersion?: string;
  /** The actions by which it was read, and what would be lent for it: a yes is remembered for no others. */
  readonly catalogVersion?: string;
  readonly credential?: CredentialId | null;
  /** How far a yes may be remembered, or why it may not; absent where nobody may have it remembered. */
  readonly remember?: Rememberable;
  /** The agent's own words about why. */
  readonly claim: string | null;
  readonly lookedAgain: { readonly action: string; readonly status: number; readonly text: string } | null;
};

/** A question, as far as its card is made of it. */
export type QuestionShown = {
  readonly id: ApprovalId;
  readonly task: TaskId;
  readonly agent: AgentId;
  readonly requester: PersonId | null;
  readonly callDigest: string;
  readonly digest: string;
  readonly asks: readonly AskReason[];
  readonly shown: Shown;
};

/** A question as a person reads it, from the top: every sentence in parts, in the order of the card. */
export type ApprovalCard = {
  readonly sentence: readonly Part[];
  readonly askedBy: readonly Part[];
  /** Who acts, from the task that was opened first to the one whose call this is. */
  readonly chain: readonly { readonly task: TaskId; readonly agent: Part; readonly writtenBy: 'person' | 'agent' }[];
  readonly task: { readonly id: TaskId; readonly purpose: ValuePart; readonly until: number | null };
  readonly stopped: readonly Stopped[];
  readonly undo: { readonly sentence: readonly Part[]; readonly isFinal: boolean };
  readonly budget: readonly (ShownBudget & { readonly sentence: readonly Part[] })[];
  readonly values: readonly { readonly name: string; readonly value: ValuePart; readonly from: readonly Part[] }[];
  /** What client libraries put on every request by themselves, as it is sent: below what decides, and under the signature like it. */
  readonly headers: ApprovalCard['values'];
  readonly lookedAgain: { readonly sentence: readonly Part[]; readonly text: string } | null;
  /** The agent's own words, to be quoted under the sentence that says whose they are. */
  readonly claim: { readonly sentence: readonly Part[]; readonly text: string } | null;
  readonly call: { readonly action: string; readonly method: string; readonly url: string; readonly digest: string };
};

export type Stopped = {
  /** What asked, by its name: `policy:refund-order-total`. */
  readonly ask: string;
  readonly sentence: readonly Part[];
  /** The numbers behind it. */
  readonly facts: readonly Part[];
  readonly rule: string | null;
  readonly policyVersion: string | null;
};

/** INVARIANT (once): made of what the signature covers and of nothing else, so that no server can have another thing read than signed. */
export function approvalCard(question: QuestionShown): ApprovalCard {
  const { shown, asks, callDigest } = question;
  const agent: Part = { agent: question.agent, name: shown.agent };
  const values = shown.values.map((one) => ({
    name: one.name,
    value: partOf(one),
    from: whence(one, question, agent),
  }));
  return {
    sentence: sentenceOf(shown),
    askedBy: askedBy(question),
    chain: chainOf(question).map(({ task, agent: id, name, writtenBy }) => ({
      task,
      agent: { agent: id, name },
      writtenBy,
    })),
    task: {
      id: question.task,
      purpose: { value: shown.purpose, kind: 'text', source: writerOf(question) },
      until: shown.taskUntil ?? null,
    },
    stopped: asks.map((one) => stoppedBy(one, question)),
    undo: undoOf(shown.reversibility),
    budget: (shown.budget ?? []).map((one) => ({ ...one, sentence: sayBudget(one) })),
    values: values.filter((one) => !isUsual(one)),
    headers: values.filter(isUsual),
    lookedAgain: lookedAgain(shown),
    claim:
      shown.claim === null
        ? null
        : { sentence: [agent, { text: ' claims this, and nobody checked it' }], text: shown.claim },
    call: { action: shown.action, method: shown.method, url: shown.url, digest: callDigest },
  };
}

/** What would happen; of questions from before sentences had parts, as one piece. */
export const sentenceOf = ({ parts, sentence }: Shown): readonly Part[] => parts ?? [{ text: sentence }];

/** What no caller chose: with any other value it may choose a language or a form, and stands among the values. */
const usual: ReadonlyMap<string, RegExp> = new Map([
  ['header.accept', /^(\*\/\*|application\/json(, text\/plain, \*\/\*)?)$/],
  ['header.accept-language', /^\*$/],
]);

const isUsual = ({ name, value }: ApprovalCard['values'][number]): boolean =>
  usual.get(name)?.test(value.value) === true;

function askedBy({ requester, shown }: QuestionShown): readonly Part[] {
  if (requester !== null) return [{ person: requester, name: shown.requester }];
  return [{ text: 'Nobody: the agent opened the task itself' }];
}

/** Of questions from before the chain was shown, only the end is known. */
const chainOf = ({ shown, task, agent }: QuestionShown): readonly ShownLink[] =>
  shown.chain ?? [{ task, agent, name: shown.agent, writtenBy: 'agent' }];

/** Who wrote the acting task, its purpose and its asks. */
const writerOf = (question: QuestionShown): PartSource => chainOf(question).at(-1)?.writtenBy ?? 'agent';

const sumSaid = ({ spent, amount, threshold, currency }: ShownSum): string =>
  `${spent} ${currency} before, ${amount} now, asked above ${threshold}`;

/** The sentence of a reason with its numbers, as the log and the agent's answer have it. */
export const reasonWithSum = (reason: string, over: ShownSum): string => `${reason} (${sumSaid(over)})`;

function stoppedBy({ ask, reason, over }: AskReason, question: QuestionShown): Stopped {
  const words = over === undefined ? reason : reason.slice(0, -reasonWithSum('', over).length);
  const isRule = ask.startsWith('policy:');
  return {
    ask,
    sentence: [{ value: words, kind: 'reason', source: askedFrom(ask, question) }],
    facts: over === undefined ? [] : sayThreshold(over, isOfTask(ask, question)),
    rule: isRule ? ask.slice('policy:'.length) : null,
    policyVersion: isRule ? (question.shown.policyVersion ?? null) : null,
  };
}

/** Whose words a reason is in. What an agent wrote into a task or an elevation is foreign, and so is what nobody knows. */
function askedFrom(ask: string, question: QuestionShown): PartSource {
  const [kind = '', task, third = ''] = ask.split(':');
  if (kind === 'policy') return 'policy';
  if (kind === 'bound') return 'person';
  if (kind !== 'task' || third === 'elevation') return 'plane';
  if (parseId('elevation', third) !== undefined) return 'agent';
  return chainOf(question).find((link) => link.task === task)?.writtenBy ?? 'agent';
}

/** Whether the acting task itself asks, and not what was given beside it. */
function isOfTask(ask: string, { task }: QuestionShown): boolean {
  const [kind, of, third] = ask.split(':');
  return kind === 'task' && of === task && parseId('elevation', third) === undefined;
}

/** What the task itself asks about counts in that task alone, whatever other tasks moved before it. */
function sayThreshold({ spent, amount, threshold, currency }: ShownSum, isOfTask: boolean): readonly Part[] {
  const money = (value: string): Part => ({ value: `${value} ${currency}`, kind: 'amount', source: 'plane' });
  const sum = addDecimal(spent as Decimal, amount as Decimal);
  return [
    money(spent),
    { text: isOfTask ? ' before in this task, with this ' : ' before, with this ' },
    money(sum),
    { text: '; a person is asked above ' },
    money(threshold),
    { text: '.' },
  ];
}

function undoOf(reversibility: string): ApprovalCard['undo'] {
  const [kind, action] = reversibility.split(' by ', 2);
  const by = (before: string, after: string): readonly Part[] => [
    { text: before },
    { value: action ?? '', kind: 'action', source: 'catalog' },
    { text: after },
  ];
  if (kind === 'irreversible') return { sentence: [{ text: 'Can’t be undone.' }], isFinal: true };
  if (kind === 'compensable' && action !== undefined)
    return { sentence: by('Can be made up for by ', ', which is a new call.'), isFinal: false };
  if (kind === 'reversible' && action !== undefined) return { sentence: by('Can be undone by ', '.'), isFinal: false };
  if (kind === 'reversible') return { sentence: [{ text: 'Can be undone.' }], isFinal: false };
  return { sentence: [{ value: reversibility, kind: 'reason', source: 'plane' }], isFinal: false };
}

function sayBudget({ unit, spent, max, left }: ShownBudget): readonly Part[] {
  const many = (value: string): Part => ({ value, kind: 'number', source: 'plane' });
  if (max === null) return [many(spent), { text: ` ${unitBehind(spent, unit)} so far` }];
  const most = [many(max), { text: ` ${unitBehind(max, unit)}` }];
  if (left === null) return [{ text: 'Too little is left of ' }, ...most];
  return [many(left), { text: ' would be left of ' }, ...most];
}

const partOf = ({ value, source }: ShownValue): ValuePart => ({ value: valueText(value), kind: 'text', source });

function whence({ source, found }: ShownValue, question: QuestionShown, agent: Part): readonly Part[] {
  if (found !== undefined && 'task' in found) {
    const { requester, shown } = question;
    const whose: Part = requester === null ? { text: 'The owner' } : { person: requester, name: shown.requester };
    return [whose, { text: ' fixed it, when the task was opened' }];
  }
  if (found !== undefined) {
    return [
      { text: 'The same stands in what was read again, ' },
      { value: found.read, kind: 'action', source: 'catalog' },
      { text: ', at ' },
      { value: found.at, kind: 'text', source: 'upstream' },
    ];
  }
  if (source === 'call') return [agent, { text: '’s call, not checked' }];
  if (source === 'agent') return [agent, { text: '’s words, not checked' }];
  return [{ text: { catalog: 'The catalog', task: 'The task', upstream: 'The API, not checked' }[source] ?? source }];
}

function lookedAgain({ lookedAgain: look }: Shown): ApprovalCard['lookedAgain'] {
  if (look === null) return null;
  const read: Part = { value: look.action, kind: 'action', source: 'catalog' };
  const sentence: readonly Part[] =
    look.status === 0
      ? [{ text: 'It was not read again: ' }, read]
      : [read, { text: ` answered ${look.status}. The API says, and nobody checked it:` }];
  return { sentence, text: look.text };
}
