import type { IncomingMessage, ServerResponse } from 'node:http';
import { headerPairs, isUnmatched } from '../catalog/index.ts';
import { asRefusal, type Load, type Place, problem, Refusal, refuse, tlsPeerOf } from '../foundation/index.ts';
import { bodyDigestOf, coversBody } from '../identity/index.ts';
import {
  type AuthenticatedCaller,
  challenged,
  type Issuer,
  metadataOf,
  proveTemplateKey,
  requireKnownTemplateKey,
  templateKeyIn,
  verify,
} from '../tokens/index.ts';
import { awaitAnswer, waitWished } from './await-answer.ts';
import { type Call, callOf } from './call.ts';
import type { Asking, RequestLine } from './caller.ts';
import { readClaim } from './claim.ts';
import { enforce, type Ruled } from './enforce.ts';
import { chooseHeaders, traceHeaders } from './forward-headers.ts';
import { replyTo } from './http-reply.ts';
import type { Incoming } from './incoming.ts';
import { headers as headerList } from './raw-headers.ts';
import type { Rooms } from './rooms.ts';
import { shownKey, shownToken } from './shown-token.ts';
import { toldHeaders, toldOf } from './told-headers.ts';
import type { ShownToken } from './unproved.ts';

const prefix = '/api/';

/** The agents' door to the APIs behind the gateway: `/api/<name>/…`. Answers whether the request was for it. */
export function createGatewayDoor(rooms: Rooms, issuer: Issuer, load: Load) {
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    if (!(request.url ?? '').startsWith(prefix)) return false;
    const turnedAway = load.refusal();
    if (turnedAway !== null) turnAway(rooms, request, response, turnedAway);
    else void serve(rooms, issuer, request, response, load.enter());
    return true;
  };
}

/** Counted per source and minute, and nobody waits for the count: there is no time for more. */
function turnAway(
  { unproved, complain }: Rooms,
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
): void {
  const source = request.socket.remoteAddress ?? '';
  unproved
    .record(refusal, { source, channel: 'gateway', token: null, request: requestLine(request).line })
    .catch((error: unknown) => complain('the count of what was turned away', error));
  send(response, problem(refusal));
}

async function serve(
  rooms: Rooms,
  issuer: Issuer,
  request: IncomingMessage,
  response: ServerResponse,
  place: Place,
): Promise<void> {
  try {
    const ruled = await enforce(rooms, incomingOf(rooms, issuer, request, response, place));
    place.rest();
    await answer(rooms, request, response, ruled);
  } catch (error) {
    // Not even the refusal could be told: the connection ends, which no client takes for a yes.
    send(response, problem(asRefusal(error)));
  } finally {
    place.rest();
  }
}

type Target = { readonly api: string; readonly rawPath: string; readonly rawQuery: string };

/** `/api/shop/orders/1042?limit=3` as sent: nothing is decoded here. */
function targetOf(url: string): Target {
  const [path = '', ...query] = url.slice(prefix.length).split('?');
  const slash = path.indexOf('/');
  const api = slash < 0 ? path : path.slice(0, slash);
  return { api, rawPath: slash < 0 ? '/' : path.slice(slash), rawQuery: query.join('?') };
}

function incomingOf(
  rooms: Rooms,
  issuer: Issuer,
  request: IncomingMessage,
  response: ServerResponse,
  place: Place,
): Incoming {
  const url = request.url ?? '';
  const method = request.method ?? '';
  const credentials = { method, url, rawHeaders: request.rawHeaders, tls: tlsPeerOf(request.socket) };
  const remoteAddress = request.socket.remoteAddress ?? '';
  let keyShown: ShownToken | null = null;
  async function provedByKey(text: string): Promise<AuthenticatedCaller> {
    try {
      const known = await requireKnownTemplateKey(rooms.ground, text);
      keyShown = shownKey(known);
      const seen = { address: remoteAddress, certificate: credentials.tls?.certificate ?? null };
      return await proveTemplateKey(rooms.ground, known, seen, rooms.settings.ownTasks);
    } catch (error) {
      throw error instanceof Refusal ? challenged(error, 'Bearer', metadataOf(issuer, 'task')) : error;
    }
  }
  return {
    request: requestLine(request),
    remoteAddress,
    async authenticate() {
      refuseHandover(request);
      const key = templateKeyIn(credentials);
      if (key !== undefined) return provedByKey(key);
      return verify(issuer, credentials, rooms.ground.clock(), { tokenFor: 'task', channel: 'gateway' });
    },
    taskOf({ caller: { task, token } }) {
      if (task === null) throw refuse('task.needed', `token ${token} is for no task`);
      return task;
    },
    async read(asking) {
      return readCall(rooms, request, asking, targetOf(url), place);
    },
    tokenShown: () => keyShown ?? shownToken(issuer, credentials),
    reply({ placed }) {
      place.rest();
      return replyTo(response, toldOf(rooms, placed));
    },
  };
}

function requestLine({ method, url, rawHeaders }: IncomingMessage): RequestLine {
  const trace = traceHeaders(headerList(rawHeaders)).find(([name]) => name === 'traceparent')?.[1] ?? null;
  return { line: `${method} ${url}`.slice(0, 2000), trace };
}

/** THREATS: unbounded-channel. One decision is about one call, never about a connection. */
function refuseHandover(request: IncomingMessage): void {
  const { upgrade, 'http2-settings': h2c, expect } = request.headers;
  if (upgrade !== undefined || h2c !== undefined || request.method === 'TRACE' || request.method === 'CONNECT') {
    throw refuse('gateway.upgrade_refused', `${request.method} with upgrade ${upgrade ?? 'none'}`);
  }
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
    throw refuse('request.malformed', `expect: ${expect}`, 'Leave the Expect header out.');
  }
}

async function readCall(
  rooms: Rooms,
  request: IncomingMessage,
  asking: Asking,
  target: Target,
  place: Place,
): Promise<Call> {
  const snapshot = await rooms.catalog(asking.tenant);
  const api = snapshot.apis.get(target.api);
  if (api === undefined)
    throw refuse('gateway.api_unknown', `no API ${target.api.slice(0, 60)}`).with({ values: { asked: target.api } });
  const method = request.method ?? '';
  const line = { method, rawPath: target.rawPath };
  let action: string | undefined;
  try {
    const located = snapshot.locate(target.api, line);
    action = located.action.id;
    const streamed = located.body === 'streamed';
    // A slow body holds up nobody but its own sender.
    const isRead = !streamed && bringsBody(request);
    if (isRead) place.rest();
    const body = streamed ? undefined : isRead ? await readBody(request, rooms.settings.bodyBytesMax) : none;
    if (isRead) place.work();
    if (body !== undefined) requireCovered(rooms, asking, body);
    const headers = headerList(request.rawHeaders);
    const matched = snapshot.match(target.api, {
      ...line,
      rawQuery: target.rawQuery,
      headers: headerPairs(request.rawHeaders),
      ...(body === undefined ? {} : { body }),
    });
    const declared = new Set(matched.headers.map(([name]) => name));
    return callOf(matched, api, {
      headers: { ...chooseHeaders(headers, declared), ...Object.fromEntries(matched.headers) },
      catalogVersion: snapshot.version,
      claim: readClaim(request.headers),
      trace: traceHeaders(headers),
      ...(streamed ? { stream: { from: request, bytesLength: lengthOf(request) } } : {}),
    });
  } catch (error) {
    if (isUnmatched(error)) await rooms.unmatched.note(asking.tenant, target.api, line);
    if (!(error instanceof Refusal)) throw error;
    throw error.with({ values: action === undefined ? { api: api.name, method, path: target.rawPath } : { action } });
  }
}

function lengthOf(request: IncomingMessage): number | null {
  const given = request.headers['content-length'];
  return given === undefined ? null : Number(given);
}

/** THREATS: proof-without-body. What is signed is what is sent, whoever ends TLS in between. */
function requireCovered(rooms: Rooms, asking: Asking, body: Uint8Array): void {
  const { proof } = asking;
  if (proof === null || (body.length === 0 && proof.bodyDigest === null)) return;
  if (body.length > 0 && proof.bodyDigest === null && !rooms.settings.bodyDigestRequired) return;
  coversBody(proof, bodyDigestOf(body));
}

const none = new Uint8Array(0);

/** RFC 9112 §6.3: a request without either header has no body. */
function bringsBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

async function readBody(request: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const tooLarge = () =>
    refuse('request.too_large', `the body is larger than ${bytesMax} bytes`, `Send at most ${bytesMax} bytes.`).with({
      values: { bytesMax },
    });
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function answer(rooms: Rooms, request: IncomingMessage, response: ServerResponse, ruled: Ruled): Promise<void> {
  if (ruled.kind === 'refused') return send(response, await refused(rooms, ruled, ruled.refusal));
  if (ruled.kind === 'parked') {
    const wished = waitWished(request.headers.prefer, rooms.settings.waitMsMax);
    return send(response, await awaitAnswer(rooms, ruled, wished, goneSignal(response)));
  }
  // The upstream's own answer has gone out already; where nothing of it could, the caller hears what is known.
  if (!ruled.outcome.firstByteSent) send(response, await refused(rooms, ruled, notPassedOn(ruled.outcome)));
}

async function refused(rooms: Rooms, { tenant, entry }: Ruled, refusal: Refusal): Promise<ReturnType<typeof problem>> {
  const told = problem(refusal, entry);
  if (entry === undefined) return told;
  return { ...told, headers: { ...told.headers, ...(await toldHeaders(rooms, tenant, entry)) } };
}

/** Aborts when the caller has left. */
function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  if (response.closed) gone.abort();
  else response.once('close', () => gone.abort());
  return gone.signal;
}

function notPassedOn(outcome: Extract<Ruled, { kind: 'sent' }>['outcome']): Refusal {
  if (outcome.refusal !== null) return outcome.refusal;
  if (!outcome.sent && outcome.code === 'task_ended') return refuse('task.ended', outcome.because);
  if (!outcome.sent) return refuse('gateway.upstream_unreachable', outcome.because, outcome.says);
  if (outcome.kind === 'unknown') return refuse('gateway.upstream_unknown', outcome.because, outcome.says);
  return refuse('gateway.answer_withheld', outcome.because, outcome.says);
}

function send(response: ServerResponse, reply: ReturnType<typeof problem>): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const content = reply.text?.content;
  const type = reply.text?.type ?? 'application/json';
  const body =
    typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(reply.body ?? {});
  response.writeHead(reply.status, { 'content-type': type, 'cache-control': 'no-store', ...reply.headers });
  response.end(body);
}
