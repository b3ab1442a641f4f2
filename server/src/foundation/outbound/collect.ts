import type { Header, OutboundRequest } from './exchange.ts';
import type { Outbound } from './outbound.ts';
import type { PoolKey } from './pools.ts';

export type Collected = { readonly status: number; readonly headers: readonly Header[]; readonly body: Buffer };

/** One request and its whole answer, at most `bytesMax` bytes of it. Rejects with the `OutboundFault` that ended it. */
export function collect(
  outbound: Pick<Outbound, 'request'>,
  key: PoolKey,
  request: OutboundRequest,
  bytesMax: number,
): Promise<Collected> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    let head: Omit<Collected, 'body'> = { status: 0, headers: [] };
    const running = outbound.request(key, request, {
      answered(status, headers) {
        head = { status, headers };
      },
      data(chunk) {
        bytes += chunk.length;
        if (bytes > bytesMax) running.cut(`it is larger than ${bytesMax} bytes`);
        else chunks.push(chunk);
      },
      ended: () => resolve({ ...head, body: Buffer.concat(chunks) }),
      broke: reject,
    });
  });
}
