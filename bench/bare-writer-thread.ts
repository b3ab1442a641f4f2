/** A bare group-commit writer: whatever waits goes into one transaction, one fsync, and is answered together. */
import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';

const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread');

const file = new Sqlite((workerData as { file: string }).file);
file.pragma('journal_mode = WAL');
file.pragma('synchronous = FULL');
file.exec('CREATE TABLE IF NOT EXISTS rows (idx INTEGER PRIMARY KEY, body BLOB NOT NULL)');
const insert = file.prepare('INSERT INTO rows (body) VALUES (?)');
const write = file.transaction((batch: readonly Waiting[]) => {
  for (const { body } of batch) insert.run(body);
});

type Waiting = { readonly id: number; readonly body: Uint8Array };
let waiting: Waiting[] = [];

port.on('message', (message: Waiting) => {
  if (waiting.push(message) === 1) setImmediate(drain);
});
port.postMessage('open');

function drain(): void {
  const batch = waiting;
  waiting = [];
  write(batch);
  port?.postMessage(batch.map(({ id }) => id));
}
