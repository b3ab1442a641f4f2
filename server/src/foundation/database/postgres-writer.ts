import type { Client } from 'pg';
import { createEdge, hashesIn } from './edge.ts';
import { entryColumn } from './explained.ts';
import { asStoreFault, type Bounds, connect, type Link, requireDurable } from './postgres-link.ts';
import { createBatchRows, type Known, NotRead, nameOf, nothingKnown, type Wanted, wantedBy } from './postgres-rows.ts';
import { readAll, writeAll } from './postgres-statements.ts';
import type { AnyTable } from './table.ts';
import { type Answer, createWriter, type SealedUnit } from './writer.ts';

export type PostgresWriterOptions = {
  readonly url: string;
  /** Name of this opening among all that write to the store. */
  readonly node: string;
  readonly bounds: Bounds;
  readonly tables: readonly AnyTable[];
};

/** What became of the units that were written together; `batch` is the number of their change in the feed. */
export type Written = { readonly answers: readonly Answer[]; readonly batch?: number };

/**
 * The writer of a store that nodes share. A batch of units is one transaction: the one row that is the head of the log is
 * locked, what the units name is read, they are applied in memory one after the other, and the net effect is written.
 *
 * INVARIANT (one fenced sequencer): only who holds the head writes, so what was read under it stands until the commit.
 * A writer that hangs loses its session, and the head with it, before anyone else can take it; nothing it sends later
 * is committed. The key of `entries` is the second fence.
 */
export function createPostgresWriter({ url, node, bounds, tables }: PostgresWriterOptions) {
  const byName = new Map(tables.map((of) => [of.name, of]));
  let connected: Promise<Link> | undefined;

  /** Never rejects: a store that fails is an answer to each unit. */
  async function write(units: readonly SealedUnit[]): Promise<Written> {
    try {
      return await withLink(units);
    } catch (error) {
      const fault = asStoreFault(error).message;
      return { answers: units.map(() => ({ ok: false, fault })) };
    }
  }

  async function withLink(units: readonly SealedUnit[]): Promise<Written> {
    const isOld = connected !== undefined;
    const opening = connected ?? open();
    connected = opening;
    let link: Link | undefined;
    try {
      link = await opening;
      return await bounded(link.client, units);
    } catch (error) {
      if (connected === opening) connected = undefined;
      link?.cut();
      // A connection that was lost while nobody wrote: nothing of this batch has been committed.
      if (isOld && error instanceof BeforeCommit && isLost(error.cause)) return withLink(units);
      throw error instanceof BeforeCommit ? error.cause : error;
    }
  }

  async function open(): Promise<Link> {
    const link = await connect(url, bounds, () => undefined, { pipeline: true });
    try {
      await requireDurable(link.client);
      // Every statement here looks rows up by their keys: no plan is worth more than that, whatever the statistics say.
      await link.client.query(
        `SELECT set_config('synchronous_commit', current_setting('synchronous_commit'), false);
         SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
         SET plan_cache_mode = force_generic_plan; SET jit = off`,
      );
      return link;
    } catch (error) {
      link.cut();
      throw error;
    }
  }

  async function bounded(client: Client, units: readonly SealedUnit[]): Promise<Written> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`no answer within ${bounds.batchMs} ms: what was asked may or may not have happened`)),
        bounds.batchMs,
      );
    });
    const work = batch(client, units);
    // Where the bound is passed first, the connection is cut, and what that says is nobody's news any more.
    work.catch(() => undefined);
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async function batch(client: Client, units: readonly SealedUnit[]): Promise<Written> {
    const known = nothingKnown();
    const head = await beforeCommit(takeHead(client, wantedBy(units, byName), known));
    let applied = apply(head, known, units);
    while (applied.missing.length > 0) {
      await beforeCommit(readAll(client, applied.missing, known));
      applied = apply(head, known, units);
    }
    const { answers, effect, tree } = applied;
    const isAnything = effect.entries.length > 0 || effect.rows.length > 0 || effect.counters.length > 0;
    if (!isAnything && effect.purgedTenants.length === 0) {
      await beforeCommit(client.query('ROLLBACK'));
      return { answers };
    }
    const number = head.batch + 1;
    await writeAll(client, effect, { size: tree.size(), edge: tree.nodes(), batch: number, node });
    return { answers, batch: number };
  }

  /** One flight: the lock, and everything that the units name as it stands under the lock. */
  async function takeHead(client: Client, wanted: readonly Wanted[], known: Known): Promise<Head> {
    const [, head] = await Promise.all([
      client.query('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE'),
      client.query({
        name: 'head',
        text: `SELECT size, edge, batch, current_setting('fsync') AS fsync FROM log_head FOR UPDATE`,
      }),
      readAll(client, wanted, known),
    ]);
    const row = head.rows[0] as (Head & { fsync: string }) | undefined;
    if (row === undefined) throw new Error('the head of the log is gone');
    if (row.fsync !== 'on') throw new Error('fsync is off there: set it to on, for what is answered must be durable');
    await readAll(client, explaining(known), known);
    return row;
  }

  function apply({ size, edge }: Head, known: Known, units: readonly SealedUnit[]) {
    const tree = createEdge(size, hashesIn(edge));
    const rows = createBatchRows(known);
    const writer = createWriter(rows, tree, tables);
    const missing = new Map<string, Wanted>();
    const answers = units.map((unit): Answer => {
      try {
        return writer.write(unit);
      } catch (error) {
        if (!(error instanceof NotRead)) throw error;
        missing.set(nameOf(error.wanted), error.wanted);
        return { ok: false, fault: error.message };
      }
    });
    return { answers, missing: [...missing.values()], effect: rows.effect(), tree };
  }

  return {
    write,
    async close(): Promise<void> {
      const closing = connected;
      connected = undefined;
      const [link] = await Promise.allSettled([closing]);
      if (link.status === 'fulfilled') await link.value?.client.end();
    },
  };
}

type Head = { readonly size: number; readonly edge: Uint8Array; readonly batch: number };

/** The entries that explain the governed rows that were read: those that will be changed are looked at in them. */
function explaining(known: Known): Wanted[] {
  return [...known.rows.values()].flatMap(({ name, stored }): Wanted[] => {
    const index = name.of.governed ? stored?.[entryColumn] : null;
    return typeof index === 'number' ? [{ what: 'header', index }] : [];
  });
}

/** Says that whatever failed, nothing can have been committed. */
class BeforeCommit extends Error {}

async function beforeCommit<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new BeforeCommit('before the commit', { cause: error });
  }
}

/** Connection exceptions, and a server that is going down: Appendix A of PostgreSQL's manual, classes 08 and 57. */
function isLost(error: unknown): boolean {
  const code = String((error as { code?: unknown }).code);
  return /^(08|57P0)|^E[A-Z]+$/.test(code) || /connection|Connection/.test(String((error as Error).message));
}
