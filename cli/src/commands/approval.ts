import { hash } from 'node:crypto';
import { type Bounds, boundsWithin, jsonDigest, neverRemembered, rememberableOf, sayBounds } from '@ambit/protocol';
import type { Approval } from '@ambit/sdk/operator';
import { answer, type Command, command } from '../command.ts';
import { CliFault } from '../exit.ts';
import { count, decimal, duration, idOf, may, moment, need, oneOf, told, whether, words } from '../kinds.ts';
import { indent, type Line, line, named, printLine, sentence, table } from '../line.ts';
import { nothing } from '../program.ts';
import { showCard } from '../show/approval-card.ts';
import { countOf } from '../show/count.ts';
import { showDistance, showSeconds, showTime } from '../show/times.ts';
import { askPerson, hasColours, isInteractive, type World } from '../world.ts';

const approval = idOf('approval');
const exampleId = 'apr_0123456789abcdefghjk';
const states = oneOf('parked', 'approved', 'done', 'refused', 'expired', 'unknown', 'ended');

export const approvalCommands: readonly Command[] = [
  command({
    name: 'approval list',
    says: 'Lists questions you may answer or asked for: the open ones unless said.',
    example: 'ambit approval list',
    flags: { state: may(states, 'only those') },
    async run({ world, operator, flags: { state } }) {
      const approvals = await (await operator()).approvals.list(state === undefined ? {} : { state });
      const rows = approvals.map((one) => [
        one.id,
        one.state,
        showDistance(one.expiresAt, world.clock()),
        one.agent,
        one.shown.sentence,
      ]);
      const lines = rows.length === 0 ? [nothing] : table(['id', 'state', 'ends', 'agent', 'what would happen'], rows);
      return answer(approvals, ...lines);
    },
  }),
  command({
    name: 'approval show',
    says: 'Shows a question whole: what would happen, who asked, why it stopped, every value, the exact call, the digest.',
    example: `ambit approval show ${exampleId}`,
    args: { approval },
    async run({ world, operator, args }) {
      const shown = await (await operator()).approvals.show(args.approval);
      requireHonestDigest(shown);
      return answer(
        shown,
        ...showCard(shown, world.clock()),
        line`Answer: ambit approval answer ${shown.id} --yes | --no`,
        ...sayRememberable(shown),
      );
    },
  }),
  command({
    name: 'approval answer',
    says: 'Answers once, by a signature over the digest with your key. Without a terminal, --digest says what you saw.',
    example: `ambit approval answer ${exampleId} --no --reason "not this order" --digest sha-256:…`,
    args: { approval },
    flags: {
      yes: whether('it may happen, once and exactly as shown'),
      no: whether('it may not happen'),
      reason: may(words, 'why; the log keeps it'),
      digest: may(words, 'the digest you saw: ambit approval show'),
      remember: may(count, 'with --yes: let so many more of the same task go without asking, equal or smaller'),
      each: may(decimal, 'with --remember: the most that one of them may move'),
      inAll: may(decimal, 'with --remember: the most that all of them may move'),
      until: may(moment, 'with --remember: until when; until the task ends unless said'),
    },
    async run({ world, operator, args, flags, isJson }) {
      const word = wordOf(flags);
      const { approvals } = await operator();
      const seen = await approvals.show(args.approval);
      requireHonestDigest(seen);
      const bounds = boundsOf(seen, word, flags);
      await requireSeen(world, seen, word, flags.digest, isJson, bounds === undefined ? [] : showBounds(seen, bounds));
      const answered = await approvals.answer(seen, word, flags.reason ?? null, bounds);
      return answer(
        answered,
        ...toldAfter(answered, word),
        ...(bounds === undefined ? [] : showBounds(seen, bounds)),
        ...(bounds === undefined ? [] : [line`Take it back: ambit approval remembered list`]),
      );
    },
  }),
  command({
    name: 'approval remembered list',
    says: 'Lists yeses that stand for later calls, with what is left of each: your own, or those of a task and its run.',
    example: 'ambit approval remembered list',
    flags: { task: may(idOf('task'), 'those of that task and its run, ended ones too') },
    async run({ operator, flags: { task } }) {
      const { now, remembered } = await (await operator()).approvals.remembered(task === undefined ? {} : { task });
      const rows = remembered.map((one) => [
        one.id,
        one.state,
        showDistance(one.expiresAt, now),
        one.task,
        one.personName ?? one.person,
        one.left.map(({ left, max, unit }) => `${left ?? 'nothing'} of ${max} ${unit}`).join('; '),
        sentence(one.sentence),
      ]);
      const heads = ['id', 'state', 'ends', 'task', 'whose yes', 'left', 'was said yes to'];
      return answer(remembered, ...(rows.length === 0 ? [nothing] : table(heads, rows)));
    },
  }),
  command({
    name: 'approval remembered end',
    says: 'Takes a remembered yes back: such calls are asked about again, from now on.',
    example: 'ambit approval remembered end rmb_0123456789abcdefghjk --reason "it is settled"',
    args: { remembered: idOf('remembered') },
    flags: { reason: need(words, 'why; it is kept in the log') },
    async run({ operator, args, flags }) {
      const ended = await (await operator()).approvals.endRemembered(args.remembered, flags.reason);
      return answer(ended, line`${ended.id} has ended: ${ended.task} asks again.`);
    },
  }),
  command({
    name: 'approval rule list',
    says: 'Lists who may answer questions about which actions, how many must, and by when.',
    example: 'ambit approval rule list',
    async run({ operator }) {
      const rules = await (await operator()).approvals.rules();
      const rows = rules.map((one) => [
        one.action,
        one.role,
        one.answersNeeded,
        one.notRequester ? 'no' : 'yes',
        one.notOwner ? 'no' : 'yes',
        showSeconds(one.ttlSeconds),
        one.keys?.join(' ') ?? 'every kind',
      ]);
      const heads = ['action', 'role', 'answers', 'requester may', 'owner may', 'within', 'keys'];
      return answer(rules, ...(rows.length === 0 ? [nothing] : table(heads, rows)));
    },
  }),
  command({
    name: 'approval rule set',
    says: 'Says who may answer questions about an action, an API (shop:*) or everything (*).',
    example: 'ambit approval rule set shop:refunds.create --role approver --answers 2 --within 15m',
    args: { action: told(words, 'the id of an action, an API (shop:*), or everything (*)') },
    flags: {
      role: need(words, 'the role that answers'),
      answers: need(count, 'how many persons must say yes'),
      within: need(duration, 'how long a question waits'),
      requesterMay: whether('whoever asked for the task may answer too'),
      ownerMay: whether('the owner of the agent may answer too; unless given, not'),
      passkeyOnly: whether('only a passkey may sign an answer: a device asks who is there'),
    },
    async run({ operator, args, flags }) {
      const set = await (await operator()).approvals.setRule({
        action: args.action,
        role: flags.role,
        answersNeeded: flags.answers,
        notRequester: !flags.requesterMay,
        notOwner: !flags.ownerMay,
        ttlSeconds: flags.within,
        keys: flags.passkeyOnly ? ['passkey'] : null,
      });
      return answer(
        set,
        line`Questions about ${set.action} need ${countOf(set.answersNeeded, 'answer')} by ${set.role}, within ${showSeconds(set.ttlSeconds)}${flags.passkeyOnly ? ', signed with a passkey' : ''}.`,
      );
    },
  }),
];

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
  seen: Omit<Approval, 'card'>,
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

function showBounds(seen: Omit<Approval, 'card'>, bounds: Bounds): readonly Line[] {
  const rememberable = rememberableOf(seen);
  const amount = 'widest' in rememberable ? rememberable.widest.amount : null;
  return [
    line`The yes is remembered for calls of ${named(seen.shown.agent, seen.agent)} in task ${seen.task}, which go without asking:`,
    ...sayBounds(bounds, amount).map((parts) => indent(1, sentence(parts))),
    indent(1, line`Until ${showTime(bounds.until)}, or until the task ends`),
  ];
}

function sayRememberable(seen: Omit<Approval, 'card'>): readonly Line[] {
  if (seen.state !== 'parked') return [];
  const rememberable = rememberableOf(seen);
  if ('never' in rememberable) return [line`It is not remembered: ${neverRemembered[rememberable.never]}`];
  return [line`Remember a yes for more of the same, equal or smaller: --yes --remember 5`];
}

/**
 * INVARIANT (once): what is signed is what was shown. The digest is made anew here from the card that is printed, so
 * that neither the plane nor anything in between can have one thing read and another one signed.
 */
export function requireHonestDigest(seen: Omit<Approval, 'card'>): void {
  const { callDigest, asks, shown, lookAgainDigest } = seen;
  const digest = jsonDigest({ callDigest, asks, shown, lookAgainDigest }, (bytes) => hash('sha256', bytes, 'buffer'));
  if (digest === seen.digest) return;
  const sentence = `The digest of ${seen.id} is not that of what would be shown: nothing was signed.`;
  throw new CliFault('refused', sentence, 'Do not answer it. Tell whoever runs Ambit, and update this command line');
}

/** A person at a terminal reads the card and types the word; a script must have brought the digest from there. */
export async function requireSeen(
  world: World,
  seen: Omit<Approval, 'card'>,
  word: 'yes' | 'no',
  digest: string | undefined,
  isJson: boolean,
  /** What is signed beside the question. */
  more: readonly Line[] = [],
): Promise<void> {
  if (digest !== undefined) return requireSame(seen, digest);
  if (!isInteractive(world)) {
    const next = `Read it first (ambit approval show ${seen.id}), then add --digest with the digest you saw`;
    throw new CliFault('usage', 'Nobody is at a terminal to read what would be signed.', next);
  }
  const to = isJson ? world.stderr : world.stdout;
  const colours = hasColours(world) && !isJson;
  for (const one of [...showCard(seen, world.clock()), ...more]) to.write(`${printLine(one, colours)}\n`);
  const typed = await askPerson(world, `Type ${word} to sign that with your key, anything else to leave it: `);
  if (typed !== word)
    throw new CliFault('refused', 'Nothing was signed.', `It is still open: ambit approval show ${seen.id}`);
}

function requireSame(seen: Omit<Approval, 'card'>, digest: string): void {
  if (digest === seen.digest) return;
  const sentence = `The digest given is not that of ${seen.id}: nothing was signed.`;
  throw new CliFault('refused', sentence, `Read it again: ambit approval show ${seen.id}`);
}

export function toldAfter(answered: Approval, word: 'yes' | 'no'): readonly Line[] {
  const { shown, id, digest, state, answers, answersNeeded } = answered;
  const said = [line`${shown.sentence}`, line`${id} ${digest}`];
  if (word === 'no') return [...said, line`You said no. It was never sent; the agent is told.`];
  if (state === 'parked') return [...said, line`You said yes; ${answers.length} of ${answersNeeded} answers are in.`];
  return [...said, line`You said yes. It runs once, exactly as shown. How it went: ambit approval show ${id}`];
}
