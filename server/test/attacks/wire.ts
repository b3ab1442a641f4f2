import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** An upstream that keeps every byte it was sent, by connection, and answers each whole request as told. */
export type Witness = {
  readonly url: string;
  /** Everything that arrived since the last look, connection by connection; connections that said nothing are left out. */
  taken(): readonly string[];
  close(): Promise<void>;
};

export type Arrived = { readonly head: string; readonly body: string; readonly socket: Socket };

export async function byteWitness(behave: (request: Arrived) => void): Promise<Witness> {
  const sockets = new Set<Socket>();
  const seen = new Map<Socket, string>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let text = '';
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      const piece = chunk.toString('latin1');
      seen.set(socket, (seen.get(socket) ?? '') + piece);
      text += piece;
      for (let end = endOf(text); end !== undefined; end = endOf(text)) {
        const head = text.slice(0, end.head);
        const body = text.slice(end.head, end.body);
        text = text.slice(end.body);
        behave({ head, body, socket });
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken() {
      const all = [...seen.values()];
      seen.clear();
      return all;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function endOf(text: string): { head: number; body: number } | undefined {
  const blank = text.indexOf('\r\n\r\n');
  if (blank < 0) return undefined;
  const head = blank + 4;
  const length = /^content-length: (\d+)\r$/im.exec(text.slice(0, head))?.[1] ?? '0';
  const body = head + Number(length);
  return text.length < body ? undefined : { head, body };
}

/** Says bytes on a connection of its own, and hears what comes until the connection ends or is silent for long. */
export type Line = {
  say(bytes: string | Uint8Array): void;
  /** What was heard, once so many answers are whole, or the line has ended, or it was silent for `milliseconds`. */
  hear(answers: number, milliseconds?: number): Promise<string>;
  readonly isOpen: () => boolean;
  end(): void;
};

export async function openLine(url: string): Promise<Line> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.setNoDelay(true);
  let heard = '';
  let open = true;
  socket.on('error', () => socket.destroy());
  socket.on('end', () => {
    open = false;
  });
  socket.on('close', () => {
    open = false;
  });
  socket.on('data', (chunk) => {
    heard += chunk.toString('latin1');
  });
  return {
    say(bytes) {
      if (!socket.destroyed) socket.write(bytes);
    },
    async hear(answers, milliseconds = 2000) {
      const deadline = Date.now() + milliseconds;
      while (open && answersIn(heard).length < answers && Date.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 2));
      return heard;
    },
    isOpen: () => open,
    end: () => socket.destroy(),
  };
}

export type Answer = { readonly status: number; readonly head: string; readonly body: string };

/** The whole answers in what was heard. Interim ones are left out; what is no answer fails the test. */
export function answersIn(text: string): readonly Answer[] {
  const answers: Answer[] = [];
  let rest = text;
  while (rest !== '') {
    const blank = rest.indexOf('\r\n\r\n');
    if (blank < 0) break;
    const head = rest.slice(0, blank + 4);
    const status = Number(
      /^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? assert.fail(`no answer of HTTP: ${rest.slice(0, 80)}`),
    );
    rest = rest.slice(head.length);
    if (status < 200) continue;
    const body = /^transfer-encoding: chunked\r$/im.test(head) ? chunkedLength(rest) : plainLength(head, rest);
    if (body === undefined) break;
    answers.push({ status, head, body: rest.slice(0, body) });
    rest = rest.slice(body);
  }
  return answers;
}

function plainLength(head: string, rest: string): number | undefined {
  const length = Number(/^content-length: (\d+)\r$/im.exec(head)?.[1] ?? 0);
  return rest.length < length ? undefined : length;
}

function chunkedLength(rest: string): number | undefined {
  const end = rest.startsWith('0\r\n\r\n') ? 0 : rest.indexOf('\r\n0\r\n\r\n') + 2;
  return end === 1 ? undefined : end + 5;
}

/** Numbers from 0 to 1 that a seed repeats (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
