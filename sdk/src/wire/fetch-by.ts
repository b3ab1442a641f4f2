import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type Agent, request } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Bodies as the wire hands them on. */
type Body = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

// Fetch standard: a response of one of these never has a body.
const bodiless = new Set([204, 205, 304]);

/**
 * `fetch` over the connections of that agent, as far as this SDK uses it: what goes wrong on the way is a `TypeError`
 * whose cause has the code, an abort rejects with its reason, and a redirect is followed by nobody.
 */
export function fetchBy(agent: Agent): typeof fetch {
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const { method = 'GET', signal, body } = init;
    signal?.throwIfAborted();
    const asked = request(url, {
      agent,
      method,
      headers: headersOf(init.headers, body as Body | undefined),
      ...(signal && { signal }),
    });
    try {
      const answered = once(asked, 'response');
      await Promise.all([answered, sent(asked, body as Body | undefined)]);
      const [message] = (await answered) as [IncomingMessage];
      return answerOf(message);
    } catch (error) {
      asked.destroy();
      signal?.throwIfAborted();
      throw new TypeError('fetch failed', { cause: error });
    }
  };
}

function headersOf(given: RequestInit['headers'], body: Body | undefined): Record<string, string> {
  const headers = Object.fromEntries(new Headers(given));
  return body instanceof Uint8Array ? { ...headers, 'content-length': String(body.byteLength) } : headers;
}

async function sent(asked: ReturnType<typeof request>, body: Body | undefined): Promise<void> {
  if (body instanceof ReadableStream)
    return pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), asked);
  asked.end(body);
}

function answerOf(message: IncomingMessage): Response {
  const { statusCode = 0, statusMessage = '', rawHeaders } = message;
  if (statusCode >= 300 && statusCode < 400 && message.headers.location !== undefined) {
    message.destroy();
    throw new Error('a redirect came, and is not followed');
  }
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '');
  const hasBody = !bodiless.has(statusCode);
  if (!hasBody) message.resume();
  const body = hasBody ? (Readable.toWeb(message) as unknown as ReadableStream<Uint8Array>) : null;
  return new Response(body, { status: statusCode, statusText: statusMessage, headers });
}
