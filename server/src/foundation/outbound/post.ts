import { collect } from './collect.ts';
import type { Header } from './exchange.ts';
import { OutboundFault } from './fault.ts';
import { canonicalOrigin } from './origin.ts';
import type { Outbound } from './outbound.ts';
import type { PoolKey } from './pools.ts';

/** Where somebody else wants to hear from us. */
export type Endpoint = { readonly origin: string; readonly path: string };

export type Posted =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly text: string;
      /** RFC 9110 §10.2.3: how long it asks to be left alone, as seconds; null where it does not say so in seconds. */
      readonly retryAfterSeconds: number | null;
    }
  /** `forbidden`: this plane may not reach that address at all. */
  | { readonly kind: 'failed'; readonly forbidden: boolean; readonly because: string };

const answerBytesMax = 4_194_304;

/** An answer without an end would hold up what is told next, and a stop of the plane. */
const wholeMsMax = 60_000;

/** One POST through the one door out: no redirect is followed, and an address inside is reached only where the operator allows it. */
export async function post(
  outbound: Pick<Outbound, 'request'>,
  key: PoolKey,
  { origin, path }: Endpoint,
  headers: readonly Header[],
  text: string,
  wholeMs = wholeMsMax,
): Promise<Posted> {
  const request = {
    origin,
    method: 'POST',
    path,
    headers: [...headers, ['accept-encoding', 'identity'] as const],
    body: Buffer.from(text),
    timeouts: { wholeMs },
  };
  try {
    const { status, headers, body } = await collect(outbound, key, request, answerBytesMax);
    return { kind: 'answered', status, text: body.toString('utf8'), retryAfterSeconds: retryAfterOf(headers) };
  } catch (error) {
    if (!(error instanceof OutboundFault)) throw error;
    return { kind: 'failed', forbidden: error.kind === 'refused', because: error.message };
  }
}

/** A date is another clock's word, and is not believed. */
function retryAfterOf(headers: readonly Header[]): number | null {
  const said = headers.find(([name]) => name.toLowerCase() === 'retry-after')?.[1] ?? '';
  return /^\d{1,9}$/.test(said) ? Number(said) : null;
}

/** An address of somebody else's endpoint that can be read in one way only, or why it cannot. Whether it may be reached is judged when it is. */
export function readEndpoint(text: string): Endpoint | string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const origin = url === undefined ? undefined : canonicalOrigin(url.origin);
  if (url === undefined || origin === undefined) return `${text} is no http(s) address`;
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    return 'it carries a user, a password or a fragment';
  return { origin, path: url.pathname + url.search };
}
