import { Worker } from 'node:worker_threads';
import { StoreFault } from '../errors.ts';
import { type Answers, createOutgoing } from './inbox.ts';
import type { UnitDraft } from './seal.ts';
import type { Answer } from './writer.ts';

/** Runs as soon as the writer has answered, before anyone who waits for the answer goes on; without one when it died. */
type Told = (answer?: Answer) => void;
type Waiting = { readonly told: Told; resolve(answer: Answer): void; reject(error: Error): void };

export type Writer = {
  send(unit: UnitDraft, told: Told, isAwaited: boolean): Promise<Answer>;
  close(): Promise<void>;
};

/** As many units go on their way although others are still being written: the thread takes them up without a pause. */
const unitsHeldMax = 32;
/** How long a unit that nobody waits for looks out for one to leave with. */
const companyMs = 5;

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
  const outgoing = createOutgoing();
  let underWay = 0;
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
  thread.on('message', (message: string) => {
    if (message === 'closed') return closed?.();
    const { answers, batch } = JSON.parse(message) as Answers;
    if (batch !== undefined) onBatch(batch);
    for (const { id, answer } of answers) {
      const one = waiting.get(id);
      waiting.delete(id);
      one?.told(answer);
      one?.resolve(answer);
    }
    underWay -= answers.length;
    leave();
  });

  // A thread that is idle gets the first unit at once. While it is at work, more would only wait there: they wait here,
  // leave together when it has answered, and share its next commit.
  // What nobody waits for leaves with the next one that somebody does, or by itself a moment later: in its order either way.
  let awaited = 0;
  let lonely: NodeJS.Timeout | undefined;
  const leave = () => {
    const size = outgoing.size();
    if (size === 0 || (underWay > 0 && size < unitsHeldMax)) return;
    if (awaited === 0 && size < unitsHeldMax) {
      lonely ??= setTimeout(leaveAlone, companyMs);
      return;
    }
    underWay += size;
    awaited = 0;
    const message = outgoing.take();
    if (message !== undefined) thread.postMessage(message);
  };
  const leaveAlone = () => {
    lonely = undefined;
    awaited = Math.max(awaited, outgoing.size());
    leave();
  };

  return {
    send(unit: UnitDraft, told: Told, isAwaited: boolean): Promise<Answer> {
      if (dead !== undefined) return Promise.reject(dead);
      const id = next++;
      return new Promise((resolve, reject) => {
        outgoing.put(id, unit);
        waiting.set(id, { told, resolve, reject });
        if (isAwaited) awaited++;
        leave();
      });
    },
    async close(): Promise<void> {
      if (dead !== undefined) return;
      await new Promise<void>((resolve) => {
        closed = resolve;
        clearTimeout(lonely);
        const last = outgoing.take();
        if (last !== undefined) thread.postMessage(last);
        thread.postMessage('close');
      });
      await thread.terminate();
    },
  };
}
