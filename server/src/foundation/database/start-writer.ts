import { Worker } from 'node:worker_threads';
import { StoreFault } from '../errors.ts';
import type { Answer, SealedUnit } from './writer.ts';

/** `told` runs as soon as the writer has answered, before anyone who waits for the answer goes on. */
type Waiting = { told(): void; resolve(answer: Answer): void; reject(error: Error): void };

/** What the thread answers to units that it wrote together; `batch` numbers their change where nodes share the store. */
export type Answers = {
  readonly answers: readonly { readonly id: number; readonly answer: Answer }[];
  readonly batch?: number | undefined;
};

export type Writer = {
  send(unit: SealedUnit, told: () => void): Promise<Answer>;
  close(): Promise<void>;
};

/** Starts the thread that writes: it owns the only write connection of this process. */
export async function startWriter(
  kind: 'sqlite' | 'postgres',
  workerData: object,
  onBatch: (batch: number) => void = () => undefined,
): Promise<Writer> {
  // The extension follows this file's own: sources run as they are, published files are JavaScript.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const thread = new Worker(new URL(`./${kind}-thread.${extension}`, import.meta.url), { workerData });
  const waiting = new Map<number, Waiting>();
  let next = 0;
  let dead: Error | undefined;
  let closed: (() => void) | undefined;

  await new Promise<void>((resolve, reject) => {
    const failed = (error: unknown) =>
      reject(new StoreFault(error instanceof Error ? error.message : String(error), { cause: error }));
    thread.once('error', failed);
    thread.once('message', () => {
      thread.off('error', failed);
      resolve();
    });
  });
  const die = (error: Error) => {
    dead = error;
    for (const one of waiting.values()) {
      one.told();
      one.reject(error);
    }
    waiting.clear();
    closed?.();
  };
  thread.on('error', (error) => die(new StoreFault('the writer thread failed', { cause: error })));
  thread.on('exit', () => die(new StoreFault('the writer thread has ended')));
  thread.on('message', (message: 'closed' | Answers) => {
    if (message === 'closed') return closed?.();
    if (message.batch !== undefined) onBatch(message.batch);
    for (const { id, answer } of message.answers) {
      waiting.get(id)?.told();
      waiting.get(id)?.resolve(answer);
      waiting.delete(id);
    }
  });

  return {
    send(unit: SealedUnit, told: () => void): Promise<Answer> {
      if (dead !== undefined) return Promise.reject(dead);
      const id = next++;
      return new Promise((resolve, reject) => {
        waiting.set(id, { told, resolve, reject });
        thread.postMessage({ id, unit });
      });
    },
    async close(): Promise<void> {
      if (dead !== undefined) return;
      await new Promise<void>((resolve) => {
        closed = resolve;
        thread.postMessage('close');
      });
      await thread.terminate();
    },
  };
}
