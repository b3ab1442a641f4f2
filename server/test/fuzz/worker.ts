import { parentPort, workerData } from 'node:worker_threads';
import { fuzzLoop, type LoopOptions } from './loop.ts';
import { recorder } from './recorder.ts';
import type { Target } from './target.ts';

export type Work = Omit<LoopOptions, 'before' | 'progress'> & {
  /** Address of a module that exports `target`. */
  readonly module: string;
  readonly shared: SharedArrayBuffer;
};

const { module, shared, ...options } = workerData as Work;
const { target } = (await import(module)) as { readonly target: Target };
const { write } = recorder(shared);
const finished = await fuzzLoop(target, {
  ...options,
  before: write,
  progress: (far) => parentPort?.postMessage({ progress: far }),
});
parentPort?.postMessage({ finished });
