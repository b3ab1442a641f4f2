import { refuse } from '../errors.ts';
import { collect } from './collect.ts';
import type { Header } from './exchange.ts';
import { OutboundFault } from './fault.ts';
import { canonicalOrigin } from './origin.ts';
import type { Outbound } from './outbound.ts';

export type Fetched = { readonly text: string; readonly mediaType: string | null };

/** The text behind `url`: one GET, no redirect, no credential, at most `bytesMax` bytes of UTF-8. */
export async function fetchText(
  outbound: Outbound,
  url: string,
  options: { readonly tenant: string; readonly bytesMax: number },
): Promise<Fetched> {
  const { origin, path } = partsOf(url);
  const request = { origin, path, method: 'GET', headers: asked, body: null };
  const answer = await collect(outbound, { tenant: options.tenant, credential: null }, request, options.bytesMax).catch(
    (error: unknown) => {
      throw error instanceof OutboundFault ? failed(url, error.message) : error;
    },
  );
  if (answer.status >= 300 && answer.status < 400) {
    throw failed(url, `it redirects (${answer.status}), and redirects are not followed: give the final address`);
  }
  if (answer.status !== 200) throw failed(url, `it answered ${answer.status}`);
  const coding = headerOf(answer.headers, 'content-encoding');
  if (coding !== null && coding.toLowerCase() !== 'identity') throw failed(url, `it answered in ${coding}, unasked`);
  return { text: decode(url, answer.body), mediaType: headerOf(answer.headers, 'content-type') };
}

const asked = [
  ['accept', '*/*'],
  ['accept-encoding', 'identity'],
] as const;

function partsOf(text: string): { origin: string; path: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const origin = url === undefined ? undefined : canonicalOrigin(url.origin);
  if (url === undefined || origin === undefined) throw failed(text, 'it is not an http(s) address');
  if (url.username !== '' || url.password !== '') throw failed(origin, 'an address may not carry a user or password');
  return { origin, path: url.pathname + url.search };
}

function decode(url: string, body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (error) {
    throw failed(url, `it is not UTF-8 text (${error instanceof Error ? error.message : 'unreadable'})`);
  }
}

function headerOf(headers: readonly Header[], name: string): string | null {
  return headers.find((header) => header[0].toLowerCase() === name)?.[1] ?? null;
}

const failed = (what: string, because: string) =>
  refuse('outbound.refused', `${what}: ${because}`, `${what} could not be fetched: ${because}.`);
