import { Socket } from 'node:net';
import { Client, type ClientConfig, Pool, TypeOverrides, types } from 'pg';
import { StoreFault } from '../errors.ts';

/** How long the parts of one change may take, in milliseconds. */
export type Bounds = {
  readonly connectMs: number;
  /** Waiting for the head of the log, which one writer holds at a time. */
  readonly lockMs: number;
  readonly statementMs: number;
  /** A writer that says nothing for so long while it holds the head loses it, and can commit nothing later. */
  readonly silentMs: number;
  /** From taking the head to the answer of the commit; after that the outcome is unknown. */
  readonly batchMs: number;
};

export const usualBounds: Bounds = { connectMs: 2000, lockMs: 4000, statementMs: 4000, silentMs: 2000, batchMs: 8000 };

// bigint is text for the driver; every integer that a row may hold is a safe one, and the writer sees to that.
const numbers = new TypeOverrides(types);
numbers.setTypeParser(types.builtins.INT8, Number);

function configOf(url: string, { connectMs, lockMs, statementMs, silentMs }: Bounds): ClientConfig {
  return {
    connectionString: url,
    types: numbers,
    connectionTimeoutMillis: connectMs,
    lock_timeout: lockMs,
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: silentMs,
    keepAlive: true,
  };
}

/** A connection, and how to cut it at once, whatever it is waiting for. */
export type Link = { readonly client: Client; cut(): void };

/** Connects, or throws what the server said. When the connection fails later, `lost` is called, once. */
export async function connect(
  url: string,
  bounds: Bounds,
  lost: (error: Error) => void,
  more: ClientConfig = {},
): Promise<Link> {
  const socket = new Socket();
  const client = new Client({ ...configOf(url, bounds), ...more, stream: () => socket });
  // Until it stands, the failure of a connection is what connecting rejects with.
  let stands = false;
  const lose = (error: Error) => {
    if (stands) lost(error);
    stands = false;
  };
  client.on('error', lose);
  client.on('end', () => lose(new Error('the connection to the store has ended')));
  try {
    await client.connect();
    stands = true;
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return { client, cut: () => void socket.destroy() };
}

export function openPool(url: string, bounds: Bounds, max: number): Pool {
  const pool = new Pool({ ...configOf(url, bounds), max, idleTimeoutMillis: 30_000, query_timeout: bounds.batchMs });
  // A connection that ends while nobody uses it is replaced by the next read, which says so if it cannot be.
  pool.on('error', () => undefined);
  return pool;
}

/** For one task at start: what fails is told as it is. */
export async function withClient<T>(url: string, bounds: Bounds, run: (client: Client) => Promise<T>): Promise<T> {
  let link: Link | undefined;
  try {
    link = await connect(url, bounds, () => undefined);
    return await run(link.client);
  } catch (error) {
    throw asStoreFault(error);
  } finally {
    await link?.client.end();
  }
}

export function asStoreFault(error: unknown): StoreFault {
  if (error instanceof StoreFault) return error;
  const said = error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : messageOf(error);
  return new StoreFault(`the database: ${said}`, { cause: error });
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Appendix A of PostgreSQL's manual.
  const { code } = error as { code?: string };
  if (code === '55P03') return 'another node held the head of the log for too long';
  return error.message || (code ?? error.name);
}

type Promises = {
  readonly version: number;
  readonly encoding: string;
  readonly standby: boolean;
  readonly synchronous: string;
  readonly fsync: string;
  readonly pages: string;
};

/** THREATS: between-nodes. What was answered for must survive the server's machine: a server that does not promise it is refused. */
export async function requireDurable(client: Pick<Client, 'query'>): Promise<void> {
  const { rows } = await client.query(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding,
       pg_is_in_recovery() AS standby, current_setting('synchronous_commit') AS synchronous,
       current_setting('fsync') AS fsync, current_setting('full_page_writes') AS pages`,
  );
  const found = rows[0] as Promises;
  const why = whyNotDurable(found);
  if (why !== undefined) throw new StoreFault(why);
}

export function whyNotDurable({ version, encoding, standby, synchronous, fsync, pages }: Promises): string | undefined {
  if (version < 130_000) return 'the database server is older than PostgreSQL 13';
  if (encoding !== 'UTF8') return `the database keeps text as ${encoding}: make one with ENCODING 'UTF8'`;
  if (standby) return 'the database server is a standby, which takes no changes: name the primary';
  if (synchronous === 'off')
    return 'synchronous_commit is off there: set it to on, for what is answered must be durable';
  if (fsync !== 'on') return 'fsync is off there: set it to on, for what is answered must be durable';
  if (pages !== 'on') return 'full_page_writes is off there: set it to on, for a crash would tear pages of the log';
  return undefined;
}
