/** A door that says yes to everything, as fast as Node can say it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerAsks } from './parts/answering.ts';

const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-length': '0' });
  response.end();
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
answerAsks({ port: () => (server.address() as AddressInfo).port });
