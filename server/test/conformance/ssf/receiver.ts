/** A receiver and a transmitter that know only the specifications, and nothing of us but the address of the metadata. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRemoteJWKSet, exportJWK, generateKeyPair, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { House } from '../../house.ts';

export const caep = 'https://schemas.openid.net/secevent/caep/event-type/';
export const risc = 'https://schemas.openid.net/secevent/risc/event-type/';
export const ssf = 'https://schemas.openid.net/secevent/ssf/event-type/';
export const push = 'urn:ietf:rfc:8935';
export const poll = 'urn:ietf:rfc:8936';
export const allEvents = ['session-revoked', 'token-claims-change', 'credential-change', 'risk-level-change'].map(
  (name) => caep + name,
);

export type Sub = Record<string, string | Record<string, string>>;
export type Event = JWTPayload & { readonly sub_id: Sub; readonly events: Record<string, Record<string, unknown>> };
type Metadata = Record<string, string>;

export type Receiver = {
  readonly point: string;
  readonly metadata: Metadata;
  ask(method: string, url: string, body?: unknown, secret?: string): Promise<Response>;
  create(body: unknown): Promise<Record<string, unknown> & { stream_id: string; delivery: Record<string, string> }>;
  poll(stream: string, body?: object): Promise<{ sets: Record<string, string>; moreAvailable: boolean }>;
  /** Polls and acknowledges until an event fits, or fails. */
  until(stream: string, fits: (event: Event) => boolean): Promise<Event>;
  verify(set: string): Promise<Event>;
  typeOf(event: Event): string;
};

export async function openReceiver(house: House, operator = house.ada.operator, name = 'edge'): Promise<Receiver> {
  const { id, secret } = await operator.points.register({ name, kind: 'signals' });
  const { agents } = house.plane;
  const metadata = (await (await fetch(`${agents}/.well-known/ssf-configuration`)).json()) as Metadata;
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri!));
  const receiver: Receiver = {
    point: id,
    metadata,
    ask: (method, url, body, as = secret!) =>
      fetch(url, {
        method,
        headers: { authorization: `Bearer ${as}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    async create(body) {
      const response = await receiver.ask('POST', metadata.configuration_endpoint!, body);
      if (response.status !== 201) throw new Error(await response.text());
      return (await response.json()) as never;
    },
    async poll(stream, body = { returnImmediately: true }) {
      const response = await receiver.ask('POST', `${agents}/ssf/poll/${stream}`, body);
      if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
      return (await response.json()) as never;
    },
    async until(stream, fits) {
      for (let tries = 0; tries < 40; tries++) {
        const ack: string[] = [];
        const { sets } = await receiver.poll(stream);
        for (const [jti, set] of Object.entries(sets)) {
          ack.push(jti);
          const event = await receiver.verify(set);
          if (!fits(event)) continue;
          await receiver.poll(stream, { maxEvents: 0, ack });
          return event;
        }
        await receiver.poll(stream, { maxEvents: 0, ack });
        await sleep(50);
      }
      throw new Error('no such event came');
    },
    async verify(set) {
      const rules = { typ: 'secevent+jwt', issuer: metadata.issuer!, audience: id, requiredClaims: ['iat', 'jti'] };
      return (await jwtVerify(set, keys, rules)).payload as Event;
    },
    typeOf: (event) => Object.keys(event.events)[0]!.replace(/.*\//, ''),
  };
  return receiver;
}

export type Heard = { readonly type: string; readonly authorization: string | undefined; readonly set: string };

/** A receiver's endpoint on loopback. `answer` says how the next ones are answered. */
export async function openEndpoint(port = 0) {
  const heard: Heard[] = [];
  const answers: (readonly [status: number, body: string])[] = [];
  const server = createServer(async (request, response) => {
    const set = await textOf(request);
    const { 'content-type': type = '', authorization } = request.headers;
    heard.push({ type, authorization, set });
    const [status, body] = answers.shift() ?? [202, ''];
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    heard,
    answers,
    async until(count: number): Promise<readonly Heard[]> {
      for (let tries = 0; tries < 200 && heard.length < count; tries++) await sleep(50);
      if (heard.length < count) throw new Error(`${heard.length} of ${count} came`);
      return heard;
    },
    close: () => new Promise<void>((done) => server.close(() => done())),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export type SetParts = {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly without?: readonly string[];
};

/** The organisation's identity provider, as a transmitter: it publishes its key, signs with RS256, pushes, and can be polled. */
export async function openProvider(name = 'idp') {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: `${name}-1`, use: 'sig', alg: 'RS256' };
  const waiting = new Map<string, string>();
  const polls: { ack?: string[]; setErrs?: Record<string, { err: string }> }[] = [];
  const fetched = { keys: 0 };
  const authorizations: (string | undefined)[] = [];
  const server = createServer(async (request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === '/jwks.json') {
      fetched.keys++;
      return void response.end(JSON.stringify({ keys: [jwk] }));
    }
    authorizations.push(request.headers.authorization);
    const body = JSON.parse(await textOf(request)) as (typeof polls)[number];
    polls.push(body);
    for (const jti of [...(body.ack ?? []), ...Object.keys(body.setErrs ?? {})]) waiting.delete(jti);
    response.end(JSON.stringify({ sets: Object.fromEntries(waiting), moreAvailable: false }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = `https://${name}.example`;
  const audience = 'https://ambit.example/acme';
  return {
    url,
    issuer,
    audience,
    jwksUrl: `${url}/jwks.json`,
    pollUrl: `${url}/poll`,
    privateKey,
    jwk,
    waiting,
    polls,
    fetched,
    authorizations,
    /** A SET about that subject, whole and correct; a test gets wrong what it is about. */
    set(type: string, sub: string, { claims = {}, header = {}, without = [] }: SetParts = {}): Promise<string> {
      const payload: Record<string, unknown> = {
        iss: issuer,
        aud: audience,
        iat: Math.floor(Date.now() / 1000),
        jti: crypto.randomUUID(),
        sub_id: { format: 'iss_sub', iss: issuer, sub },
        events: { [type]: {} },
        ...claims,
      };
      for (const one of without) delete payload[one];
      return new SignJWT(payload)
        .setProtectedHeader({ alg: 'RS256', kid: jwk.kid, typ: 'secevent+jwt', ...header })
        .sign(privateKey);
    },
    close: () => new Promise<void>((done) => server.close(() => done())),
  };
}

export const pushTo = (url: string, set: string, type = 'application/secevent+jwt') =>
  fetch(url, { method: 'POST', headers: { 'content-type': type, accept: 'application/json' }, body: set });
