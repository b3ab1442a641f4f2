import { lookup as lookupName } from 'node:dns/promises';
import { isIP, type LookupFunction, connect as netConnect, type Socket } from 'node:net';
import { getCACertificates, connect as tlsConnect } from 'node:tls';
import { type AddressRules, isLoopback, judgeAddress } from './address-rules.ts';
import { OutboundFault } from './fault.ts';
import { isOwnAddress, isOwnOrigin } from './own-addresses.ts';
import type { ClientIdentity } from './pools.ts';

/** Every address a name stands for just now. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

export const systemResolve: Resolve = async (hostname) => {
  const found = await lookupName(hostname, { all: true });
  return found.map((each) => each.address);
};

export type ConnectRules = {
  readonly addresses: AddressRules;
  readonly plainHttpOrigins: ReadonlySet<string>;
  readonly ownAddresses: () => readonly string[];
  readonly resolve: Resolve;
  readonly connectTimeoutMs: number;
  /** PEM certificates trusted besides the well-known ones. */
  readonly extraCertificates: readonly string[];
};

/** A connected socket to an address that the rules allow, or an `OutboundFault`; nothing was sent either way. */
export async function connectTo(
  rules: ConnectRules,
  origin: string,
  identity: ClientIdentity | null = null,
): Promise<Socket> {
  const url = new URL(origin);
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  if (isOwnOrigin(rules.ownAddresses(), origin)) throw refused(`${origin} is this plane itself`);
  const deadline = AbortSignal.timeout(rules.connectTimeoutMs);
  const addresses = await within(deadline, addressesOf(rules, hostname), `looking up ${hostname}`);
  for (const address of addresses) judge(rules, url, address, port);
  // Whoever reads along would see who it is, and the other end could not have asked for it.
  if (identity !== null && url.protocol !== 'https:') throw refused(`${origin} takes no certificate: it is not https`);
  const socket = open(rules, url, hostname, port, addresses, identity);
  // Whoever uses the socket hears its errors; one that comes while it changes hands must not end the process.
  socket.on('error', () => undefined);
  try {
    await within(deadline, connected(socket, url.protocol), `connecting to ${origin}`);
    // What counts is the address at the other end, whatever was looked up before.
    judge(rules, url, socket.remoteAddress ?? 'an unknown address', port);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return socket;
}

/** A host that the operator named in a setting, such as the mail server. No tenant names one. */
export type NamedHost = { readonly hostname: string; readonly port: number };

/**
 * A socket to a host that the operator named, which is leave to reach it inside, too; never this plane itself, nor where
 * credentials of the machine are handed out. Whoever speaks over it brings its own TLS.
 */
export async function connectToNamed(rules: ConnectRules, { hostname, port }: NamedHost): Promise<Socket> {
  const named = `${hostname}:${port}`;
  const allowed = { ...rules.addresses, origins: new Set([named]) };
  const judgeIt = (address: string) => {
    if (isOwnAddress(rules.ownAddresses(), address, port)) throw refused(`${address}:${port} is this plane itself`);
    const reason = judgeAddress(allowed, named, address);
    if (reason !== null) throw refused(reason);
  };
  const deadline = AbortSignal.timeout(rules.connectTimeoutMs);
  const addresses = await within(deadline, addressesOf(rules, hostname), `looking up ${hostname}`);
  for (const address of addresses) judgeIt(address);
  const where = { host: hostname, port, lookup: lookupAmong(addresses), autoSelectFamily: addresses.length > 1 };
  const socket = netConnect(where).setNoDelay(true);
  socket.on('error', () => undefined);
  try {
    await within(deadline, connected(socket, 'tcp:'), `connecting to ${named}`);
    judgeIt(socket.remoteAddress ?? 'an unknown address');
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return socket;
}

async function addressesOf(rules: ConnectRules, hostname: string): Promise<readonly string[]> {
  if (isIP(hostname) !== 0) return [hostname];
  const found = await rules.resolve(hostname).catch((error: unknown) => {
    throw unreachable(`${hostname} could not be looked up`, error);
  });
  if (found.length === 0) throw unreachable(`${hostname} has no address`);
  return found;
}

// One bad address refuses the name: a name that answers with public and private addresses at once is being rebound.
function judge(rules: ConnectRules, url: URL, address: string, port: number): void {
  if (isOwnAddress(rules.ownAddresses(), address, port)) throw refused(`${address}:${port} is this plane itself`);
  const reason = judgeAddress(rules.addresses, url.origin, address);
  if (reason !== null) throw refused(reason);
  if (url.protocol === 'http:' && !isLoopback(address) && !rules.plainHttpOrigins.has(url.origin)) {
    throw refused(`${url.origin} is plain HTTP off loopback, and the operator did not allow that for it`);
  }
}

function open(
  rules: ConnectRules,
  url: URL,
  host: string,
  port: number,
  addresses: readonly string[],
  identity: ClientIdentity | null,
): Socket {
  const where = { host, port, lookup: lookupAmong(addresses), autoSelectFamily: addresses.length > 1 };
  if (url.protocol === 'http:') return netConnect(where).setNoDelay(true);
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const ca =
    rules.extraCertificates.length === 0 ? {} : { ca: [...getCACertificates('default'), ...rules.extraCertificates] };
  // Said outright, since an environment variable of Node could turn it off.
  const verified = { rejectUnauthorized: true } as const;
  // No session cache: a resumed session would tie one tenant's connection to another's.
  return tlsConnect({
    ...where,
    ...servername,
    ...ca,
    ...verified,
    ...(identity === null ? {} : { cert: identity.pem.unwrap(), key: identity.pem.unwrap() }),
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
  }).setNoDelay(true);
}

/** Answers a look-up with the judged addresses and nothing else, so that the name cannot change its mind in between. */
function lookupAmong(addresses: readonly string[]): LookupFunction {
  return (_hostname, options, callback) => {
    const all = addresses.map((address) => ({ address, family: isIP(address) }));
    const first = all[0]!;
    if (options.all === true) callback(null, all);
    else callback(null, first.address, first.family);
  };
}

function connected(socket: Socket, protocol: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(unreachable(error.message || 'the connection was refused', error));
    socket.once('error', fail);
    socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      socket.off('error', fail);
      resolve();
    });
  });
}

function within<T>(deadline: AbortSignal, work: Promise<T>, doing: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new OutboundFault('timeout', `${doing} took too long`, false));
    if (deadline.aborted) late();
    deadline.addEventListener('abort', late, { once: true });
    work.then(resolve, reject).finally(() => deadline.removeEventListener('abort', late));
  });
}

const refused = (because: string) => new OutboundFault('refused', because, false);

function unreachable(because: string, cause?: unknown): OutboundFault {
  return new OutboundFault('unreachable', because, false, { cause });
}
