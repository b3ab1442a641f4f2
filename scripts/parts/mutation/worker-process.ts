import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Says, Told } from './worker.ts';

/** Fixed, so that the same mutants die each time: how often a property is tried, and with which dice. */
const propertyRunsMax = 60;
const seed = 20_260_101;
const fuzzSeconds = 1;
const loadSecondsMax = 120;
const idleSeconds = 10;
const outputMax = 64 * 1024;

/** A worker that answers one thing at a time. */
export type WorkerProcess = {
  /** Undefined where it did not answer in time, and `ended` where it ended instead. Both leave it dead. */
  readonly ask: (told: Told, secondsMax: number) => Promise<Says | 'late' | 'ended'>;
  readonly close: () => Promise<void>;
  readonly isDead: () => boolean;
  /** What it wrote, for the case that something is wrong with it. */
  readonly output: () => string;
};

const running = new Set<ChildProcess>();

/** A worker may be busy with something that never ends: whoever is interrupted ends them first. */
export function killWorkers(): void {
  for (const child of running) child.kill('SIGKILL');
}

export async function startWorker(
  planFile: string,
  scratch: string,
  mutant?: string,
): Promise<{ worker: WorkerProcess; ready: Says | 'late' | 'ended' }> {
  const child = fork(join(import.meta.dirname, 'worker.ts'), [planFile, ...(mutant === undefined ? [] : [mutant])], {
    // A mutant that never stops may fill its memory first.
    execArgv: ['--conditions=ambit-source', '--max-old-space-size=512', '--disable-warning=ExperimentalWarning'],
    env: {
      ...process.env,
      TMPDIR: scratch,
      AMBIT_MUTATION_RUNS: String(propertyRunsMax),
      AMBIT_MUTATION_SEED: String(seed),
      FUZZ_SECONDS: String(fuzzSeconds),
      FUZZ_SEED: String(seed),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const worker = workerOf(child);
  return { worker, ready: await worker.hear(loadSecondsMax) };
}

function workerOf(
  child: ChildProcess,
): WorkerProcess & { hear: (secondsMax: number) => Promise<Says | 'late' | 'ended'> } {
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-outputMax);
  };
  child.stdout!.on('data', keep);
  child.stderr!.on('data', keep);
  const isDead = () => child.exitCode !== null || child.signalCode !== null;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));

  function hear(secondsMax: number): Promise<Says | 'late' | 'ended'> {
    return new Promise((resolve) => {
      const isLate = watch(child.pid!, secondsMax);
      const timer = setInterval(() => {
        if (isLate()) child.kill('SIGKILL');
        killedLate ||= child.killed;
      }, 200);
      let killedLate = false;
      const done = (says: Says | 'late' | 'ended') => {
        clearInterval(timer);
        child.off('message', done);
        child.off('exit', end);
        resolve(says);
      };
      const end = () => done(killedLate ? 'late' : 'ended');
      child.on('message', done);
      child.on('exit', end);
      if (isDead()) end();
    });
  }

  return {
    hear,
    isDead,
    output: () => output,
    ask: (told, secondsMax) => {
      const heard = hear(secondsMax);
      if (!isDead()) child.send(told, () => undefined);
      return heard;
    },
    close: async () => {
      if (isDead()) return;
      child.send({ kind: 'end' } satisfies Told, () => undefined);
      const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
      await exited;
      clearTimeout(timer);
    },
  };
}

/**
 * Says when a process has worked longer than that. Its own time counts where the system tells it, so that a busy machine
 * makes nothing late; one that waits for nothing is late after a while, too.
 */
function watch(pid: number, secondsMax: number): () => boolean {
  const from = { own: cpuSecondsOf(pid), wall: performance.now() };
  return () => {
    const wall = (performance.now() - from.wall) / 1000;
    const now = from.own === undefined ? undefined : cpuSecondsOf(pid);
    return now === undefined ? wall > secondsMax : now - from.own! > secondsMax || wall > idleSeconds + 3 * secondsMax;
  };
}

/** Linux: fields 14 and 15 of /proc/<pid>/stat, counted behind the name in parentheses, in hundredths of a second. */
function cpuSecondsOf(pid: number): number | undefined {
  const text = readIfThere(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    // Another system, or a process that has just ended.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
