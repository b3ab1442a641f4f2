import { setTimeout as sleep } from 'node:timers/promises';
import type { Approval, Operator } from '@ambit/sdk/operator';
import { type Command, command } from '../command.ts';
import { failureOf } from '../exit.ts';
import { type Line, line, printJson, printLine } from '../line.ts';
import { showCard } from '../show/approval-card.ts';
import { askWhoMayLeave, hasColours, isInteractive, type World, write } from '../world.ts';
import { requireHonestDigest, toldAfter } from './approval-answer.ts';

const lookAgainMs = 2000;

export const approvalWatchCommands: readonly Command[] = [
  command({
    name: 'approval watch',
    says: 'Shows each question that you may answer as it comes, and at a terminal asks for your answer. Until you stop it.',
    example: 'ambit approval watch',
    async run({ world, operator, isJson }) {
      const { approvals, me } = await operator();
      await watchQuestions(world, approvals, mine(await me()), isJson);
      return { written: true };
    },
  }),
];

type Me = { readonly id: string; readonly roles: readonly string[] };

/** As far as it can be told from here; whether an answer counts, the plane says. */
const mine =
  ({ id, roles }: Me) =>
  (one: Approval): boolean =>
    roles.includes(one.role) &&
    !(one.notRequester && one.requester === id) &&
    !(one.notOwner && one.owner === id) &&
    one.answers.every(({ person }) => person !== id);

/** Asks again for what is open, so that nothing is lost with a connection; shows each question once. */
async function watchQuestions(
  world: World,
  approvals: Operator['approvals'],
  isMine: (one: Approval) => boolean,
  isJson: boolean,
): Promise<void> {
  const shown = new Set<string>();
  let isOver = false;
  const stopped = world.stopped().then(() => {
    isOver = true;
  });
  do {
    const open = (await approvals.list()).filter((one) => isMine(one) && !shown.has(one.id));
    for (const { id } of open.toSorted((a, b) => a.expiresAt - b.expiresAt)) {
      shown.add(id);
      // Read anew: while a person looked at the one before, others may have answered this one.
      const seen = await approvals.show(id);
      if (seen.state !== 'parked') continue;
      if (isJson) await write(world.stdout, `${printJson(seen)}\n`);
      else if ((await meet(world, approvals, seen, stopped)) === 'left') return;
    }
    if (!isOver) await Promise.race([sleep(lookAgainMs), stopped]);
  } while (!isOver);
}

async function meet(
  world: World,
  approvals: Operator['approvals'],
  seen: Awaited<ReturnType<Operator['approvals']['show']>>,
  stopped: Promise<void>,
): Promise<'left' | 'met'> {
  requireHonestDigest(seen);
  await say(world, ...showCard(seen, world.clock()));
  if (seen.keys !== null && !seen.keys.includes('cli')) {
    await say(world, line`It wants a passkey, which answers in the console: /inbox/${seen.id}`, line``);
    return 'met';
  }
  if (!isInteractive(world)) {
    await say(world, line`Answer: ambit approval answer ${seen.id} --yes | --no`, line``);
    return 'met';
  }
  const question = 'Type yes or no to sign that with your key, anything else to leave it: ';
  const typed = await askWhoMayLeave(world, question, stopped);
  if (typed === null) return 'left';
  if (typed !== 'yes' && typed !== 'no') {
    await say(
      world,
      line`Nothing was signed${typed === '' ? '' : `: you typed ${JSON.stringify(typed)}, and only yes or no signs it`}. It is still open: ambit approval show ${seen.id}`,
      line``,
    );
    return 'met';
  }
  try {
    await say(world, ...toldAfter(await approvals.answer(seen, typed), typed), line``);
  } catch (error) {
    // Answered, expired or ended while the person read: that one is over, and others wait.
    const { exit, sentence, next } = failureOf(error);
    if (exit === 'unreachable') throw error;
    await say(world, line`Your ${typed} did not count: ${sentence}`, line`${next ?? ''}`, line``);
  }
  return 'met';
}

async function say(world: World, ...lines: readonly Line[]): Promise<void> {
  for (const one of lines) await write(world.stdout, `${printLine(one, hasColours(world))}\n`);
}
