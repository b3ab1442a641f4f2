import { Worker } from 'node:worker_threads';
import { readCorpus } from './corpus.ts';
import type { Finished, Progress } from './loop.ts';
import { recorder, recorderBytes } from './recorder.ts';
import type { TargetName } from './targets.ts';
import type { Work } from './worker.ts';

export type RunOptions = {
  readonly seed: number;
  readonly seconds: number;
  readonly progress?: (far: Progress) => void;
  readonly shorten?: boolean;
  /** An input that takes longer is a failure by itself. */
  readonly hangSeconds?: number;
  readonly memoryMegabytesMax?: number;
};

const minimiseSecondsMax = 20;

export const moduleOf = (name: TargetName) => new URL(`./targets/${name}.ts`, import.meta.url).href;

/** Fuzzes one target in a thread of its own: an input that never ends or eats all memory ends that thread, and is told. */
export function runTarget(name: TargetName, options: RunOptions): Promise<Finished> {
  return runModule(moduleOf(name), readCorpus(name), options);
}

export async function runModule(
  module: string,
  corpus: readonly string[],
  { seed, seconds, progress, shorten = false, hangSeconds = 20, memoryMegabytesMax = 1024 }: RunOptions,
): Promise<Finished> {
  const shared = new SharedArrayBuffer(recorderBytes);
  const work: Work = { module, shared, corpus, seed, seconds, minimiseSecondsMax, shorten };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: work,
    resourceLimits: { maxOldGenerationSizeMb: memoryMegabytesMax },
  });
  const record = recorder(shared);
  const started = performance.now();
  const ended = (says: string): Finished => {
    const [input, executions] = [record.read(), record.begun()];
    const failure = { input, asFound: input, says, position: executions };
    return { executions, seconds: (performance.now() - started) / 1000, outcomes: [], failure };
  };
  const { promise, resolve, reject } = Promise.withResolvers<Finished>();
  worker.on('message', (message: { readonly progress?: Progress; readonly finished?: Finished }) => {
    if (message.progress !== undefined) progress?.(message.progress);
    if (message.finished !== undefined) resolve(message.finished);
  });
  worker.on('error', (error) => {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') return reject(error);
    resolve(ended(`takes more than ${memoryMegabytesMax} MB of memory`));
  });
  worker.on('exit', () => reject(new Error('the thread that fuzzes ended without an answer')));
  const watch = watchFor(record.begun, hangSeconds, () => resolve(ended(`does not end within ${hangSeconds} s`)));
  try {
    return await promise;
  } finally {
    clearInterval(watch);
    await worker.terminate();
  }
}

function watchFor(begun: () => number, hangSeconds: number, hangs: () => void): NodeJS.Timeout {
  let last = { count: begun(), at: performance.now() };
  return setInterval(() => {
    const count = begun();
    if (count !== last.count || count === 0) last = { count, at: performance.now() };
    else if (performance.now() - last.at > hangSeconds * 1000) hangs();
  }, 250);
}

/** The input as a text that shows every byte. */
export function shown(input: string, charactersMax = 4000): string {
  const text = JSON.stringify(input).replace(/[\u007f-\u00ff]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax)}… (${input.length} bytes)`;
}

export const sentence = (name: string, { executions, outcomes, seconds }: Finished): string =>
  `${name}: ${executions} inputs in ${seconds.toFixed(1)} s, ${outcomes.length} outcomes`;
