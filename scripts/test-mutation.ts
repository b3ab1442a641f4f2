/**
 * npm run test:mutation [-- [--only=KERNEL,…] [--file=PART] [--line=N] [--jobs=N] [--json] [--write]]
 *
 * Changes the kernels in thousands of small ways, one at a time, and counts the changes that no test notices. Ends with
 * exit code 1 where a kernel's tests notice fewer than 85 of 100, or where an explanation explains nothing any more.
 * --write keeps the figures of all kernels in docs/mutation.md.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { explained } from './parts/mutation/explained.ts';
import type { Mutant } from './parts/mutation/instrument.ts';
import { type Kernel, kernels } from './parts/mutation/kernels.ts';
import { asDocument, asJson, asTable, asText, noticedMin, type Score, scoreOf } from './parts/mutation/report.ts';
import { tryMutants } from './parts/mutation/try-mutants.ts';
import { killWorkers } from './parts/mutation/worker-process.ts';

const root = join(import.meta.dirname, '..');
const { values: options } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    file: { type: 'string' },
    line: { type: 'string' },
    jobs: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const isPart = options.file !== undefined || options.line !== undefined;
const scratch = mkdtempSync(join(tmpdir(), 'ambit-mutation-'));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop(signal));
const isTerminal = process.stderr.isTTY === true;
const started = performance.now();
try {
  const scores: Score[] = [];
  for (const kernel of chosen()) scores.push(await scored(kernel));
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stdout.write(options.json ? `${asJson(scores, seconds)}\n` : `${asTable(scores)}\n\n${seconds} s\n`);
  if (options.write) write(scores);
  process.exitCode = scores.every(isGood) ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function write(scores: readonly Score[]): void {
  if (isPart || scores.length < kernels.length)
    throw new Error('the figures of a part are not kept; leave out what picks one');
  writeFileSync(join(root, 'docs/mutation.md'), asDocument(scores));
}

function stop(signal: NodeJS.Signals): void {
  killWorkers();
  rmSync(scratch, { recursive: true, force: true });
  process.kill(process.pid, signal);
}

function chosen(): Kernel[] {
  const names = options.only.flatMap((each) => each.split(','));
  const unknown = names.filter((name) => !kernels.some((kernel) => kernel.name === name));
  if (unknown.length > 0)
    throw new Error(
      `there is no kernel ${unknown.join(', ')}; there are: ${kernels.map(({ name }) => name).join(', ')}`,
    );
  return kernels.filter(({ name }) => names.length === 0 || names.includes(name));
}

async function scored(kernel: Kernel): Promise<Score> {
  const from = performance.now();
  const tried = await tryMutants(kernel, {
    root,
    scratch,
    jobs: Math.max(1, Number(options.jobs) || 1),
    wants,
    progress: (done, total) => showProgress(kernel, done, total),
  });
  const score = scoreOf(kernel.name, tried, explained, (performance.now() - from) / 1000);
  if (!options.json) process.stdout.write(`${asText(score)}\n`);
  return score;
}

function wants({ file, line }: Mutant): boolean {
  return (
    (options.file === undefined || file.includes(options.file)) &&
    (options.line === undefined || line === Number(options.line))
  );
}

function showProgress({ name }: Kernel, done: number, total: number): void {
  const line = `${name}: ${done} of ${total}`;
  if (isTerminal) process.stderr.write(`\r${line}${done === total ? '\n' : ''}`);
  else if (done % 200 === 0 || done === total) process.stderr.write(`${line}\n`);
}

/** A part of a kernel says nothing about explanations elsewhere in it. */
function isGood({ noticed, stale }: Score): boolean {
  return noticed >= noticedMin && (isPart || stale.length === 0);
}
