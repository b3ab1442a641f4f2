import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { calculateJwkThumbprint, decodeProtectedHeader, EmbeddedJWK, type JWTPayload, jwtVerify } from 'jose';

/** A request whose proof was checked, as a test sees it. */
export type Seen = {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** The access token under the DPoP scheme. */
  readonly token: string | undefined;
  readonly proof: JWTPayload;
  /** Thumbprint of the key that signed the proof. */
  readonly jkt: string;
  /** For an answer that a helper cannot give: broken connections, raw heads. */
  readonly response: ServerResponse;
};

export type Answer = {
  readonly status: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** What a plane would do; undefined where the handler answered by itself. */
export type Handler = (seen: Seen) => Answer | undefined | Promise<Answer | undefined>;

export type TestPlane = {
  readonly url: string;
  /** Every request, in order. */
  readonly seen: readonly Seen[];
  readonly close: () => Promise<void>;
};

const hash = (data: string | Buffer) => createHash('sha256').update(data).digest('base64url');

/**
 * A listener that holds every request to RFC 9449 §4.3 with a library that shares nothing with what is tested, and
 * fails the test where a proof does not hold.
 */
export async function openTestPlane(handler: Handler): Promise<TestPlane> {
  const seen: Seen[] = [];
  const spent = new Set<unknown>();
  const faults: unknown[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      try {
        const one = await checked(request, response, origin(), spent);
        seen.push(one);
        reply(response, await handler(one));
      } catch (error) {
        faults.push(error);
        response.destroy();
      }
    })();
  });
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: origin(),
    seen,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (faults.length > 0) throw faults[0];
    },
  };
}

async function checked(request: IncomingMessage, response: ServerResponse, origin: string, spent: Set<unknown>) {
  const { method = '', url = '', headers } = request;
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const proofText = String(headers.dpop);
  const { payload: proof } = await jwtVerify(proofText, EmbeddedJWK, { typ: 'dpop+jwt', maxTokenAge: '60s' });
  const { jwk } = decodeProtectedHeader(proofText);
  assert.ok(jwk && !('d' in jwk), 'the proof holds a public key');
  assert.equal(proof.htm, method);
  assert.equal(proof.htu, origin + url.replace(/\?.*$/, ''));
  assert.ok(proof.jti && !spent.has(proof.jti), 'a proof came twice');
  spent.add(proof.jti);
  const token = /^DPoP (.+)$/.exec(headers.authorization ?? '')?.[1];
  assert.equal(proof.ath, token === undefined ? undefined : hash(token));
  if (headers['x-streamed'] === undefined) {
    assert.equal(proof.ambit_body, body.length === 0 ? undefined : `sha-256:${hash(body)}`);
  }
  return { method, url, headers, body, token, proof, jkt: await calculateJwkThumbprint(jwk), response };
}

function reply(response: ServerResponse, answer: Answer | undefined): void {
  if (answer === undefined) return;
  const { status, json, text, headers = {} } = answer;
  const type = json === undefined ? 'text/plain' : 'application/json';
  response.writeHead(status, { 'content-type': type, ...headers });
  response.end(json === undefined ? text : JSON.stringify(json));
}

/** A refusal as the plane writes it (RFC 9457). */
export function refusal(status: number, code: string, detail: string, headers: Answer['headers'] = {}): Answer {
  const body = { type: `urn:ambit:refusal:${code}`, title: code, status, detail, code, entry: 'ent_1' };
  return { status, text: JSON.stringify(body), headers: { 'content-type': 'application/problem+json', ...headers } };
}

export const jsonOf = <T>({ body }: Seen): T => JSON.parse(body.toString()) as T;
