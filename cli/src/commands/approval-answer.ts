import { hash } from 'node:crypto';
import {
  type ApprovalId,
  type Bounds,
  boundsWithin,
  jsonDigest,
  neverRemembered,
  neverTogether,
  rememberableOf,
  sayBounds,
  whyNotTogether,
} from '@ambit/protocol';
import type { Approval, Operator } from '@ambit/sdk/operator';
import { answer, type Command, command } from '../command.ts';
import { CliFault } from '../exit.ts';
import { count, decimal, idOf, many, may, moment, several, whether, words } from '../kinds.ts';
import { indent, type Line, line, named, printLine, sentence } from '../line.ts';
import { showCard } from '../show/approval-card.ts';
import { countOf } from '../show/count.ts';
import { showTime } from '../show/times.ts';
import { showTogether } from '../show/together-card.ts';
import { askPerson, hasColours, isInteractive, type World } from '../world.ts';

type Seen = Omit<Approval, 'card'>;

export const answerCommand: Command = command({
  name: 'approval answer',
  says: 'Answers once, by a signature over the digest with your key; several of one task by one signature over all of them. Without a terminal, --digest says what you saw.',
  example: 'ambit approval answer apr_0123456789abcdefghjk --no --reason "not this order" --digest sha-256:…',
  args: { approval: several(idOf('approval')) },
  flags: {
    yes: whether('it may happen, once and exactly as shown'),
    no: whether('it may not happen'),
    reason: may(words, 'why; the log keeps it'),
    digest: many(words, 'the digest you saw, for each question in their order: ambit approval show'),
    remember: may(count, 'with --yes: let so many more of the same task go without asking, equal or smaller'),
    each: may(decimal, 'with --remember: the most that one of them may move'),
    inAll: may(decimal, 'with --remember: the most that all of them may move'),
    until: may(moment, 'with --remember: until when; until the task ends unless said'),
  },
  async run({ world, operator, args, flags, isJson }) {
    const word = wordOf(flags);
    const { approvals } = await operator();
    const [id, ...others] = args.approval;
    if (id === undefined || others.length > 0)
      return answerTogether({ world, approvals, isJson, word }, args.approval, flags);
    const seen = await approvals.show(id);
    requireHonestDigest(seen);
    const bounds = boundsOf(seen, word, flags);
    await requireSeen(world, [seen], word, flags.digest, isJson, bounds === undefined ? [] : showBounds(seen, bounds));
    const answered = await approvals.answer(seen, word, flags.reason ?? null, bounds);
    return answer(
      answered,
      ...toldAfter(answered, word),
      ...(bounds === undefined ? [] : showBounds(seen, bounds)),
      ...(bounds === undefined ? [] : [line`Take it back: ambit approval remembered list`]),
    );
  },
});

function wordOf({ yes, no }: { readonly yes: boolean; readonly no: boolean }): 'yes' | 'no' {
  if (yes !== no) return yes ? 'yes' : 'no';
  throw new CliFault('usage', 'Say either --yes or --no.', 'See: ambit approval answer --help');
}

type RememberFlags = {
  readonly remember: number | undefined;
  readonly each: Parameters<typeof boundsWithin>[1]['each'];
  readonly inAll: Parameters<typeof boundsWithin>[1]['inAll'];
  readonly until: number | undefined;
};

/** Undefined where the yes is for this one call. */
function boundsOf(
  seen: Seen,
  word: 'yes' | 'no',
  { remember: calls, each, inAll, until }: RememberFlags,
): Bounds | undefined {
  if (calls === undefined) {
    if (each === undefined && inAll === undefined && until === undefined) return undefined;
    throw new CliFault('usage', '--each, --in-all and --until say how far --remember goes.', 'Add --remember');
  }
  if (word === 'no') throw new CliFault('usage', 'Only a yes is remembered.', 'Leave --remember out');
  const rememberable = rememberableOf(seen);
  if ('never' in rememberable)
    throw new CliFault(
      'refused',
      neverRemembered[rememberable.never],
      'Say yes to this one call: leave --remember out',
    );
  try {
    return boundsWithin(rememberable.widest, { calls, each, inAll, until });
  } catch (error) {
    if (error instanceof RangeError)
      throw new CliFault('usage', error.message, 'Narrow it: it is never more than was asked');
    throw error;
  }
}

function showBounds(seen: Seen, bounds: Bounds): readonly Line[] {
  const rememberable = rememberableOf(seen);
  const amount = 'widest' in rememberable ? rememberable.widest.amount : null;
  return [
    line`The yes is remembered for calls of ${named(seen.shown.agent, seen.agent)} in task ${seen.task}, which go without asking:`,
    ...sayBounds(bounds, amount).map((parts) => indent(1, sentence(parts))),
    indent(1, line`Until ${showTime(bounds.until)}, or until the task ends`),
  ];
}

/**
 * INVARIANT (once): what is signed is what was shown. The digest is made anew here from the card that is printed, so
 * that neither the plane nor anything in between can have one thing read and another one signed.
 */
export function requireHonestDigest(seen: Seen): void {
  const { callDigest, asks, shown, lookAgainDigest } = seen;
  const digest = jsonDigest({ callDigest, asks, shown, lookAgainDigest }, (bytes) => hash('sha256', bytes, 'buffer'));
  if (digest === seen.digest) return;
  const sentence = `The digest of ${seen.id} is not that of what would be shown: nothing was signed.`;
  throw new CliFault('refused', sentence, 'Do not answer it. Tell whoever runs Ambit, and update this command line');
}

/** A person at a terminal reads the card and types the word; a script must have brought the digest of each from there. */
export async function requireSeen(
  world: World,
  asked: readonly [Seen, ...Seen[]],
  word: 'yes' | 'no',
  digests: readonly string[],
  isJson: boolean,
  /** What is signed beside the question. */
  more: readonly Line[] = [],
): Promise<void> {
  if (digests.length > 0) return requireSame(asked, digests);
  const [first, ...others] = asked;
  if (!isInteractive(world)) {
    const next = `Read it first (ambit approval show ${first.id}), then add --digest with the digest you saw`;
    throw new CliFault('usage', 'Nobody is at a terminal to read what would be signed.', next);
  }
  const to = isJson ? world.stderr : world.stdout;
  const colours = hasColours(world) && !isJson;
  const card = others.length === 0 ? showCard(first, world.clock()) : showTogether(asked, world.clock());
  for (const one of [...card, ...more]) to.write(`${printLine(one, colours)}\n`);
  const typed = await askPerson(world, `Type ${word} to sign that with your key, anything else to leave it: `);
  if (typed !== word)
    throw new CliFault(
      'refused',
      typed === ''
        ? 'Nothing was signed.'
        : `Nothing was signed: you typed ${JSON.stringify(typed)}, and only ${word} signs it.`,
      `It is still open: ambit approval show ${first.id}`,
    );
}

function requireSame(asked: readonly Seen[], digests: readonly string[]): void {
  if (digests.length !== asked.length) {
    const sentence = `${countOf(digests.length, 'digest')} for ${countOf(asked.length, 'question')}: nothing was signed.`;
    throw new CliFault('usage', sentence, 'Give --digest for each question, in their order');
  }
  const at = asked.findIndex((seen, i) => seen.digest !== digests[i]);
  const other = asked[at];
  if (other === undefined) return;
  if (digests[at] === other.callDigest) {
    const sentence = `That is the digest of the call alone, not of ${other.id} as it is shown: nothing was signed.`;
    throw new CliFault('refused', sentence, `Give the one that its card names digest: ambit approval show ${other.id}`);
  }
  const sentence = `The digest given is not that of ${other.id}: nothing was signed.`;
  throw new CliFault('refused', sentence, `Read it again: ambit approval show ${other.id}`);
}

type Answering = {
  readonly world: World;
  readonly approvals: Operator['approvals'];
  readonly isJson: boolean;
  readonly word: 'yes' | 'no';
};

/** Several by one signature: what is wrong with the list, no signature is made for. */
async function answerTogether(
  { world, approvals, isJson, word }: Answering,
  ids: readonly ApprovalId[],
  flags: RememberFlags & { readonly digest: readonly string[]; readonly reason: string | undefined },
) {
  const { digest, reason, remember, each, inAll, until } = flags;
  if ([remember, each, inAll, until].some((one) => one !== undefined))
    throw new CliFault('usage', 'A yes to several questions is not remembered.', 'Answer them without --remember');
  const asked = await Promise.all(ids.map((id) => approvals.show(id)));
  const never = whyNotTogether(asked);
  const [first, ...others] = asked;
  if (first === undefined || never !== null)
    throw new CliFault('usage', neverTogether[never ?? 'none'], 'Answer them one by one: ambit approval answer');
  for (const seen of asked) requireHonestDigest(seen);
  await requireSeen(world, [first, ...others], word, digest, isJson);
  const became = await approvals.answerAll(asked, word, reason ?? null);
  const lines = became.flatMap((one) =>
    'refused' in one
      ? [line`${one.id} was left: ${one.refused.title}. ${one.refused.says}`]
      : toldAfter(one.approval, word),
  );
  const left = became.filter((one) => 'refused' in one).length;
  return { ...answer(became, ...lines), exit: left === 0 ? 'ok' : 'refused' } as const;
}

export function toldAfter(answered: Approval, word: 'yes' | 'no'): readonly Line[] {
  const { shown, id, digest, state, answers, answersNeeded } = answered;
  const said = [line`${shown.sentence}`, line`${id} ${digest}`];
  if (word === 'no') return [...said, line`You said no. It was never sent; the agent is told.`];
  if (state === 'parked') return [...said, line`You said yes; ${answers.length} of ${answersNeeded} answers are in.`];
  return [...said, line`You said yes. It runs once, exactly as shown. How it went: ambit approval show ${id}`];
}
