import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Refusal, refuse } from '../errors.ts';
import { framingDoubt } from './framing.ts';
import { tlsPeerOf } from './peer-certificate.ts';
import { problem } from './problem.ts';
import type { RawRequest } from './route.ts';
import type { Tls } from './tls.ts';

/** Writes the entry of a request that nobody could read, and answers what its sender hears. */
type Recorder = (
  refusal: Refusal,
  request: RawRequest,
) => Promise<{ readonly heard: Refusal; readonly entry: string | undefined }>;

export type StrictServer = {
  readonly server: Server;
  /** Takes what Node's parser found to be no request, or was too slow to become one. */
  readonly unreadable: (error: Error, socket: Socket) => void;
};

export type ServerLimits = ServerOptions & {
  /** How long a caller may leave an answer unread, or a connection unused. */
  readonly idleMsMax: number;
};

/**
 * An HTTP server of which every request has one framing. INVARIANT (smuggled-request): where one has none, or two, it
 * is refused and recorded, and nothing else on its connection is believed.
 */
export function createStrictServer(
  { idleMsMax, ...limits }: ServerLimits,
  listener: RequestListener,
  record: Recorder,
  tls?: Tls,
): StrictServer {
  const answering = new WeakMap<Duplex, number>();
  const doubted = new WeakSet<Duplex>();

  /** The last word on a connection; no word at all where an answer to an earlier request is on its way. */
  async function end(socket: Duplex, refusal: Refusal, raw: RawRequest): Promise<void> {
    doubted.add(socket);
    if ((answering.get(socket) ?? 0) > 0) socket.destroy();
    const told = await record(refusal, raw);
    if (socket.writable) socket.end(responseOf(told), () => socket.destroy());
  }

  const strict: RequestListener = (request, response) => {
    const { socket } = request;
    if (doubted.has(socket)) return void socket.destroy();
    const doubt = framingDoubt(request);
    if (doubt !== null) return void end(socket, malformed(doubt), rawOf(request));
    answering.set(socket, (answering.get(socket) ?? 0) + 1);
    response.once('close', () => answering.set(socket, (answering.get(socket) ?? 1) - 1));
    listener(request, response);
  };

  const all = { ...limits, keepAliveTimeout: idleMsMax, requireHostHeader: false };
  const server = tls === undefined ? createServer(all, strict) : tls.createServer(all, strict);
  // Whoever waits for an upstream or a person is quiet too: only what is unread, or asks for nothing, is let go.
  server.setTimeout(idleMsMax, (socket) => {
    if (socket.writableLength > 0 || (answering.get(socket) ?? 0) === 0) socket.destroy();
  });
  server.on('drop', (data) => {
    void record(tooManyConnections, { ...nothing, remoteAddress: data?.remoteAddress ?? '' });
  });
  // Node leaves out what is beyond this number; the bytes of all of them have their own maximum.
  server.maxHeadersCount = 0;
  server.on('checkExpectation', strict);
  server.on('connect', (request, socket) => {
    void end(socket, refuse('gateway.upgrade_refused', 'CONNECT'), rawOf(request));
  });
  return {
    server,
    unreadable(error, socket) {
      // Whoever hung up has asked for nothing.
      if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') return void socket.destroy();
      const raw = { ...nothing, remoteAddress: socket.remoteAddress ?? '', tls: tlsPeerOf(socket) };
      // Whoever did not come through the handshake could not read an answer.
      if (tls !== undefined && raw.tls === null) {
        socket.destroy();
        return void record(refuse('connection.no_tls', codeOf(error)), raw);
      }
      if (socket.destroyed) return;
      void end(socket, refusalOf(error), raw);
    },
  };
}

const tooManyConnections = refuse('plane.too_many_connections', 'a connection was closed before it asked for anything');

const nothing: RawRequest = {
  method: '',
  url: '(unreadable)',
  headers: {},
  rawHeaders: [],
  body: new Uint8Array(0),
  remoteAddress: '',
  tls: null,
};

const rawOf = ({ method = '', url = '', headers, rawHeaders, socket }: IncomingMessage): RawRequest => ({
  ...nothing,
  method,
  url,
  headers,
  rawHeaders,
  remoteAddress: socket.remoteAddress ?? '',
  tls: tlsPeerOf(socket),
});

const malformed = (because: string) =>
  refuse('request.malformed', because, 'Frame the request in one way only (RFC 9112), on a new connection.');

const tooLong: ReadonlySet<string> = new Set(['HPE_HEADER_OVERFLOW', 'HPE_CHUNK_EXTENSIONS_OVERFLOW']);

const codeOf = (error: NodeJS.ErrnoException): string => error.code ?? error.message.slice(0, 200);

function refusalOf(error: NodeJS.ErrnoException): Refusal {
  const { code = 'an error without a code', message } = error;
  if (tooLong.has(code)) return refuse('request.too_large', code, 'Send shorter lines and fewer headers.');
  return malformed(`${code}: ${message}`.slice(0, 200));
}

function responseOf({ heard, entry }: Awaited<ReturnType<Recorder>>): string {
  const { status, text } = problem(heard, entry);
  const content = String(text?.content ?? '');
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${text?.type}`,
    `content-length: ${Buffer.byteLength(content)}`,
    'cache-control: no-store',
    'connection: close',
    ...(entry === undefined ? [] : [`ambit-entry: ${entry}`]),
  ];
  return `${head.join('\r\n')}\r\n\r\n${content}`;
}
