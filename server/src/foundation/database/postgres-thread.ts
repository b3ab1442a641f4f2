import { parentPort, workerData } from 'node:worker_threads';
import { type Answers, createStandings, type Message, unitsIn, type Waiting } from './inbox.ts';
import { createPostgresWriter, type PostgresWriterOptions } from './postgres-writer.ts';

/**
 * The writer's own thread: while it holds the head of the log, every other node waits, so nothing else that this
 * process does may hold it up.
 */
const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread');

const unitsPerCommitMax = 512;
const { detailKey, ...options } = workerData as PostgresWriterOptions & { readonly detailKey: Uint8Array };
const writer = createPostgresWriter(options);
const standingOf = createStandings();
let waiting: Waiting[] = [];
let draining: Promise<void> | undefined;

port.on('message', (message: Message | 'close') => {
  if (message === 'close') return void close();
  waiting.push(...unitsIn(message, detailKey, standingOf));
  draining ??= drain();
});
port.postMessage('open');

/** Everything that came while a batch was written goes into the next: many callers share one commit. */
async function drain(): Promise<void> {
  // What was sent together arrives message by message.
  await new Promise((resolve) => setImmediate(resolve));
  while (waiting.length > 0) {
    const units = waiting.slice(0, unitsPerCommitMax);
    waiting = waiting.slice(unitsPerCommitMax);
    const { answers, batch } = await writer.write(units.map((one) => one.unit));
    const told = answers.map((answer, i) => ({ id: units[i]?.id ?? -1, answer }));
    port?.postMessage(JSON.stringify({ answers: told, batch } satisfies Answers));
  }
  draining = undefined;
}

async function close(): Promise<void> {
  await draining;
  await writer.close();
  port?.postMessage('closed');
  port?.close();
}
