import { canonicalJson } from '@ambit/protocol';
import type { UndoAnswer, UndoTask } from '@ambit/sdk/operator';
import { answer, type Command, command } from '../command.ts';
import { CliFault } from '../exit.ts';
import { idOf, may, words } from '../kinds.ts';
import { indent, type Line, line, printLine, quote } from '../line.ts';
import { askPerson, hasColours, isInteractive, type World } from '../world.ts';

export const undoCommand: Command = command({
  name: 'run undo',
  says: 'Takes back one call that was done, in your own name and once: shows what would be called, which is decided like any call. Names the entry of its decision. Without a terminal, --digest says what you saw.',
  example: 'ambit run undo ent_0123456789abcdefghjk',
  args: { entry: idOf('entry') },
  flags: { digest: may(words, 'the digest of what you saw') },
  async run({ world, operator, args: { entry }, flags: { digest }, isJson }) {
    const { log } = await operator();
    const seen = await log.undo(entry);
    requireWhole(seen);
    requireTheirs(seen);
    await requireSeen(world, seen, digest, isJson);
    const undone = await log.undoNow(entry, seen.digest);
    return answer(undone, sayUndone(undone), line`Its run: ambit run show ${undone.run}`);
  },
});

function requireWhole({ action, missing }: UndoTask): void {
  if (missing.length === 0) return;
  const sentence = `Neither the call nor its answer says ${missing.join(', ')} for ${action}: nothing was called.`;
  throw new CliFault('refused', sentence, 'Open a task for an agent, and say it there: ambit task open --help');
}

/** Said before anybody reads on and types: it would be refused. */
function requireTheirs({ beyond }: UndoTask): void {
  if (beyond === null) return;
  throw new CliFault('notAllowed', beyond, 'Nothing was called. What you may hand to agents: ambit person me');
}

/** What is called is what was shown: the digest goes along, and the plane refuses where anything else would be called by now. */
async function requireSeen(world: World, seen: UndoTask, digest: string | undefined, isJson: boolean): Promise<void> {
  if (digest === seen.digest) return;
  const colours = hasColours(world) && !isJson;
  const to = isJson || !isInteractive(world) ? world.stderr : world.stdout;
  for (const one of showUndo(seen)) to.write(`${printLine(one, colours)}\n`);
  if (digest !== undefined)
    throw new CliFault(
      'refused',
      'The digest given is not that of this: nothing was called.',
      `Its digest: ${seen.digest}`,
    );
  if (!isInteractive(world))
    throw new CliFault('usage', 'Nobody is at a terminal to read what would be called.', `Add --digest ${seen.digest}`);
  const typed = await askPerson(world, 'Type yes to call that yourself, anything else to leave it: ');
  if (typed !== 'yes')
    throw new CliFault('refused', 'Nothing was called.', `What was done: ambit audit entry ${seen.entry}`);
}

const showUndo = ({ entry, action, call, arguments: values }: UndoTask): readonly Line[] => [
  line`To take ${entry} back, you would call ${action}, ${call}:`,
  ...Object.entries(values).map(([name, value]) =>
    indent(1, line`${name}  ${typeof value === 'string' ? quote(value) : canonicalJson(value)}`),
  ),
];

function sayUndone(undone: UndoAnswer): Line {
  switch (undone.kind) {
    case 'asked':
      return line`A person is asked first: question ${undone.approval}, task ${undone.task}.`;
    case 'denied':
      return line`Denied, and never sent: ${undone.says} [${undone.code}]`;
    default:
      return line`${undone.kind}${undone.status === null ? '' : `, status ${undone.status}`}: ${undone.because}`;
  }
}
