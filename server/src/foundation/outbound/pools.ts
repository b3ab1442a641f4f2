import { type Client, Pool } from 'undici';
import type { Secret } from '../secret.ts';
import { type ConnectRules, connectTo } from './connect.ts';
import { Line } from './line.ts';

/**
 * Whose connection it is. INVARIANT (desynced-socket): no connection serves two tenants or two credentials, nor two agents
 * where the credential names the one that calls.
 */
export type PoolKey = {
  readonly tenant: string;
  readonly credential: string | null;
  /** The agent that the credential names; none unless given. */
  readonly speaksFor?: string | null;
  /** What connections show of themselves where the other end asks (RFC 8446 §4.3.2); none unless given. */
  readonly identity?: ClientIdentity | null;
};

/** A certificate with its key, for a connection to somebody who asks for one. */
export type ClientIdentity = {
  /** Changes when the certificate does: connections of another version are others. */
  readonly version: string;
  /** Certificates, the own one first, and the private key, in PEM form. */
  readonly pem: Secret;
};

export type PoolSettings = {
  readonly rules: ConnectRules;
  readonly socketsMax: number;
  readonly poolsMax: number;
  readonly socketIdleMs: number;
  readonly headerBytesMax: number;
};

export type Pools = {
  /** Undefined where `poolsMax` pools are all at work. */
  poolFor(key: PoolKey, origin: string): Pool | undefined;
  close(): Promise<void>;
};

export function createPools(settings: PoolSettings): Pools {
  // In order of last use: the first idle one makes room.
  const pools = new Map<string, Pool>();

  function makeRoom(): boolean {
    if (pools.size < settings.poolsMax) return true;
    for (const [name, pool] of pools) {
      if (pool.stats.size > 0) continue;
      pools.delete(name);
      pool.destroy().catch(() => undefined);
      return true;
    }
    return false;
  }

  return {
    poolFor(key, origin) {
      const { tenant, credential, speaksFor = null, identity = null } = key;
      const name = JSON.stringify([tenant, credential, speaksFor, identity?.version ?? null, origin]);
      const known = pools.get(name);
      if (known === undefined && !makeRoom()) return undefined;
      const pool = known ?? openPool(settings, origin, identity);
      pools.delete(name);
      pools.set(name, pool);
      return pool;
    },
    async close() {
      const all = [...pools.values()];
      pools.clear();
      await Promise.all(all.map((pool) => pool.destroy()));
    },
  };
}

function openPool(settings: PoolSettings, origin: string, identity: ClientIdentity | null): Pool {
  return new Pool(origin, {
    connections: settings.socketsMax,
    pipelining: 1,
    allowH2: false,
    // Our own timers say precisely what was late, and whether anything had been sent.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: settings.socketIdleMs,
    keepAliveMaxTimeout: settings.socketIdleMs,
    maxHeaderSize: settings.headerBytesMax,
    strictContentLength: true,
    factory: (url, options: Client.Options) =>
      new Line(url, options, () => connectTo(settings.rules, origin, identity)),
  });
}
