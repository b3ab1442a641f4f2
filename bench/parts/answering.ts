/** The other end of `startChild`: runs what the bench asks for, by name. */
import { profileThreads, type ThreadProfiles } from './profiled-threads.ts';

export type Usage = {
  /** Microseconds of user and system time of the whole process, its threads included. */
  readonly processCpu: number;
  /** Of its main thread. */
  readonly mainCpu: number;
  readonly rss: number;
  readonly heapUsed: number;
};

type Asked = { readonly id: number; readonly kind: string; readonly body: never };
type Handlers = Readonly<Record<string, (body: never) => unknown>>;

export function answerAsks(handlers: Handlers): void {
  const all: Handlers = { hello: () => null, usage, startProfile, stopProfile, ...handlers };
  process.on('message', ({ id, kind, body }: Asked) => {
    const run = async () => {
      const handler = all[kind];
      if (handler === undefined) throw new Error(`nothing answers ${kind}`);
      return handler(body);
    };
    run().then(
      (value) => process.send?.({ id, value }),
      (error: unknown) => process.send?.({ id, error: error instanceof Error ? (error.stack ?? '') : String(error) }),
    );
  });
  // Whoever started this process is gone.
  process.on('disconnect', () => process.exit(0));
}

function usage({ gc = false }: { readonly gc?: boolean }): Usage {
  if (gc) for (let i = 0; i < 3; i++) globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const main = process.threadCpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return { processCpu: user + system, mainCpu: main.user + main.system, rss, heapUsed };
}

let stop: (() => Promise<ThreadProfiles>) | undefined;

async function startProfile(): Promise<null> {
  stop = await profileThreads();
  return null;
}

async function stopProfile(): Promise<ThreadProfiles> {
  if (stop === undefined) throw new Error('no profile was begun');
  return stop();
}
