import { type Approval, type ApprovalCard, approvalCard, type TogetherCard, togetherCard } from '@ambit/sdk/operator';
import { indent, type Line, line, paint, printLine, quote, quoteLines, sentence } from '../line.ts';
import { countOf } from './count.ts';
import { showDistance } from './times.ts';

type Seen = Omit<Approval, 'card'>;
/** Lines that say one thing. */
type Block = readonly Line[];

/**
 * Several questions of one task as the person must see them before one signature answers all, nothing cut: what they come
 * to; what all of them say to the letter, once; then each with everything that it says beside. INVARIANT (once): made here
 * of what the digests cover.
 */
export function showTogether(asked: readonly Seen[], now: number): readonly Line[] {
  const told = asked.map((seen) => ({ seen, card: approvalCard(seen) })).map((one) => ({ ...one, says: saidBy(one) }));
  const isShared = (block: Block) => told.every(({ says }) => says.some((one) => textOf(one) === textOf(block)));
  const shared = told[0]?.says.filter(isShared) ?? [];
  return [
    paint('bold', line`${countOf(asked.length, 'question')}, to be answered by one signature`),
    ...togetherCard(asked).sums.map(showSum),
    ...(asked.length > 1 ? [line`all of them`, ...shared.flat().map((one) => indent(1, one))] : []),
    ...told.flatMap(({ seen, card, says }, i) => [
      paint('bold', line`${i + 1}. ${sentence(card.sentence)}`),
      ...(asked.length > 1 ? says.filter((one) => !isShared(one)) : says).flat().map((one) => indent(1, one)),
      indent(1, line`${seen.state}, ends ${showDistance(seen.expiresAt, now)}; asked as ${seen.id}`),
      indent(1, line`digest ${seen.digest}`),
    ]),
  ];
}

const textOf = (block: Block): string => block.map((one) => printLine(one, false)).join('\n');

function showSum({ amount, currency, questions }: TogetherCard['sums'][number]): Line {
  const sum = amount === null ? line`more ${currency} than an amount can say` : line`${amount} ${currency}`;
  return line`in all ${sum}, by ${countOf(questions, 'question')}`;
}

function saidBy({ seen, card }: { readonly seen: Seen; readonly card: ApprovalCard }): readonly Block[] {
  const { task, call } = card;
  return [
    [line`asked for by ${sentence(card.askedBy)}`],
    ...card.chain.map(({ agent, task: id }) => [line`acting ${sentence([agent])}, in ${id}`]),
    [
      line`task ${task.id}: ${quote(task.purpose.value)}, as ${task.purpose.source === 'person' ? 'whoever opened it' : 'an agent'} wrote`,
    ],
    ...card.stopped.map(({ ask, sentence: words }) => [
      line`stopped because ${sentence(words)} (${ask.replace(/@.*$/, '')})`,
    ]),
    ...card.stopped.filter(({ facts }) => facts.length > 0).map(({ facts }) => [sentence(facts)]),
    [line`undo ${sentence(card.undo.sentence)}`],
    ...seen.shown.left.map((left) => [line`left ${left}, after this one alone`]),
    ...[...card.values, ...card.headers].map(({ name, value, from }) => [
      line`${name} = ${quote(value.value)}; ${sentence(from)}`,
    ]),
    [line`${call.action}: ${call.method} ${call.url}`],
    ...(card.lookedAgain === null
      ? []
      : [[line`looked again: ${sentence(card.lookedAgain.sentence)}`, ...quoteLines(card.lookedAgain.text)]]),
    ...(card.claim === null ? [] : [[line`${sentence(card.claim.sentence)}:`, ...quoteLines(card.claim.text)]]),
  ];
}
