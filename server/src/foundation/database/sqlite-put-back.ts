import { Worker } from 'node:worker_threads';
import type Sqlite from 'better-sqlite3';
import { sqliteTrouble } from './sqlite-trouble.ts';

export type PutBack = {
  /** After each commit: has pages put back where there are many. */
  follow(): void;
  /** The log is as long as it may get and is being put back: no commit until `onDone` says that one may. */
  mustWait(): boolean;
  /** Once this is answered, nothing but `file` holds the store any more. */
  close(): Promise<void>;
};

export type PutBackOptions = {
  readonly directory: string;
  readonly onDone: () => void;
  readonly complain: (says: string) => void;
  /** So many pages are put back together: more keep the disk busy for longer, and with it a commit. */
  readonly pagesAtOnce?: number;
  /** So long may the log get; a quarter of it is usual. */
  readonly logPagesMax?: number;
};

/** What SQLite answers of its log, in pages: as long as it is, and so much of it put back. */
export type LogPages = { readonly log: number; readonly checkpointed: number };

/**
 * Pages go from the write-ahead log back into the database file (a checkpoint, as SQLite calls it) on a thread of their
 * own, so that no commit waits until they are on the disk. SQLite begins its log anew where a commit finds all of it put
 * back; while commits follow each other there are always a few pages more, and from time to time the writer puts back these.
 */
export function createPutBack(
  file: Sqlite.Database,
  { directory, onDone, complain, pagesAtOnce = 250, logPagesMax = 8000 }: PutBackOptions,
): PutBack {
  const quarter = logPagesMax / 4;
  const look = file.prepare('PRAGMA wal_checkpoint(NOOP)');
  const passive = file.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  file.pragma('wal_autocheckpoint = 0');
  // What a reader made longer is cut off where the log begins anew.
  file.pragma(`journal_size_limit = ${logPagesMax * 4096}`);
  let thread: Worker | undefined;
  let isUnderWay = false;
  let isClosing = false;
  let isTold = false;
  /** What is left in the log is what a reader looks at: to wait would not shorten it. */
  let isHeld = false;
  let length = 0;
  /** How long the log was when it was last put back: what a reader holds back there is not tried with each commit. */
  let tried = 0;

  function start(): Worker {
    // The extension follows this file's own: sources run as they are, published files are JavaScript.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const url = new URL(`./sqlite-put-back-thread.${extension}`, import.meta.url);
    const started = new Worker(url, { workerData: { directory } });
    started.on('message', (left: LogPages) => {
      telling(() => finish(left));
      isUnderWay = false;
      onDone();
    });
    started.on('error', tell);
    // Closed, or dead: the next one is started when the log has grown.
    started.on('exit', () => {
      thread = undefined;
      isUnderWay = false;
      isHeld = false;
      onDone();
    });
    return started;
  }

  /** The thread is through, and left so much: the writer puts back the last few, so that the log can begin anew. */
  function finish({ log, checkpointed }: LogPages): void {
    isHeld = log - checkpointed >= quarter;
    if (isHeld || length < quarter) return;
    passive.get();
    isTold = false;
  }

  function tell(error: unknown): void {
    const because = sqliteTrouble(error, directory) ?? (error instanceof Error ? error.message : String(error));
    if (!isTold) complain(`the write-ahead log of the store grows, and calls wait while it is shortened: ${because}`);
    isTold = true;
  }

  /** The units are committed whatever becomes of this. */
  function telling(work: () => void): void {
    try {
      work();
    } catch (error) {
      tell(error);
    }
  }

  function follow(): void {
    const { log, checkpointed } = look.get() as LogPages;
    length = log;
    if (log < tried) tried = 0;
    // A thread that died is not started again with every few commits.
    const step = isTold ? quarter : pagesAtOnce;
    if (isUnderWay || Math.floor(log / step) === Math.floor(Math.max(tried, checkpointed) / step)) return;
    tried = log;
    telling(ask);
    // The thread dies each time.
    if (isTold && log >= logPagesMax) telling(() => passive.get());
  }

  function ask(): void {
    thread ??= start();
    isUnderWay = true;
    thread.postMessage('put back');
  }

  return {
    follow() {
      if (!isClosing) telling(follow);
    },
    mustWait: () => isUnderWay && !isHeld && length >= logPagesMax,
    async close() {
      isClosing = true;
      const last = thread;
      if (last === undefined) return;
      await new Promise<void>((resolve) => {
        last.once('exit', () => resolve());
        last.postMessage('close');
      });
    },
  };
}
