import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';
import { canonicalOrigin } from './origin.ts';

/**
 * Whether `address:port` is one of the plane's own listeners, given as `host:port` with an address as host. A wildcard
 * listener answers on every address of this machine, so each of those is its own.
 */
export function isOwnAddress(own: readonly string[], address: string, port: number): boolean {
  const wanted = plain(address);
  return own.some((text) => {
    const listener = readListener(text);
    if (listener === undefined || listener.port !== port) return false;
    return listener.host === wanted || (wildcards.has(listener.host) && isOfThisMachine(wanted));
  });
}

/** Whether `origin` is one by which the plane itself is reached, e.g. the public name of its gateway. */
export function isOwnOrigin(own: readonly string[], origin: string): boolean {
  return own.some((text) => canonicalOrigin(text) === origin);
}

const wildcards: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

function readListener(text: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(text);
  if (match?.[1] === undefined || !ipaddr.isValid(match[1])) return undefined;
  return { host: plain(match[1]), port: Number(match[2]) };
}

function plain(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : address;
}

function isOfThisMachine(address: string): boolean {
  if (ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback') return true;
  return Object.values(networkInterfaces()).some((list) => list?.some((each) => plain(each.address) === address));
}
