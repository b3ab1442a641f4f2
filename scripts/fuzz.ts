/**
 * npm run fuzz [-- [--only NAME] [--seconds N] [--seed N] [--keep]]
 *
 * Fuzzes each target in turn, round after round with another seed, until it is stopped or something breaks; with
 * --seconds each target once, for so long. An input that breaks something is minimised, printed, and saved in the
 * corpus, where every later run begins with it. --keep also saves one input for each outcome that the corpus lacks.
 * Progress goes to standard error.
 */
import { randomInt } from 'node:crypto';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { keep } from '../server/test/fuzz/corpus.ts';
import type { Finished, Progress } from '../server/test/fuzz/loop.ts';
import { runTarget, sentence, shown } from '../server/test/fuzz/run.ts';
import { targetNames } from '../server/test/fuzz/targets.ts';

const secondsPerRound = 60;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const say = (text: string) => process.stderr.write(`${text}\n`);
const print = (text: string) => process.stdout.write(`${text}\n`);
const placeOf = (file: string) => relative(process.cwd(), file);

const names = targetNames.filter((name) => options.only === undefined || name === options.only);
if (names.length === 0) fault(`there is no target ${options.only}; there are: ${targetNames.join(', ')}`);
const seconds = numberOf('seconds', options.seconds);
const firstSeed = numberOf('seed', options.seed) ?? randomInt(2 ** 31);
const isTerminal = process.stderr.isTTY === true;

process.exitCode = (await fuzz()) ? 0 : 1;

async function fuzz(): Promise<boolean> {
  for (let seed = firstSeed; ; seed++) {
    for (const name of names) {
      const finished = await runTarget(name, {
        seed,
        seconds: seconds ?? secondsPerRound,
        progress: teller(name, seed),
        shorten: options.keep,
      });
      if (isTerminal) process.stderr.write('\r\u001b[K');
      say(`${sentence(name, finished)}, seed ${seed}`);
      if (options.keep) keepNew(name, finished);
      if (finished.failure !== undefined) {
        tell(name, seed, finished.failure);
        return false;
      }
    }
    if (seconds !== undefined) return true;
  }
}

/** On a terminal one line that changes; elsewhere a line each ten seconds. */
function teller(name: string, seed: number): (far: Progress) => void {
  let told = 0;
  return ({ executions, outcomes, seconds: far }) => {
    const line = `${name}: ${executions} inputs, ${outcomes} outcomes, ${Math.round(far)} s, seed ${seed}`;
    if (isTerminal) process.stderr.write(`\r\u001b[K${line}`);
    else if (far - told >= 10) {
      told = far;
      say(line);
    }
  };
}

function keepNew(name: string, { outcomes }: Finished): void {
  for (const { isNew, first, name: outcome } of outcomes)
    if (isNew) say(`  kept for ${JSON.stringify(outcome)}: ${placeOf(keep(name, 'kept', first))}`);
}

function tell(name: string, seed: number, { input, says, position }: NonNullable<Finished['failure']>): void {
  print(`${name} broke at input ${position} of seed ${seed}:\n\n${says}\n`);
  print(`The input, as short as it could be made:\n${shown(input)}\n`);
  print(`It is saved in ${placeOf(keep(name, 'found', input))}: every run begins with it from now on.`);
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number) || number < 0) fault(`--${name} takes a number, not ${text}`);
  return number;
}

function fault(says: string): never {
  say(says);
  process.exit(2);
}
