import { collect } from './collect.ts';
import { canonicalOrigin } from './origin.ts';
import type { Outbound } from './outbound.ts';
import type { PoolKey } from './pools.ts';

/** What libraries that bring requests of their own hand to a `fetch`: whole bodies only. */
export type FetchInit = {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/**
 * A `fetch` for such a library, out of the one door. INVARIANT (inside-out): its connections are judged like all others,
 * redirects are answers and never followed, and an answer has a greatest size. Rejects with an `OutboundFault`.
 */
export const fetchThrough =
  (outbound: Pick<Outbound, 'request'>, key: PoolKey, bytesMax: number) =>
  async (address: string, { method, headers, body }: FetchInit): Promise<Response> => {
    const url = new URL(address);
    const request = {
      origin: canonicalOrigin(url.origin) ?? url.origin,
      path: url.pathname + url.search,
      method,
      headers: [...Object.entries(headers), ['accept-encoding', 'identity'] as const],
      body: bytesOf(body),
    };
    const answer = await collect(outbound, key, request, bytesMax);
    const isBodiless = answer.status === 204 || answer.status === 304;
    return new Response(isBodiless ? null : new Uint8Array(answer.body), {
      status: answer.status,
      headers: answer.headers.map(([name, value]) => [name, value] as [string, string]),
    });
  };

function bytesOf(body: unknown): Uint8Array | null {
  if (body === undefined || body === null) return null;
  if (typeof body === 'string' || body instanceof URLSearchParams) return Buffer.from(`${body}`);
  if (body instanceof Uint8Array) return body;
  throw new TypeError('a body goes out whole, as text or bytes');
}
