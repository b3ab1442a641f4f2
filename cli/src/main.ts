import { readFileSync } from 'node:fs';
import { cleanText } from '@ambit/protocol';
import { CommanderError } from 'commander';
import { groups, rows } from './commands/index.ts';
import { exits, type Failure, failureOf } from './exit.ts';
import { seeExample } from './kinds.ts';
import { printLine, quoteLines } from './line.ts';
import { program, type Ran } from './program.ts';
import { processWorld, type World } from './world.ts';

/** What `ambit` does with its arguments; answers the exit code. */
export async function main(argv: string[]): Promise<number> {
  const world = processWorld();
  // A reader that has seen enough (`| head`) is no fault of ours.
  world.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(exits.ok.code);
  });
  return runIn(world, argv);
}

export async function runIn(world: World, argv: readonly string[]): Promise<number> {
  const ran: Ran = { exit: 'ok' };
  try {
    await program(rows, groups, version(), world, ran).parseAsync(wantedOf(argv), { from: 'user' });
    return exits[ran.exit].code;
  } catch (error) {
    if (error instanceof CommanderError) return usage(world, argv, error);
    const failure = asCalled(argv, failureOf(error));
    return fail(
      world,
      failure.next === seeExample ? { ...failure, next: `See the example: ${helpOf(argv)}` } : failure,
    );
  }
}

const whoAndWhere = ['--url', '--person', '--key'];

/** Another command that the command line itself names as what to do next goes to the same plane, as the same person. */
function asCalled(argv: readonly string[], failure: Failure): Failure {
  const given = whoAndWhere.filter((flag) => argv.some((one) => one === flag || one.startsWith(`${flag}=`)));
  const { next, code } = failure;
  const isOurs = code === null && next !== null && /\bambit (?!enrol)[a-z]/.test(next) && !next.endsWith('--help');
  if (given.length === 0 || !isOurs) return failure;
  return { ...failure, next: `${next}, with the same ${given.join(', ')}` };
}

/** `help task open` means `task open --help`: a command of several words has its help there. */
function wantedOf(argv: readonly string[]): string[] {
  const [first, ...path] = argv;
  const isWhole = path.length > 0 && commandWords(path).length === path.length;
  return first === 'help' && isWhole ? [...path, '--help'] : [...argv];
}

/** The words at the beginning that name a command, or a group of them. */
function commandWords(argv: readonly string[]): readonly string[] {
  const isNamed = (length: number) =>
    rows.some(({ name }) => `${name} `.startsWith(`${argv.slice(0, length).join(' ')} `));
  let length = 0;
  while (length < argv.length && isNamed(length + 1)) length++;
  return argv.slice(0, length);
}

const helpOf = (argv: readonly string[]): string => ['ambit', ...commandWords(argv), '--help'].join(' ');

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return String(version);
}

/** `commander` ends with an error after help and version too. */
function usage(world: World, argv: readonly string[], { code, message }: CommanderError): number {
  if (code === 'commander.helpDisplayed' || code === 'commander.version') return exits.ok.code;
  if (code === 'commander.help') return argv.includes('help') ? exits.ok.code : exits.usage.code;
  const sentence = message.replace(/^error: /, '').replaceAll(/\s+/g, ' ');
  return fail(world, { exit: 'usage', sentence, next: `See: ${helpOf(argv)}`, code: null, entry: null });
}

/** One line, then what to do next; on standard error, so that standard output holds nothing but what was asked for. */
function fail({ stderr }: World, { exit, sentence, next, code, entry }: Failure): number {
  const about = [code, entry].filter((one) => one !== null).join(', ');
  const [first = '', ...more] = sentence.split('\n');
  stderr.write(`ambit: ${cleanText(first)}${about === '' ? '' : ` (${cleanText(about)})`}\n`);
  // The plane found several things: each further one on a line that is marked as foreign.
  for (const one of quoteLines(more.join('\n'))) if (more.length > 0) stderr.write(`  ${printLine(one, false)}\n`);
  if (next !== null) stderr.write(`  ${cleanText(next)}\n`);
  return exits[exit].code;
}
