import { Worker } from 'node:worker_threads';
import { OfficialError } from './official-error.ts';
import type { Answer, Call, Question } from './official-wire.ts';

export type Thread = {
  /** Answers of the build, in order. Rejects with an OfficialError; the next call finds a working thread again. */
  readonly ask: (calls: readonly Call[]) => Promise<readonly string[]>;
  /** Counts the threads lost so far: what one had prepared is gone with it. */
  readonly generation: () => number;
  readonly close: () => Promise<void>;
};

export type ThreadSettings = { readonly timeoutMilliseconds: number; readonly waitingMax: number };

type Waiting = {
  readonly calls: readonly Call[];
  readonly resolve: (texts: readonly string[]) => void;
  readonly reject: (error: OfficialError) => void;
};

/** One thread, one call at a time; a thread that traps, stalls or dies is replaced when the next call comes. */
export function startThread({ timeoutMilliseconds, waitingMax }: ThreadSettings): Thread {
  const queue: Waiting[] = [];
  let worker: Worker | undefined;
  let current: { id: number; waiting: Waiting; timer: NodeJS.Timeout } | undefined;
  let generation = 0;
  let lastId = 0;
  let closed = false;

  const next = (): void => {
    const waiting = current ? undefined : queue.shift();
    if (!waiting) return;
    worker ??= open();
    lastId += 1;
    const timer = setTimeout(() => lose(`no answer within ${timeoutMilliseconds} ms`), timeoutMilliseconds);
    current = { id: lastId, waiting, timer };
    // A thread that nobody waits for must not keep the process alive.
    worker.ref();
    worker.postMessage({ id: lastId, calls: waiting.calls } satisfies Question);
  };

  const settle = (act: (waiting: Waiting) => void): void => {
    if (!current) return;
    const { waiting, timer } = current;
    clearTimeout(timer);
    current = undefined;
    worker?.unref();
    act(waiting);
    next();
  };

  const lose = (message: string): void => {
    const lost = worker;
    worker = undefined;
    generation += 1;
    lost?.removeAllListeners();
    // Nothing is left to be told by a thread that is being ended: it has no listeners and its call is settled here.
    void lost?.terminate();
    settle(({ reject }) => reject(new OfficialError('lost', message)));
  };

  const receive = (answer: Answer): void => {
    if (answer.id !== current?.id) return;
    switch (answer.kind) {
      case 'answered':
        settle(({ resolve }) => resolve(answer.texts));
        break;
      case 'refused':
        settle(({ reject }) => reject(new OfficialError('refused', answer.message)));
        break;
      case 'trapped':
        lose(answer.message);
        break;
    }
  };

  const open = (): Worker => {
    const opened = new Worker(workerFile(), { stdin: false, env: {} });
    opened.on('message', receive);
    opened.on('error', (error) => lose(String(error)));
    opened.on('exit', (code) => lose(`its thread ended with code ${code}`));
    opened.unref();
    return opened;
  };

  return {
    generation: () => generation,
    ask: (calls) =>
      new Promise((resolve, reject) => {
        if (closed) reject(new OfficialError('lost', 'it was closed'));
        else if (queue.length >= waitingMax) reject(new OfficialError('busy', `${waitingMax} calls are waiting`));
        else {
          queue.push({ calls, resolve, reject });
          next();
        }
      }),
    close: async () => {
      closed = true;
      for (const { reject } of queue.splice(0)) reject(new OfficialError('lost', 'it was closed'));
      const ended = worker;
      lose('it was closed');
      await ended?.terminate();
    },
  };
}

/** Beside this file, in the form in which this file itself runs: a compiler does not rewrite the name inside a URL. */
function workerFile(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./official-worker.${extension}`, import.meta.url);
}
