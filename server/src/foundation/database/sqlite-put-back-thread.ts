import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';
import type { LogPages } from './sqlite-put-back.ts';
import { sqliteTrouble } from './sqlite-trouble.ts';

/** Puts pages back whenever it is told to, through a connection of its own. What fails ends it: `createPutBack` goes on without. */
const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread');

const { directory } = workerData as { readonly directory: string };
const file = telling(open);
const passive = telling(() => file.prepare('PRAGMA wal_checkpoint(PASSIVE)'));

port.on('message', (message: 'put back' | 'close') => {
  if (message === 'close') {
    file.close();
    port.close();
    return;
  }
  telling(() => passive.get());
  // What came meanwhile, so that next to nothing is left but what a reader looks at.
  port.postMessage(telling(() => passive.get()) as LogPages);
});

function open(): Sqlite.Database {
  const opened = new Sqlite(join(directory, 'ambit.db'), { fileMustExist: true });
  opened.pragma('synchronous = FULL');
  return opened;
}

function telling<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Error(sqliteTrouble(error, directory) ?? String(error), { cause: error });
  }
}
