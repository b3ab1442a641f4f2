import type { Header } from './exchange.ts';
import { canonicalOrigin } from './origin.ts';
import type { Outbound } from './outbound.ts';
import type { PoolKey } from './pools.ts';

/** Where somebody else wants to hear from us. */
export type Endpoint = { readonly origin: string; readonly path: string };

export type Posted =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string }
  /** `forbidden`: this plane may not reach that address at all. */
  | { readonly kind: 'failed'; readonly forbidden: boolean; readonly because: string };

const answerBytesMax = 4_194_304;

/** One POST through the one door out: no redirect is followed, and an address inside is reached only where the operator allows it. */
export function post(
  outbound: Outbound,
  key: PoolKey,
  { origin, path }: Endpoint,
  headers: readonly Header[],
  body: string,
): Promise<Posted> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let [bytes, status] = [0, 0];
    const request = {
      origin,
      method: 'POST',
      path,
      headers: [...headers, ['accept-encoding', 'identity']] as Header[],
      body: Buffer.from(body),
    };
    const running = outbound.request(key, request, {
      answered: (code) => {
        status = code;
      },
      data(chunk) {
        bytes += chunk.length;
        if (bytes > answerBytesMax) running.cut(`the answer has more than ${answerBytesMax} bytes`);
        else chunks.push(chunk);
      },
      ended: () => resolve({ kind: 'answered', status, text: Buffer.concat(chunks).toString('utf8') }),
      broke: ({ kind, message }) => resolve({ kind: 'failed', forbidden: kind === 'refused', because: message }),
    });
  });
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
