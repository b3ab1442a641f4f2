import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Header, Outbound } from '../../server/src/foundation/index.ts';

export type Where = { readonly tenant: string; readonly upstream: string; readonly path: string };

/** Sends the request on by the plane's own way out, and its answer back as it comes. */
export function forwardBarely(
  outbound: Outbound,
  { tenant, upstream, path }: Where,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const method = request.method ?? 'GET';
  const { accept, 'content-type': type } = request.headers;
  const headers: Header[] = [];
  if (accept !== undefined) headers.push(['accept', accept]);
  if (type !== undefined) headers.push(['content-type', type]);
  const send = (body: Uint8Array | null) => {
    const running = outbound.request(
      { tenant, credential: null },
      { origin: upstream, method, path, headers, body },
      {
        answered: (status, answered) => void response.writeHead(status, answered.flat()),
        data: (chunk) => {
          if (response.write(chunk)) return;
          running.pause();
          response.once('drain', () => running.resume());
        },
        ended: () => void response.end(),
        broke: (fault) => void (response.headersSent ? response.destroy() : response.writeHead(502).end(fault.message)),
      },
    );
  };
  if (method === 'GET') {
    send(null);
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => send(Buffer.concat(chunks)));
}
