import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { groups, rows } from './commands/index.ts';
import { exits, type Failure, failureOf } from './exit.ts';
import { clean } from './line.ts';
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
    await program(rows, groups, version(), world, ran).parseAsync([...argv], { from: 'user' });
    return exits[ran.exit].code;
  } catch (error) {
    if (error instanceof CommanderError) return usage(world, argv, error);
    return fail(world, failureOf(error));
  }
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return String(version);
}

/** `commander` ends with an error after help and version too. */
function usage(world: World, argv: readonly string[], { code, message }: CommanderError): number {
  if (code === 'commander.helpDisplayed' || code === 'commander.version') return exits.ok.code;
  if (code === 'commander.help') return argv.includes('help') ? exits.ok.code : exits.usage.code;
  const sentence = message.replace(/^error: /, '').replaceAll(/\s+/g, ' ');
  return fail(world, { exit: 'usage', sentence, next: 'See: ambit --help', code: null, entry: null });
}

/** One line, then what to do next; on standard error, so that standard output holds nothing but what was asked for. */
function fail({ stderr }: World, { exit, sentence, next, code, entry }: Failure): number {
  const about = [code, entry].filter((one) => one !== null).join(', ');
  stderr.write(`ambit: ${clean(sentence)}${about === '' ? '' : ` (${clean(about)})`}\n`);
  if (next !== null) stderr.write(`  ${clean(next)}\n`);
  return exits[exit].code;
}
