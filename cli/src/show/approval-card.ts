import type { Approval, ApprovalCard } from '@ambit/sdk/operator';
import { indent, type Line, line, named, paint, quote, quoteLines } from '../line.ts';
import { showDistance, showTime } from './times.ts';

/**
 * The question as the person must see it before they sign, nothing cut: what will happen; who asked, who acts, under
 * which task; why it stopped; whether it can be undone and what is left; where each value came from; what the look
 * again found; the agent's claim; the exact call; the digest.
 */
export function showCard(approval: Approval, now: number): readonly Line[] {
  const { shown } = approval;
  return [
    paint('bold', line`${shown.sentence}`),
    paint('dim', line`  ${wordsOf(shown)}; asked as ${approval.id}`),
    line`asked for by  ${named(shown.requester, approval.requester ?? 'nobody')}`,
    line`acting        ${named(shown.agent, approval.agent)}`,
    line`task          ${approval.task}: ${quote(shown.purpose)}, as whoever opened it wrote`,
    line`stopped because`,
    ...approval.asks.map(({ ask, reason }) => indent(1, line`${ask}: ${reason}`)),
    line`undo          ${shown.reversibility}`,
    ...(shown.amount === null ? [] : [line`costs         ${shown.amount.amount} ${shown.amount.currency}`]),
    ...shown.left.map((left) => line`left          ${left}`),
    line`values`,
    ...shown.values.map(showValue),
    ...lookedAgain(shown),
    line`the agent     ${shown.claim === null ? 'gave no reason' : line`says, and nobody checked it: ${quote(shown.claim)}`}`,
    line`exact call    ${shown.action}`,
    indent(1, line`${shown.method} ${shown.url}`),
    line`answers       ${answersSoFar(approval)}`,
    line`state         ${approval.state}, asked ${showTime(approval.askedAt)}, ends ${showTime(approval.expiresAt)} (${showDistance(approval.expiresAt, now)})`,
    line`call digest   ${approval.callDigest}`,
    line`digest        ${approval.digest}`,
  ];
}

/** Whose words the sentence is: an elevation is no call of an API. */
const wordsOf = ({ action }: ApprovalCard): string =>
  action.startsWith('ambit:')
    ? 'words of Ambit, with what the agent asks for'
    : 'words of the catalog, with values of this call';

const sources: Record<ApprovalCard['values'][number]['source'], string> = {
  call: 'the agent’s call',
  catalog: 'the catalog',
  task: 'the task',
  upstream: 'the API, not checked',
  agent: 'the agent, not checked',
};

/** Grants are shown in words beside it; as data they are of use to programs. */
function showValue({ name, value, source }: ApprovalCard['values'][number]): Line {
  const text = typeof value === 'string' ? quote(value) : line`${JSON.stringify(value)}`;
  return indent(1, line`${name} = ${text}, from ${sources[source] ?? source}`);
}

function lookedAgain({ lookedAgain: look }: ApprovalCard): readonly Line[] {
  if (look === null) return [line`looked again  the action names nothing to look at`];
  return [
    line`looked again  ${look.action} answered ${look.status}; the API says, and nobody checked it:`,
    ...quoteLines(look.text).map((one) => indent(1, one)),
  ];
}

function answersSoFar({ answers, answersNeeded, role, notRequester, notOwner }: Approval): Line {
  const who = [`by ${role}`, ...(notRequester ? ['not who asked'] : []), ...(notOwner ? ['not the owner'] : [])];
  const given = answers.map(({ person, answer, reason }) =>
    reason === null ? line`${person} ${answer}` : line`${person} ${answer}: ${quote(reason)}`,
  );
  const sofar = given.reduce((before, one) => line`${before}; ${one}`, line``);
  return line`${answers.length} of ${answersNeeded} (${who.join(', ')})${sofar}`;
}
