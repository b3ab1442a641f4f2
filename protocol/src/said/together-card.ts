import { addDecimal, type Decimal, decimalOf, parseDecimal } from '../decimal.ts';
import { canonicalJson } from '../json.ts';
import { type ApprovalCard, approvalCard, type QuestionShown } from './approval-card.ts';

type CardValue = ApprovalCard['values'][number];

/** Several questions as a person reads them before one signature answers all: each whole, and what they come to. */
export type TogetherCard = {
  /** What they move together, by currency, in the order of the currencies' names; null is more than an amount can say. */
  readonly sums: readonly {
    readonly amount: Decimal | null;
    readonly currency: string;
    /** How many of them move it. */
    readonly questions: number;
  }[];
  /** Values and headers that are the same in all of them and come from the same place, said once. */
  readonly shared: readonly CardValue[];
  /** In the order in which they were given, which is the order that is signed. */
  readonly questions: readonly {
    readonly question: QuestionShown;
    readonly card: ApprovalCard;
    /** All other values and headers of this one. */
    readonly own: readonly CardValue[];
  }[];
};

/**
 * INVARIANT (once): made of what the digests cover and of nothing else. What is said once for all is what each of them says
 * to the letter; everything else is said of its own question.
 */
export function togetherCard(questions: readonly QuestionShown[]): TogetherCard {
  const told = questions.map((question) => {
    const card = approvalCard(question);
    return { question, card, values: [...card.values, ...card.headers] };
  });
  const counts = new Map<string, number>();
  for (const { values } of told) {
    // A name that stands twice in one question counts once for it.
    for (const key of new Set(values.map((one) => canonicalJson(one)))) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const isShared = (value: CardValue): boolean => counts.get(canonicalJson(value)) === told.length;
  return {
    sums: sumsOf(questions),
    shared: told[0]?.values.filter(isShared) ?? [],
    questions: told.map(({ question, card, values }) => ({
      question,
      card,
      own: values.filter((value) => !isShared(value)),
    })),
  };
}

function sumsOf(questions: readonly QuestionShown[]): TogetherCard['sums'] {
  const sums = new Map<string, { amount: Decimal | null; questions: number }>();
  for (const { shown } of questions) {
    if (shown.amount === null) continue;
    const { currency } = shown.amount;
    const sum = sums.get(currency) ?? { amount: decimalOf('0'), questions: 0 };
    sums.set(currency, { amount: plus(sum.amount, shown.amount.amount), questions: sum.questions + 1 });
  }
  return [...sums]
    .map(([currency, sum]) => ({ currency, ...sum }))
    .toSorted((a, b) => (a.currency < b.currency ? -1 : 1));
}

function plus(sum: Decimal | null, more: string): Decimal | null {
  const amount = parseDecimal(more);
  if (sum === null || amount === undefined) return null;
  try {
    return addDecimal(sum, amount);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
