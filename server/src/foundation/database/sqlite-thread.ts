import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';
import { type Answers, createStandings, type Message, unitsIn, type Waiting } from './inbox.ts';
import { takeLock } from './sqlite-lock.ts';
import { createSqliteWriter } from './sqlite-rows.ts';
import { migrate } from './sqlite-schema.ts';
import { sqliteTrouble } from './sqlite-trouble.ts';
import type { AnyTable } from './table.ts';

export type SqliteThread = {
  readonly directory: string;
  readonly tables: readonly AnyTable[];
  readonly detailKey: Uint8Array;
};

/** The writer's own thread: it owns the only write connection, so a slow fsync never holds up the gateway. */
const { directory, tables, detailKey } = workerData as SqliteThread;
const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread');

const unitsPerCommitMax = 512;
const standingOf = createStandings();
let waiting: Waiting[] = [];
let scheduled = false;

/** How long a unit waits for another program that writes into the store, before it is refused. */
const busyMilliseconds = 500;

const lock = takeLock(directory);
const { file, writer } = openStore(directory);

port.on('message', (message: Message | 'close') => {
  if (message === 'close') return close();
  waiting.push(...unitsIn(message, detailKey, standingOf));
  if (scheduled) return;
  scheduled = true;
  setImmediate(drain);
});
port.postMessage('open');

/** Everything that is waiting goes into one transaction: many callers share one fsync. */
function drain(): void {
  scheduled = false;
  // The store was closed in between, with all that had come.
  if (waiting.length === 0) return;
  const batch = waiting.slice(0, unitsPerCommitMax);
  waiting = waiting.slice(unitsPerCommitMax);
  port?.postMessage(JSON.stringify({ answers: answersTo(batch) } satisfies Answers));
  scheduled = waiting.length > 0;
  if (scheduled) setImmediate(drain);
}

function answersTo(batch: readonly Waiting[]): Answers['answers'] {
  try {
    return writer.write(batch.map((one) => one.unit)).map((answer, i) => ({ id: batch[i]?.id ?? -1, answer }));
  } catch (error) {
    const fault = sqliteTrouble(error, directory) ?? (error instanceof Error ? error.message : String(error));
    return batch.map(({ id }) => ({ id, answer: { ok: false, fault } }));
  }
}

function openStore(inside: string) {
  try {
    const opened = new Sqlite(join(inside, 'ambit.db'), { timeout: busyMilliseconds });
    opened.pragma('journal_mode = WAL');
    opened.pragma('synchronous = FULL');
    opened.pragma('foreign_keys = ON');
    migrate(opened, tables);
    return { file: opened, writer: createSqliteWriter(opened, tables) };
  } catch (error) {
    throw new Error(sqliteTrouble(error, inside) ?? 'the store cannot be opened', { cause: error });
  }
}

function close(): void {
  // What came before is written before: its callers still wait.
  while (waiting.length > 0) drain();
  file.close();
  lock.close();
  port?.postMessage('closed');
  port?.close();
}
