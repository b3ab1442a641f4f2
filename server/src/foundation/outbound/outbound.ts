import type { Socket } from 'node:net';
import { readAddressRules } from './address-rules.ts';
import { type ConnectRules, connectToNamed, type NamedHost, type Resolve, systemResolve } from './connect.ts';
import { type Exchange, exchange, type OutboundRequest, type Receiver, type Timeouts } from './exchange.ts';
import { OutboundFault } from './fault.ts';
import { type Fetched, fetchText } from './fetch-text.ts';
import { canonicalOrigin } from './origin.ts';
import { createPools, type PoolKey } from './pools.ts';

export type { Exchange, Header, OutboundRequest, Receiver } from './exchange.ts';

export type OutboundSettings = {
  /** CIDR ranges and origins outside the public internet that the operator allows, e.g. `http://127.0.0.1:8080`. */
  readonly allowPrivate: readonly string[];
  /** The plane's own listeners as `address:port`, and the origins by which it is known. Never reached from here. */
  readonly ownAddresses: () => readonly string[];
  /** Origins off loopback that may be reached without TLS. */
  readonly unsafelyAllowPlainHttp?: readonly string[];
  readonly extraCertificates?: readonly string[];
  readonly resolve?: Resolve;
  readonly timeouts?: Partial<Timeouts>;
  /** Connections of one tenant and credential to one origin. */
  readonly socketsMax?: number;
  readonly poolsMax?: number;
  /** Requests of one pool that may wait for a connection. */
  readonly waitingMax?: number;
  readonly socketIdleMs?: number;
};

export type Outbound = {
  /** Sends one request, at most once, and tells `receiver` what comes of it. Never throws. */
  request(key: PoolKey, request: OutboundRequest, receiver: Receiver): Exchange;
  /** A small text, e.g. an API description. Throws the refusal `outbound.refused`, whatever went wrong. */
  fetchText(url: string, options: { readonly tenant: string; readonly bytesMax: number }): Promise<Fetched>;
  /** A socket to a host that the operator named in a setting. Throws an `OutboundFault`; nothing was sent then. */
  connect(to: NamedHost): Promise<Socket>;
  close(): Promise<void>;
};

const timeoutsByDefault: Timeouts = { waitMs: 10_000, headersMs: 30_000, idleMs: 30_000, wholeMs: 300_000 };

export function createOutbound(settings: OutboundSettings): Outbound {
  const rules = connectRules(settings);
  const pools = createPools({
    rules,
    socketsMax: settings.socketsMax ?? 64,
    poolsMax: settings.poolsMax ?? 1_000,
    socketIdleMs: settings.socketIdleMs ?? 30_000,
    headerBytesMax: 32 * 1024,
  });
  const waitingMax = settings.waitingMax ?? 1_000;

  const outbound: Outbound = {
    request(key, request, receiver) {
      const timeouts = { ...timeoutsByDefault, ...settings.timeouts, ...request.timeouts };
      const problem = requestProblem(request);
      if (problem !== null) return never(new OutboundFault('refused', problem, false), receiver);
      const pool = pools.poolFor(key, request.origin);
      if (pool === undefined || pool.stats.size - pool.stats.running >= waitingMax) {
        return never(new OutboundFault('busy', `too many requests wait for ${request.origin}`, false), receiver);
      }
      return exchange(pool, request, timeouts, receiver);
    },
    fetchText: (url, options) => fetchText(outbound, url, options),
    connect: (to) => connectToNamed(rules, to),
    close: () => pools.close(),
  };
  return outbound;
}

function connectRules(settings: OutboundSettings): ConnectRules {
  return {
    addresses: readAddressRules(settings.allowPrivate),
    plainHttpOrigins: new Set((settings.unsafelyAllowPlainHttp ?? []).map(originOrThrow)),
    ownAddresses: settings.ownAddresses,
    resolve: settings.resolve ?? systemResolve,
    connectTimeoutMs: settings.timeouts?.waitMs ?? timeoutsByDefault.waitMs,
    extraCertificates: settings.extraCertificates ?? [],
  };
}

function originOrThrow(text: string): string {
  const origin = canonicalOrigin(text);
  if (origin === undefined) throw new Error(`"${text}" is not an origin like http://orders.internal:8080`);
  return origin;
}

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY']);

// Most requests go to the same few places.
const originsKeptMax = 1000;
const canonicalOrigins = new Set<string>();

function isCanonical(origin: string): boolean {
  if (canonicalOrigins.has(origin)) return true;
  if (canonicalOrigin(origin) !== origin) return false;
  if (canonicalOrigins.size >= originsKeptMax) canonicalOrigins.clear();
  canonicalOrigins.add(origin);
  return true;
}

/** Null where the request can only be read in one way. CONNECT and TRACE do not exist here. */
function requestProblem(request: OutboundRequest): string | null {
  if (!isCanonical(request.origin)) return `"${request.origin}" is not an origin`;
  if (!methods.has(request.method)) return `the method ${JSON.stringify(request.method)} does not leave this plane`;
  if (!/^\/[\x21-\x7e]*$/.test(request.path) || request.path.includes('#')) return 'the path is not plain ASCII';
  for (const [name, value] of request.headers) {
    if (!/^[!#$%&'*+.^_`|~0-9a-zA-Z-]+$/.test(name)) return 'a header name is not a token (RFC 9110 §5.1)';
    if (!/^[\x20-\x7e\t]*$/.test(value)) return `the header ${name} holds more than visible ASCII`;
  }
  return null;
}

function never(fault: OutboundFault, receiver: Receiver): Exchange {
  queueMicrotask(() => receiver.broke(fault));
  return { cut: () => undefined, pause: () => undefined, resume: () => undefined };
}
