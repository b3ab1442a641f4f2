import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { type JsonValue, parse, parseJson, plainJson } from '@ambit/protocol';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { asRefusal, type Refusal, refuse } from '../errors.ts';
import { bytesAwaited, createHeldBytes, type HeldBytes, heldBytesMax } from './held-bytes.ts';
import type { Load } from './load.ts';
import { tlsPeerOf } from './peer-certificate.ts';
import { oauthError, problem, secEventError } from './problem.ts';
import type { Caller, RawRequest, Reply, Route, WhoMay } from './route.ts';
import { createStrictServer, type StrictServer } from './strict-server.ts';
import type { Tls } from './tls.ts';

export type ApiOptions = {
  readonly routes: readonly Route[];
  /** Proves who calls, or refuses. */
  readonly authenticate: (who: WhoMay, request: RawRequest) => Promise<Caller>;
  /** Writes the entry that a refused request leaves; answers its id. `caller` is null where nobody is known. */
  readonly record: (refusal: Refusal, request: RawRequest, caller: Caller | null) => Promise<string | undefined>;
  readonly bodyBytesMax?: number;
  /** What the bodies of all requests together may take, whoever sent them; 64 MiB, or twice the largest body. */
  readonly heldBytesMax?: number;
  /** Room for bodies that several listeners share; one of its own, unless given. */
  readonly held?: HeldBytes;
  /** Turns requests away where there are more than can be worked on; without it none are. */
  readonly load?: Load;
  /** How long a caller may leave an answer unread, or a connection unused; a minute. */
  readonly idleMsMax?: number;
  /** Encrypts its connections, and asks whoever connects for a certificate. */
  readonly tls?: Tls;
  /** Takes requests before the API does, e.g. the gateway's own paths. Answers whether it took this one. */
  readonly before?: (request: IncomingMessage, response: ServerResponse) => boolean;
};

export type Listening = { readonly url: string; readonly close: () => Promise<void> };

const bodyBytesMaxOf = ({ bodyBytesMax = 1_048_576 }: ApiOptions): number => bodyBytesMax;

// Bodies are read before anybody is known, so most routes take what the largest authority needs and no more. Long texts
// go to roles that publish them, and to enforcement points, whose questions carry the body of a call.
const smallBodyBytesMax = 524_288;
const takesLong: ReadonlySet<WhoMay> = new Set(['catalog', 'policy', 'enforcement-point']);
const bodyBytesMaxFor = (row: Route, options: ApiOptions): number =>
  takesLong.has(row.who) ? bodyBytesMaxOf(options) : Math.min(smallBodyBytesMax, bodyBytesMaxOf(options));
/** What all bodies together may take. */
const heldBytesMaxOf = (options: ApiOptions): number =>
  options.heldBytesMax ?? Math.max(heldBytesMax, 2 * bodyBytesMaxOf(options));
const empty = new Uint8Array(0);

/** An HTTP API out of route rows: parse, authenticate, run, answer; every refusal is recorded in one place. */
export function createApi(options: ApiOptions): FastifyInstance {
  let strict: StrictServer | undefined;
  const api = Fastify({
    bodyLimit: bodyBytesMaxOf(options),
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    requestTimeout: 30_000,
    // A path that cannot be decoded reaches no route and no handler of errors: it is refused like any other.
    frameworkErrors: (error, request, reply) => {
      void refused(options, reply, rawOf(request), null, transportRefusal(error, bodyBytesMaxOf(options)));
    },
    serverFactory(handler) {
      const limits = { ...serverLimits, idleMsMax: options.idleMsMax ?? 60_000 };
      const record = (refusal: Refusal, raw: RawRequest) => recorded(options, refusal, raw, null);
      strict = createStrictServer(limits, dispatcher(options, handler), record, options.tls);
      return strict.server;
    },
    clientErrorHandler: (error, socket) => strict?.unreadable(error, socket),
  });
  api.removeAllContentTypeParsers();
  api.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  const held = options.held ?? createHeldBytes(heldBytesMaxOf(options));
  for (const row of options.routes) mount(api, row, options, held);
  api.setNotFoundHandler((request, reply) =>
    refused(
      options,
      reply,
      rawOf(request),
      null,
      refuse('route.not_found', `nothing answers ${request.method} ${request.url}`),
    ),
  );
  api.setErrorHandler((error, request, reply) =>
    refused(options, reply, rawOf(request), null, transportRefusal(error, bodyBytesMaxOf(options))),
  );
  return api;
}

// Smaller than Node's defaults: a caller has few headers, and a slow one may not hold a socket for minutes.
const serverLimits = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  // How soon after its time a slow one is noticed; Node would look twice a minute.
  connectionsCheckingInterval: 2000,
  insecureHTTPParser: false,
};

function dispatcher(options: ApiOptions, handler: RequestListener): RequestListener {
  const before = options.before;
  if (before === undefined) return handler;
  return (request, response) => {
    if (!before(request, response)) handler(request, response);
  };
}

export async function listen(
  api: FastifyInstance,
  host: string,
  port: number,
  connectionsMax: number = Number.POSITIVE_INFINITY,
): Promise<Listening> {
  if (connectionsMax !== Number.POSITIVE_INFINITY) api.server.maxConnections = connectionsMax;
  await api.listen({ host, port });
  const address = api.server.address() as AddressInfo;
  const shown = isIP(address.address) === 6 ? `[${address.address}]` : address.address;
  const scheme = api.server instanceof TlsServer ? 'https' : 'http';
  return { url: `${scheme}://${shown}:${address.port}`, close: () => api.close() };
}

function mount(api: FastifyInstance, row: Route, options: ApiOptions, held: HeldBytes): void {
  api.route({
    method: row.method,
    url: row.path,
    bodyLimit: bodyBytesMaxFor(row, options),
    onRequest: async (request, reply) => {
      if (row.echoes !== undefined) reply.headers(echoed(row.echoes, request.headers[row.echoes]));
      const turnedAway = row.load === 'urgent' ? null : (options.load?.refusal() ?? null);
      if (turnedAway !== null) throw turnedAway;
      const release = held.take(bytesAwaited(request.raw, bodyBytesMaxFor(row, options)));
      if (release === undefined) throw refuse('request.too_busy', 'the bodies being read take all the room there is');
      reply.raw.once('close', release);
    },
    errorHandler: (error, request, reply) =>
      refused(options, reply, rawOf(request), null, transportRefusal(error, bodyBytesMaxFor(row, options)), row.wire),
    handler: async (request, reply) => {
      const raw = rawOf(request);
      let caller: Caller | null = null;
      const place = row.load === 'waits' ? undefined : options.load?.enter();
      try {
        caller = await options.authenticate(row.who, raw);
        const done = await row.run({
          caller,
          params: request.params,
          query: row.query === undefined ? request.query : parse(row.query, request.query),
          body: row.body === undefined ? undefined : parse(row.body, bodyOf(row, raw)),
          raw,
          // Few routes wait, and the others need no signal.
          get gone() {
            return goneSignal(reply);
          },
        } as never);
        return send(reply, done);
      } catch (error) {
        return refused(options, reply, raw, caller, shapeRefusal(error), row.wire);
      } finally {
        place?.rest();
      }
    },
  });
}

const echoed = (name: string, value: string | string[] | undefined): Record<string, string> =>
  typeof value === 'string' && /^[\x21-\x7e]{1,200}$/.test(value) ? { [name]: value } : {};

function rawOf(request: FastifyRequest): RawRequest {
  return {
    method: request.method,
    url: request.url,
    headers: request.headers,
    rawHeaders: request.raw.rawHeaders,
    body: Buffer.isBuffer(request.body) ? request.body : empty,
    remoteAddress: request.socket.remoteAddress ?? '',
    tls: tlsPeerOf(request.socket),
  };
}

function bodyOf(row: Route, raw: RawRequest): unknown {
  const type = (raw.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  const text = textOf(raw.body);
  if (row.wire === 'oauth') {
    if (type !== 'application/x-www-form-urlencoded')
      throw refuse('request.unsupported_media_type', `form expected, got ${type}`);
    return formOf(text);
  }
  if (raw.body.length === 0) return {};
  if (type !== 'application/json')
    throw refuse('request.unsupported_media_type', `JSON expected, got ${type}`, 'Send application/json.');
  return plainJson(parseJson(text) as JsonValue);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw refuse(
      'request.malformed',
      `the body is not UTF-8 (${error instanceof Error ? error.name : 'unknown'})`,
      'Send the body as UTF-8.',
    );
  }
}

/** RFC 6749 §3.2: a parameter must not come more than once. Lists are sent as JSON in one parameter. */
function formOf(text: string): Record<string, string> {
  const form: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    if (name in form) throw refuse('request.malformed', `parameter ${name} came twice`, `Send ${name} once.`);
    form[name] = value;
  }
  return form;
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  if (reply.raw.closed && !reply.raw.writableFinished) gone.abort();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** A body or query that does not fit its shape is the caller's to correct: the sentence names the place. */
function shapeRefusal(error: unknown): Refusal {
  if (error instanceof Error && (error.name === 'ShapeFault' || error.name === 'JsonFault')) {
    return refuse('request.malformed', error.message, error.message);
  }
  return asRefusal(error);
}

function transportRefusal(error: unknown, bytesMax: number): Refusal {
  const status = (error as { statusCode?: number }).statusCode;
  const message = error instanceof Error ? error.message : String(error);
  if (status === 413) return refuse('request.too_large', message, `Send at most ${bytesMax} bytes.`);
  if (status !== undefined && status < 500) return refuse('request.malformed', message);
  return asRefusal(error);
}

const errorAs = { json: problem, oauth: oauthError, secevent: secEventError };

async function refused(
  options: ApiOptions,
  reply: FastifyReply,
  raw: RawRequest,
  caller: Caller | null,
  refusal: Refusal,
  wire: NonNullable<Route['wire']> = 'json',
): Promise<FastifyReply> {
  const { heard, entry } = await recorded(options, refusal, raw, caller);
  return send(reply, errorAs[wire](heard, entry), entry);
}

/** A refusal that cannot be recorded is one all the same: what kept it from the log is what the caller hears. */
async function recorded(
  { record }: ApiOptions,
  refusal: Refusal,
  raw: RawRequest,
  caller: Caller | null,
): Promise<{ readonly heard: Refusal; readonly entry: string | undefined }> {
  try {
    return { heard: refusal, entry: await record(refusal, raw, caller) };
  } catch (error) {
    return { heard: asRefusal(error), entry: undefined };
  }
}

async function send(
  reply: FastifyReply,
  answer: Reply,
  entry: string | undefined = answer.entry,
): Promise<FastifyReply> {
  reply
    .code(answer.status)
    .header('cache-control', 'no-store')
    .headers(answer.headers ?? {});
  if (entry !== undefined) reply.header('ambit-entry', entry);
  if (answer.text === undefined) {
    return answer.body === undefined ? reply.send() : reply.type('application/json').send(JSON.stringify(answer.body));
  }
  reply.type(answer.text.type);
  const { content } = answer.text;
  if (typeof content === 'string') return reply.send(content);
  if (content instanceof Uint8Array) return reply.send(Buffer.from(content));
  const { Readable } = await import('node:stream');
  return reply.send(Readable.from(content));
}
