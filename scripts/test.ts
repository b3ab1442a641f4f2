/**
 * npm test [-- [--slowest] [--whole] [--again] [--jobs=N] [path or name …]]
 *
 * Runs every *.test.ts of the project, three processes at a time: they wait as much as they work. Of many files those that leave
 * their process as it was share one (parts/plan-tests.ts); a few that were picked have each its own. An argument that is part of a
 * file's path picks files; any other picks tests by name. With --whole what would be skipped is a failure, which says what is
 * missing. With --again what failed runs once more when all else has ended, together with what shared its process: what holds then
 * is shown with its failure and named unsteady. Seeds of fuzz tests are printed. The last line is always `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { EndedFile, Result } from './parts/collect-results.ts';
import { type Batch, planTests } from './parts/plan-tests.ts';
import { placeForScratch } from './parts/scratch.ts';

const root = join(import.meta.dirname, '..');
const places = ['protocol', 'server', 'sdk', 'cli', 'console', 'examples', 'test', 'scripts', 'bench'];
const testSecondsMax = 60;
const fileSecondsMax = 180;
/** Each further file in the same process. */
const furtherSecondsMax = 30;
const outputBytesMax = 256 * 1024;
/** Where more processes fail, it is not the machine that was too busy. */
const againMax = 3;

type FileResults = { file: string; results: Result[]; milliseconds: number; output: string };
type Choice = { files: string[]; names: string[] };

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    slowest: { type: 'boolean', default: false },
    whole: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '3' },
  },
});
const jobs = Math.max(1, Number(options.jobs) || 1);
const scratch = mkdtempSync(join(placeForScratch(), 'ambit-test-'));
/** What tests write; a test that was ended from outside leaves nothing behind. */
const written = join(scratch, 'tmp');
mkdirSync(written);
/** Every process loads the same modules: what one made of their sources, the next ones take from there. */
const testEnvironment = { ...process.env, TMPDIR: written, NODE_COMPILE_CACHE: join(scratch, 'compiled') };
const running = new Set<() => void>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopAll(signal));

// A plane without its pages is another plane. Where this script runs alone, there is no console to build.
if (existsSync(join(root, 'console/vite.config.ts'))) await (await import('./parts/build-console.ts')).buildConsole();
const choice = choose(findTestFiles(), positionals);
const first = await runAll(choice);
const all = (options.again ? await runAgain(first, choice) : first).flat();
removeScratch();
process.exitCode = report(all) ? 0 : 1;

function findTestFiles(): string[] {
  const exclude = (path: string) => /(^|\/)(node_modules|dist|out)$/.test(path);
  return globSync(`{${places.join(',')}}/**/*.test.ts`, { cwd: root, exclude }).sort();
}

function choose(files: string[], wanted: string[]): Choice {
  // As a shell completes them: from here, or from the root of the file system. A closing slash means that folder.
  const paths = wanted.map((each) => each.replace(/^\.\//, '').replace(`${root}/`, ''));
  const matches = (file: string, path: string) => file.startsWith(path) || (!path.endsWith('/') && file.includes(path));
  const isPath = (path: string) => files.some((file) => matches(file, path));
  // A path that leads nowhere is a slip, not a name: as a name it would open everything and test nothing.
  const lost = paths.filter((path) => !isPath(path) && places.some((place) => path.startsWith(`${place}/`)));
  if (lost.length > 0) {
    print(`No test file is at ${lost.join(', ')}.\n\n0 passed, 0 failed`);
    removeScratch();
    process.exit(1);
  }
  const names = paths.filter((path) => !isPath(path));
  const asked = paths.filter(isPath);
  return {
    files: asked.length === 0 ? files : files.filter((file) => asked.some((path) => matches(file, path))),
    names,
  };
}

/** What each process found. */
async function runAll({ files, names }: Choice): Promise<FileResults[][]> {
  const done: FileResults[][] = [];
  let told = 0;
  const width = Math.max(...files.map((file) => file.length), 0);
  const tell = (ended: FileResults[]) => {
    done.push(ended);
    for (const one of ended) {
      told++;
      // Where tests were picked by name, files without one of them are silence, not news.
      if (one.results.length > 0) print(lineOf(one, width, told, files.length));
    }
    for (const line of ended[0]?.output.split('\n') ?? []) if (line.startsWith('fuzz ')) print(`    ${line}`);
  };
  // A few files gain nothing by waiting for each other; and a name is looked for in what a test is called, which begins with its file
  // where it shares a process.
  const waiting = planTests(files, { share: names.length === 0 && files.length > 4 * jobs, read });
  // Each browser is several processes that compute: one job is kept for files that wait.
  let browsers = 0;
  const next = (): Batch | undefined => {
    const at = waiting.findIndex(({ needsBrowser }) => !needsBrowser || browsers < Math.max(1, jobs - 1));
    return waiting.splice(at === -1 ? 0 : at, 1)[0];
  };
  const work = async () => {
    for (let batch = next(); batch !== undefined; batch = next()) {
      const browser = batch.needsBrowser ? 1 : 0;
      browsers += browser;
      tell(await runBatch(batch.files, names));
      browsers -= browser;
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return done;
}

/** A failure that does not come back is a defect of its test or of what it tests: it is shown in full and named, and mended later. */
async function runAgain(processes: FileResults[][], { names }: Choice): Promise<FileResults[][]> {
  const failed = processes.filter((files) => countAll(files).failed > 0);
  if (failed.length > againMax) return processes;
  const second = new Map<FileResults[], FileResults[]>();
  for (const files of failed) {
    const again = await runBatch(
      files.map(({ file }) => file),
      names,
    );
    if (!holds(again, files)) continue;
    const unsteady = files.filter(({ results }) => count(results).failed > 0);
    unsteady.forEach(printFailures);
    for (const { file } of unsteady) print(`unsteady ${file}: failed beside other processes, held without them`);
    second.set(files, again);
  }
  return processes.map((files) => second.get(files) ?? files);
}

/** Nothing fails, and nothing is left out that ran before. */
function holds(again: FileResults[], before: FileResults[]): boolean {
  const [is, was] = [countAll(again), countAll(before)];
  return is.failed === 0 && is.passed >= was.passed && is.skipped <= was.skipped;
}

function read(file: string): string | undefined {
  return existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined;
}

function lineOf({ file, results, milliseconds }: FileResults, width: number, position: number, total: number): string {
  const { passed, failed, skipped } = count(results);
  const parts = [`${passed} passed`, failed > 0 && `${failed} FAILED`, skipped > 0 && `${skipped} skipped`];
  const place = `${String(position).padStart(String(total).length)}/${total}`;
  return `${place} ${file.padEnd(width)} ${(milliseconds / 1000).toFixed(1).padStart(5)} s  ${parts.filter(Boolean).join(', ')}`;
}

function count(results: Result[]) {
  const of = (outcome: Result['outcome']) => results.filter((result) => result.outcome === outcome).length;
  return { passed: of('passed'), failed: of('failed'), skipped: of('skipped') };
}

function countAll(files: FileResults[]) {
  return count(files.flatMap(({ results }) => results));
}

/** Runs files in one process. Those that did not come to their end there, because it died, are heard each by itself. */
async function runBatch(files: readonly string[], names: string[]): Promise<FileResults[]> {
  const [only, ...others] = files;
  if (only === undefined) return [];
  if (others.length === 0) return [await runAlone(only, names)];
  const resultsFile = join(scratch, `${only.replaceAll('/', '+')}-and-${others.length}.jsonl`);
  const { ending, output } = await runNode(resultsFile, names, files);
  const { ended } = readResults(resultsFile);
  const left = files.filter((file) => !ended.some((one) => one.file === file));
  const all = ended.map((one) => ({ ...one, output }));
  for (const { file, results } of all) if (results.length === 0) results.push(faultIn(file, 'holds no test'));
  for (const file of left) all.push(await runAlone(file, names));
  const results = all.flatMap((one) => one.results);
  const fault = faultOf(ending, results, true) ?? (left.length > 0 ? 'ended before its tests did' : undefined);
  const isExplained = results.some(({ outcome }) => outcome === 'failed');
  // What goes wrong only among others goes wrong.
  if (fault !== undefined && !isExplained)
    all.at(-1)?.results.push(faultIn(files.join(', '), `the process that they shared ${fault}`));
  return all;
}

async function runAlone(file: string, names: string[]): Promise<FileResults> {
  const started = performance.now();
  const resultsFile = join(scratch, `${file.replaceAll('/', '+')}.jsonl`);
  const { ending, output } = await runNode(resultsFile, names, [file]);
  const { rest: results } = readResults(resultsFile);
  const fault = faultOf(ending, results, names.length > 0);
  if (fault !== undefined) results.push(faultIn(file, fault));
  return { file, results, milliseconds: performance.now() - started, output };
}

function faultIn(name: string, because: string): Result {
  return { name, nesting: 0, line: 1, outcome: 'failed', because, milliseconds: 0 };
}

/** What was said of each file that came to its end in a shared process, and what was said after the last of them. */
function readResults(file: string) {
  const ended: { file: string; results: Result[]; milliseconds: number }[] = [];
  let rest: Result[] = [];
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  // A file that was killed may leave half a line behind; what follows the last line break is never a whole one.
  for (const line of lines.slice(0, -1)) {
    const said = JSON.parse(line) as Result | EndedFile;
    if (!('endedFile' in said)) rest.push(options.whole ? unskipped(said) : said);
    else {
      ended.push({ file: said.endedFile, results: rest, milliseconds: said.milliseconds });
      rest = [];
    }
  }
  return { ended, rest };
}

function unskipped(result: Result): Result {
  if (result.outcome !== 'skipped') return result;
  return { ...result, outcome: 'failed', because: `was not run: ${result.because}` };
}

/** What is wrong with the file itself, beyond its tests. */
function faultOf(ending: string | number, results: Result[], isPicked: boolean): string | undefined {
  if (ending === 'too long')
    return `did not end within ${fileSecondsMax} s (${furtherSecondsMax} s more for each further file): a test hangs, or something it opened is still open`;
  if (typeof ending === 'string') return `was ended by ${ending}`;
  const isExplained = results.some((result) => result.outcome === 'failed');
  if (ending !== 0 && !isExplained) return `ended with exit code ${ending}; see its output`;
  if (results.length === 0 && !isPicked) return 'holds no test';
  return undefined;
}

function runNode(
  resultsFile: string,
  names: string[],
  files: readonly string[],
): Promise<{ ending: string | number; output: string }> {
  const args = [
    '--conditions=ambit-source',
    '--enable-source-maps',
    `--test-timeout=${testSecondsMax * 1000}`,
    `--test-reporter=${join(root, 'scripts/parts/collect-results.ts')}`,
    `--test-reporter-destination=${resultsFile}`,
    ...names.map((name) => `--test-name-pattern=${name}`),
    ...(files.length > 1 ? [join(root, 'scripts/parts/run-together.ts')] : []),
    ...files,
  ];
  const secondsMax = fileSecondsMax + furtherSecondsMax * (files.length - 1);
  return new Promise((resolve, reject) => {
    // A group of its own, so that processes a test leaves behind end with it.
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: testEnvironment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let isTooLong = false;
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-outputBytesMax);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const kill = () => killGroup(child.pid);
    running.add(kill);
    const timer = setTimeout(() => {
      isTooLong = true;
      kill();
    }, secondsMax * 1000);
    child.on('error', reject);
    // What a test left running would hold its output open: it ends together with the test.
    child.on('exit', kill);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      running.delete(kill);
      resolve({ ending: isTooLong ? 'too long' : (code ?? signal ?? 'an unknown signal'), output });
    });
  });
}

function killGroup(pid: number | undefined) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // The usual case: nothing of the group is left.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A process that was just ended may still be at its last file. */
function removeScratch() {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

function stopAll(signal: NodeJS.Signals) {
  for (const kill of running) kill();
  removeScratch();
  process.kill(process.pid, signal);
}

function report(files: FileResults[]): boolean {
  for (const file of files.filter(({ results }) => count(results).failed > 0)) printFailures(file);
  printSkipped(files);
  if (options.slowest) printSlowest(files);
  const { passed, failed } = countAll(files);
  if (passed + failed === 0) print(`\nNo test ran: nothing matches ${positionals.join(' ') || 'the project'}.`);
  print(`\n${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0;
}

function printFailures({ file, results, output }: FileResults) {
  for (const [index, result] of results.entries()) {
    if (result.outcome !== 'failed' || result.because === '') continue;
    print(`\n✗ ${file}:${result.line ?? 1}  ${fullName(results, index)}\n${indent(result.because)}`);
  }
  if (output.trim() !== '') print(`\n  output of ${file}:\n${indent(output.trimEnd())}`);
}

/** A test inside a test is reported before the one around it: the way up is the next result that is nested less. */
function fullName(results: Result[], index: number): string {
  const names: string[] = [];
  let nesting = Number.POSITIVE_INFINITY;
  for (const result of results.slice(index)) {
    if (result.nesting >= nesting) continue;
    names.unshift(result.name);
    nesting = result.nesting;
    if (nesting === 0) break;
  }
  return names.join(' › ');
}

function printSkipped(files: FileResults[]) {
  const skipped = files.flatMap(({ file, results }) =>
    results.filter(({ outcome }) => outcome === 'skipped').map((result) => ({ file, ...result })),
  );
  if (skipped.length > 0) print('');
  for (const { file, name, because } of skipped) print(`skipped ${file}: ${name}: ${because}`);
}

function printSlowest(files: FileResults[]) {
  print('\nslowest files:');
  const slowest = files.toSorted((a, b) => b.milliseconds - a.milliseconds).slice(0, 10);
  for (const { file, milliseconds } of slowest) print(`${(milliseconds / 1000).toFixed(1).padStart(7)} s  ${file}`);
}

function print(text: string) {
  process.stdout.write(`${text}\n`);
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '    ');
}
