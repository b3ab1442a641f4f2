import { type InspectorNotification, type NodeWorker, Session } from 'node:inspector';
import type { CpuProfile } from './profile.ts';

/** What each thread of a process did: the main one first, then its workers in the order in which they were found. */
export type ThreadProfiles = readonly CpuProfile[];

/** Microseconds between two looks at what a thread does. */
const interval = 500;

/** Profiles every thread of this process at once, until it is asked to stop. */
export async function profileThreads(): Promise<() => Promise<ThreadProfiles>> {
  const session = new Session();
  session.connect();
  const main = asker((method, params, answered) =>
    session.post(method, params, (error, result) => (error ? answered(error) : answered(null, result))),
  );
  const workers = await attach(session, main);
  const threads = [main, ...workers];
  for (const ask of threads) await ask('Profiler.enable');
  for (const ask of threads) await ask('Profiler.setSamplingInterval', { interval });
  for (const ask of threads) await ask('Profiler.start');
  return async () => {
    const profiles: CpuProfile[] = [];
    for (const ask of threads) profiles.push(((await ask('Profiler.stop')) as { profile: CpuProfile }).profile);
    session.disconnect();
    return profiles;
  };
}

type Ask = (method: string, params?: object) => Promise<unknown>;
type Post = (method: string, params: object, answered: (error: unknown, result?: unknown) => void) => void;

const asker =
  (post: Post): Ask =>
  (method, params = {}) =>
    new Promise((resolve, reject) =>
      post(method, params, (error, result) =>
        error === null ? resolve(result) : reject(new Error(`${method}: ${JSON.stringify(error)}`)),
      ),
    );

/** Workers speak the same protocol, wrapped into messages of the main thread's session. */
async function attach(session: Session, main: Ask): Promise<Ask[]> {
  const waiting = new Map<string, Parameters<Post>[2]>();
  const found: Ask[] = [];
  let asked = 0;
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }: InspectorNotification<Received>) => {
    const { id, error = null, result } = JSON.parse(params.message) as Answer;
    const name = `${params.sessionId} ${id}`;
    waiting.get(name)?.(error, result);
    waiting.delete(name);
  });
  session.on('NodeWorker.attachedToWorker', ({ params: { sessionId } }: InspectorNotification<Attached>) => {
    found.push(
      asker((method, params, answered) => {
        const id = ++asked;
        waiting.set(`${sessionId} ${id}`, answered);
        const message = JSON.stringify({ id, method, params });
        main('NodeWorker.sendMessageToWorker', { sessionId, message }).catch(answered);
      }),
    );
  });
  // Who is there already is told of before this answers.
  await main('NodeWorker.enable', { waitForDebuggerOnStart: false });
  return found;
}

type Received = NodeWorker.ReceivedMessageFromWorkerEventDataType;
type Attached = NodeWorker.AttachedToWorkerEventDataType;
type Answer = { readonly id?: number; readonly error?: unknown; readonly result?: unknown };
