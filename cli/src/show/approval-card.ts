import { approvalCard, digestGroups } from '@ambit/protocol';
import type { Approval, ApprovalCard } from '@ambit/sdk/operator';
import { indent, type Line, line, paint, quote, quoteLines, sentence } from '../line.ts';
import { showDistance, showTime } from './times.ts';

/**
 * The question as the person must see it before they sign, nothing cut: what will happen; who asked, who acts, under
 * which task; why it stopped; whether it can be undone and what is left; where each value came from; what the look
 * again found; the agent's claim; the exact call; the digest. INVARIANT (once): made here of what the digest covers.
 */
export function showCard(approval: Omit<Approval, 'card'>, now: number): readonly Line[] {
  const { shown } = approval;
  const card = approvalCard(approval);
  return [
    paint('bold', sentence(card.sentence)),
    paint('dim', line`  ${wordsOf(card)}; asked as ${approval.id}`),
    line`asked for by  ${sentence(card.askedBy)}${approval.requester === null ? '' : line` (${approval.requester})`}`,
    ...card.chain.map((link, i) => showLink(link, i, card.chain.length)),
    line`task          ${card.task.id}: ${quote(card.task.purpose.value)}, as ${writerOf(card)} wrote${until(card)}`,
    line`stopped because`,
    ...card.stopped.flatMap(showStop),
    line`undo          ${sentence(card.undo.sentence)}`,
    ...(shown.amount === null ? [] : [line`costs         ${shown.amount.amount} ${shown.amount.currency}`]),
    ...shown.left.map((left) => line`left          ${left}`),
    line`values`,
    ...card.values.map(showValue),
    ...(card.headers.length === 0
      ? []
      : [line`headers       as client libraries set them`, ...card.headers.map(showValue)]),
    ...lookedAgain(card),
    ...claimed(card),
    line`exact call    ${card.call.action}`,
    indent(1, line`${card.call.method} ${card.call.url}`),
    line`answers       ${answersSoFar(approval)}`,
    line`state         ${approval.state}, asked ${showTime(approval.askedAt)}${endOf(approval, now)}`,
    ...cameOfIt(approval),
    line`call digest   ${card.call.digest}`,
    line`digest        ${approval.digest}`,
    line`in a browser  ${digestGroups(approval.digest).join(' ')}`,
  ];
}

/** A question that waits ends by its time; one that was answered did so before. */
const endOf = ({ state, expiresAt }: Omit<Approval, 'card'>, now: number): string =>
  state === 'parked' ? `, ends ${showTime(expiresAt)} (${showDistance(expiresAt, now)})` : '';

function cameOfIt({ state, successor, run }: Omit<Approval, 'card'>): readonly Line[] {
  if (successor !== null) return [line`asked anew    ambit approval show ${successor}`];
  return state === 'parked' ? [] : [line`came of it    ambit run show ${run}`];
}

/** Whose words the sentence is: an elevation is no call of an API. */
const wordsOf = ({ call: { action } }: ApprovalCard): string =>
  action.startsWith('ambit:')
    ? 'words of Ambit, with what the agent asks for'
    : 'words of the catalog, with values of this call';

function showLink({ agent, task }: ApprovalCard['chain'][number], at: number, links: number): Line {
  const head = at === links - 1 ? 'acting        ' : 'by way of     ';
  const id = 'agent' in agent ? agent.agent : '';
  const under = links === 1 ? '' : line`, in ${task}`;
  return line`${head}${sentence([agent])} (${id})${under}`;
}

const writerOf = ({ task }: ApprovalCard): string =>
  task.purpose.source === 'person' ? 'whoever opened it' : 'an agent';

const until = ({ task }: ApprovalCard): string => (task.until === null ? '' : `, until ${showTime(task.until)}`);

function showStop({ ask, sentence: words, facts }: ApprovalCard['stopped'][number]): readonly Line[] {
  return [indent(1, line`${sentence(words)} (${ask})`), ...(facts.length === 0 ? [] : [indent(2, sentence(facts))])];
}

/** Whole, also where it stands in a sentence: grants as data, for example, are of use to programs. */
function showValue({ name, value, from }: ApprovalCard['values'][number]): Line {
  return indent(1, line`${name} = ${quote(value.value)}; ${sentence(from)}`);
}

function lookedAgain({ lookedAgain: look }: ApprovalCard): readonly Line[] {
  if (look === null) return [line`looked again  the action names nothing to look at`];
  return [line`looked again  ${sentence(look.sentence)}`, ...quoteLines(look.text).map((one) => indent(1, one))];
}

function claimed({ claim }: ApprovalCard): readonly Line[] {
  if (claim === null) return [line`the agent     gave no reason`];
  return [line`the agent     ${sentence(claim.sentence)}:`, ...quoteLines(claim.text).map((one) => indent(1, one))];
}

function answersSoFar({ answers, answersNeeded, role, notRequester, notOwner }: Omit<Approval, 'card'>): Line {
  const who = [`by ${role}`, ...(notRequester ? ['not who asked'] : []), ...(notOwner ? ['not the owner'] : [])];
  const given = answers.map(({ person, answer, reason }) =>
    reason === null ? line`${person} ${answer}` : line`${person} ${answer}: ${quote(reason)}`,
  );
  const sofar = given.reduce((before, one) => line`${before}; ${one}`, line``);
  return line`${answers.length} of ${answersNeeded} (${who.join(', ')})${sofar}`;
}
