import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { RawAgent } from '../raw-agent.ts';

/** That many connections to one listener, all of them open when it returns. */
export async function openSockets(origin: string, many: number): Promise<Socket[]> {
  const { hostname, port } = new URL(origin);
  const sockets: Socket[] = [];
  // In portions, so that no queue of the system overflows before the plane has even been asked.
  for (let left = many; left > 0; left -= 250) {
    const some = Array.from({ length: Math.min(250, left) }, () => connect(Number(port), hostname));
    await Promise.all(some.map((socket) => once(socket, 'connect')));
    sockets.push(...some);
  }
  return sockets;
}

export type Sent = { readonly method: string; readonly path: string; readonly body?: unknown };

/** A whole request with its proof, as bytes, so that thousands can leave at the same instant. */
export async function requestText(
  agent: RawAgent,
  token: string,
  origin: string,
  { method, path, body }: Sent,
): Promise<string> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const proof = await agent.proof(method, `${origin}${path}`, { token, ...(text === '' ? {} : { body: text }) });
  const head = [
    `${method} ${path} HTTP/1.1`,
    `host: ${new URL(origin).host}`,
    `authorization: DPoP ${token}`,
    `dpop: ${proof}`,
    ...(text === '' ? [] : ['content-type: application/json', `content-length: ${Buffer.byteLength(text)}`]),
  ];
  return `${head.join('\r\n')}\r\n\r\n${text}`;
}

export type RawAnswer = {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
};

/** The first answer on that connection; undefined where it was closed without one. */
export function answerOn(socket: Socket): Promise<RawAnswer | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const look = () => {
      const read = readAnswer(text);
      if (read === undefined) return;
      socket.off('data', more).off('close', closed);
      resolve(read);
    };
    const more = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      look();
    };
    const closed = () => resolve(undefined);
    socket.on('error', () => socket.destroy());
    socket.on('data', more).on('close', closed);
  });
}

function readAnswer(text: string): RawAnswer | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [line = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = new Map(
    lines.map((one) => {
      const colon = one.indexOf(':');
      return [one.slice(0, colon).toLowerCase(), one.slice(colon + 1).trim()] as const;
    }),
  );
  const rest = text.slice(end + 4);
  const length = Number(headers.get('content-length') ?? 0);
  const isChunked = headers.has('transfer-encoding');
  if (isChunked ? !rest.endsWith('0\r\n\r\n') : rest.length < length) return undefined;
  return { status: Number(line.split(' ')[1]), headers, body: isChunked ? dechunked(rest) : rest };
}

function dechunked(text: string): string {
  const [, size = '0'] = /^([0-9a-f]+)\r\n/i.exec(text) ?? [];
  const [from, bytes] = [size.length + 2, Number.parseInt(size, 16)];
  return bytes === 0 ? '' : text.slice(from, from + bytes) + dechunked(text.slice(from + bytes + 2));
}
