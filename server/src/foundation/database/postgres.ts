import { randomUUID } from 'node:crypto';
import { edgeOf, equalBytes } from '@ambit/protocol';
import type { Clock } from '../clock.ts';
import { StoreFault } from '../errors.ts';
import { committing } from './commit.ts';
import type { Database } from './database.ts';
import { hashesIn } from './edge.ts';
import { keeping } from './kept.ts';
import { createMemory } from './memory.ts';
import { type FeedFaults, openFeed } from './postgres-feed.ts';
import { type Bounds, openPool, requireDurable, usualBounds, withClient } from './postgres-link.ts';
import { createLog, treeReader } from './postgres-log.ts';
import { type Ask, asking, createReads } from './postgres-reads.ts';
import { exists, migrate } from './postgres-schema.ts';
import { whyNotPostgresUrl } from './postgres-url.ts';
import { startWriter } from './start-writer.ts';
import { declaredTables } from './table.ts';

export type PostgresOptions = {
  /** `postgres://…`; off loopback only with sslmode=verify-full. */
  readonly url: string;
  /** 32 bytes, under which details are sealed at rest. */
  readonly detailKey: Uint8Array;
  readonly clock: Clock;
  /** How old what is remembered of other nodes' changes may be; beyond it every read asks the database. */
  readonly heardMsMax: number;
  readonly bounds?: Bounds;
  readonly pollMs?: number;
  readonly faults?: FeedFaults;
};

const readersMax = 10;

/** A store that several nodes share: a PostgreSQL database, or one schema of it. */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const { url, detailKey, clock, heardMsMax, bounds = usualBounds, pollMs = 50, faults = {} } = options;
  requireUsable(url);
  const tables = declaredTables();
  const node = randomUUID();
  // What starts together migrates one after the other, and may wait for a node that adds an index.
  await withClient(url, { ...bounds, lockMs: 60_000, statementMs: 600_000 }, async (client) => {
    await requireDurable(client);
    await migrate(client, tables);
  });
  const pool = openPool(url, bounds, readersMax);
  const ask = asking(pool);
  const memory = createMemory(tables);
  const closing: (() => Promise<void>)[] = [() => pool.end()];
  try {
    await requireWhole(ask);
    const feed = await openFeed({ url, node, bounds, tables, memory, pollMs, faults });
    closing.unshift(feed.close);
    const writer = await startWriter('postgres', { url, node, bounds, tables, detailKey }, feed.answered);
    closing.unshift(writer.close);

    const mayRemember = () => feed.sinceHeardMs() < heardMsMax;
    const reads = createReads(ask, memory, mayRemember);
    return {
      ...reads,
      kept: keeping(memory, reads, mayRemember),
      commit: committing(writer, memory, clock, { isAlone: false }),
      log: createLog(ask, detailKey),
      node,
      watch: feed.watch,
      sinceHeardMs: feed.sinceHeardMs,
      close: () => closeAll(closing),
    };
  } catch (error) {
    await closeAll(closing);
    throw error;
  }
}

/** Once, however often it is asked for. */
async function closeAll(closing: (() => Promise<void>)[]): Promise<void> {
  for (const close of closing.splice(0)) await close();
}

function requireUsable(url: string): void {
  const why = whyNotPostgresUrl(url);
  if (why !== undefined) throw new StoreFault(why);
}

/** Whether a plane was ever made in that database. Nothing is changed there. */
export async function holdsPostgresStore(url: string): Promise<boolean> {
  requireUsable(url);
  return withClient(url, usualBounds, async (client) => {
    if (!(await exists(client, 'log_head'))) return false;
    const { rows } = await client.query('SELECT size FROM log_head');
    return (rows[0] as { size: number } | undefined)?.size !== 0;
  });
}

/** The head that the next batch would go on from is the one that the entries make: in one snapshot of both. */
async function requireWhole(ask: Ask): Promise<void> {
  const text = `SELECT h.size, h.edge, COALESCE((SELECT max(idx) + 1 FROM entries), 0) AS stored FROM log_head h`;
  const [head] = await ask<{ size: number; edge: Uint8Array; stored: number }>(undefined, text, []);
  if (head === undefined) throw new StoreFault('the head of the log is gone');
  const contradicts = new StoreFault(
    `the head of the log says ${head.size} entries, and the store holds ${head.stored}, or others`,
  );
  if (head.size !== head.stored) throw contradicts;
  const hashes = hashesIn(head.edge);
  const read = treeReader(ask);
  const edge = await Promise.all(edgeOf(head.size).map(({ level, index }) => read(level, index)));
  const isSame = edge.length === hashes.length && edge.every((hash, i) => equalBytes(hash, hashes[i] as Uint8Array));
  if (!isSame) throw contradicts;
}
