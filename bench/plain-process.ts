/** Node and undici forwarding as plainly as they can over TLS that asks for a certificate: nothing is checked. */
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { answerAsks } from './parts/answering.ts';

answerAsks({
  async start({ upstream, tls }: { readonly upstream: string; readonly tls: ServerOptions }) {
    const pool = new Pool(upstream, { connections: 64 });
    const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      const { method = 'GET', url: path = '/' } = request;
      pool.dispatch(
        { method: method as 'GET', path, headers: { accept: request.headers.accept ?? '*/*' } },
        {
          onRequestStart: () => undefined,
          onResponseStart: (_controller, status, headers) => void response.writeHead(status, headers),
          onResponseData: (_controller, chunk) => void response.write(chunk),
          onResponseEnd: () => void response.end(),
          onResponseError: (_controller, error) => void response.writeHead(502).end(error.message),
        },
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  },
});
