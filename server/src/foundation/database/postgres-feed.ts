import type { TenantId } from '@ambit/protocol';
import type { Foreign } from './database.ts';
import type { Memory } from './memory.ts';
import { type Bounds, connect, type Link } from './postgres-link.ts';
import type { Told } from './postgres-statements.ts';
import type { AnyTable } from './table.ts';
import type { Change, Fields } from './unit.ts';

export type FeedOptions = {
  readonly url: string;
  readonly node: string;
  readonly bounds: Bounds;
  readonly tables: readonly AnyTable[];
  readonly memory: Memory;
  /** How long at most until the feed is read again; a notification only makes it sooner. */
  readonly pollMs: number;
  readonly faults: FeedFaults;
};

/** What tests break. */
export type FeedFaults = { readonly dropNotifications?: true };

export type Feed = {
  /** Milliseconds since everything that was committed by then had been heard. */
  sinceHeardMs(): number;
  /** A batch of this node that was answered: whoever wrote it has forgotten what it changed. */
  answered(batch: number): void;
  watch(listener: (change: Foreign) => void): () => void;
  close(): Promise<void>;
};

type FeedRow = {
  readonly head: number;
  readonly batch: number | null;
  readonly node: string;
  readonly changes: string;
};

const rowsPerRead = 500;

/**
 * Hears what was committed, by whom ever. Numbers of batches have no gaps: a number that is missing was pruned before it
 * was heard, and then everything is forgotten.
 *
 * THREATS: between-nodes. A notification is never believed, it only wakes: what changed is read from the feed.
 */
export async function openFeed({ url, node, bounds, tables, memory, pollMs, faults }: FeedOptions): Promise<Feed> {
  const keys = new Map(tables.map((of) => [of.name, of.key]));
  const listeners = new Set<(change: Foreign) => void>();
  const answered = new Set<number>();
  let link: Link | undefined;
  let heard = 0;
  let heardAt = performance.now();
  let isClosed = false;
  let wake: (() => void) | undefined;
  let isWoken = false;

  const woken = () => {
    isWoken = true;
    wake?.();
  };

  async function join(): Promise<Link> {
    const joined = await connect(
      url,
      bounds,
      () => {
        if (link === joined) link = undefined;
        woken();
      },
      { query_timeout: bounds.statementMs },
    );
    if (faults.dropNotifications !== true) joined.client.on('notification', woken);
    const { rows } = await joined.client.query(`SELECT 'ambit_' || md5(current_schema()) AS channel`);
    await joined.client.query(`LISTEN "${(rows[0] as { channel: string }).channel}"`);
    return joined;
  }

  /** One statement, so one snapshot: the head and the feed up to it. */
  async function read({ client }: Link): Promise<FeedRow[]> {
    const { rows } = await client.query({
      name: 'feed',
      text: `SELECT h.batch AS head, f.batch, f.node, f.changes FROM log_head h
        LEFT JOIN log_feed f ON f.batch > $1 ORDER BY f.batch LIMIT ${rowsPerRead}`,
      values: [heard],
    });
    return rows as FeedRow[];
  }

  function tell(change: Foreign): void {
    // What a listener throws is its own fault, told as such: it must not end the hearing.
    for (const listener of listeners) queueMicrotask(() => listener(change));
  }

  function lose(head: number): void {
    heard = head;
    memory.forgetEverything();
    tell('everything');
  }

  /** True where the feed may hold more. */
  function hear(rows: readonly FeedRow[]): boolean {
    const head = rows[0]?.head;
    if (head === undefined) throw new Error('the head of the log is gone');
    const first = rows[0]?.batch ?? null;
    if (head < heard || (first === null && head > heard) || (first !== null && first !== heard + 1)) {
      lose(head);
      return false;
    }
    for (const row of rows) if (row.batch !== null) hearBatch(row.batch, row);
    return heard < head;
  }

  function hearBatch(batch: number, { node: by, changes }: FeedRow): void {
    const isOwn = by === node;
    heard = batch;
    // What this node wrote and was answered for is forgotten already; what it was never told of is not.
    if (isOwn && answered.delete(batch)) return;
    const told = JSON.parse(changes) as readonly Told[] | null;
    if (told === null) {
      memory.forgetEverything();
      if (!isOwn) tell('everything');
      return;
    }
    const named = told.flatMap((one) => nameOf(one));
    for (const { tenant, change } of named) memory.forget({ tenant, changes: [change] });
    if (isOwn) return;
    for (const { tenant, change } of named) {
      if (change.change === 'remove') tell({ table: change.table, tenant: tenant as TenantId, key: change.key });
    }
  }

  function nameOf(told: Told): { tenant: string; change: Change }[] {
    if (told[0] === 'purge') return [{ tenant: told[1], change: { change: 'purge-counters', endedBefore: 0, max: 0 } }];
    if (told[0] === 'counter') {
      const [, tenant, counter, window] = told;
      return [{ tenant, change: { change: 'settle', counter, window, by: '0' as never } }];
    }
    const [, table, tenant, ...values] = told;
    const columns = keys.get(table);
    // A table that only a newer node knows: nothing here has read it.
    if (columns === undefined) return [];
    const key: Fields = Object.fromEntries(columns.map((name, i) => [name, values[i]]));
    return [{ tenant, change: { change: 'remove', table, key } }];
  }

  async function listen(): Promise<void> {
    while (!isClosed) {
      try {
        link ??= await join();
        isWoken = false;
        const askedAt = performance.now();
        const isMore = hear(await read(link));
        if (isMore) continue;
        heardAt = askedAt;
      } catch {
        // Nothing was heard: `sinceHeardMs` says so to whoever reads, until the store answers again.
        link?.cut();
        link = undefined;
        isWoken = false;
      }
      if (!isWoken && !isClosed) await pause();
    }
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pollMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  // What is committed before this is in every read that follows.
  link = await join();
  heard = (await read(link))[0]?.head ?? 0;
  heardAt = performance.now();
  const listening = listen();

  return {
    sinceHeardMs: () => performance.now() - heardAt,
    answered(batch) {
      if (batch > heard) answered.add(batch);
    },
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      isClosed = true;
      woken();
      await listening;
      await link?.client.end();
    },
  };
}
