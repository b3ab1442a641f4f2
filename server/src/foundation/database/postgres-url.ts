import { isIP } from 'node:net';

/** What may stand behind the `?` of a store's URL: nothing there can lead to another host than the one that is checked. */
const parameters = new Set(['host', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'options', 'application_name']);

/**
 * A PostgreSQL URL that can be used, or in one sentence why not. It is never repeated: it may hold a password.
 * THREATS: between-nodes. Off loopback whoever is in between could read and change what goes to the store.
 */
export function whyNotPostgresUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return 'expected a URL like postgres://ambit@127.0.0.1/ambit';
  const url = new URL(text);
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:')
    return 'expected a URL that begins with postgres://';
  if (url.pathname.length < 2) return 'the URL names no database';
  const unknown = [...url.searchParams.keys()].filter((name) => !parameters.has(name));
  if (unknown.length > 0)
    return `the URL has the parameter ${unknown.join(', ')}, which is not one of: ${[...parameters].join(', ')}`;
  const socket = url.searchParams.get('host');
  if (socket !== null) {
    return url.hostname === '' && socket.startsWith('/')
      ? undefined
      : 'host= is for the folder of a local socket, without another host';
  }
  if (url.hostname === '') return 'the URL names no host';
  if (isLoopback(url.hostname) || url.searchParams.get('sslmode') === 'verify-full') return undefined;
  return `the host ${url.hostname} is not this machine: add sslmode=verify-full (and sslrootcert= where its authority is your own)`;
}

function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 4 ? host.startsWith('127.') : host === '::1' || host === 'localhost';
}
