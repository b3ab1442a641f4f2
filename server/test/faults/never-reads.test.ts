// Callers ask for large answers and never read them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { until } from '../attacks/witness.ts';
import { order } from '../house.ts';
import { openSockets, requestText } from './raw-http.ts';
import { isFull } from './size.ts';
import { openStage, type Stage } from './stage.ts';

const many = isFull ? 200 : 20;
const answerBytes = 16 * 1024 * 1024;

let stage: Stage;
let isLarge = false;
const sending = new Set<Socket>();
before(async () => {
  stage = await openStage({
    env: { AMBIT_CALLER_TIMEOUT_SECONDS: '2' },
    behave({ line, socket }) {
      const length = isLarge && line.startsWith('GET') ? answerBytes : 2;
      const head = `HTTP/1.1 ${line.startsWith('GET') ? 200 : 201} Any\r\ncontent-type: application/json\r\n`;
      socket.write(`${head}content-length: ${length}\r\n\r\n`);
      if (length === 2) socket.write('{}');
      else send(socket, length);
    },
  });
});
after(() => stage.close());

/** Piece by piece, as fast as it is taken. */
function send(socket: Socket, bytes: number): void {
  sending.add(socket);
  socket.once('close', () => sending.delete(socket));
  let left = bytes;
  const more = () => {
    while (left > 0) {
      const piece = Buffer.alloc(Math.min(65_536, left), 'a');
      left -= piece.length;
      if (!socket.write(piece)) return void socket.once('drain', more);
    }
  };
  more();
}

const residentMiB = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${stage.plane.pid}/status`, 'utf8'))?.[1]) / 1024;
const skip = process.platform === 'linux' ? false : 'reads the memory of the plane from /proc';

test(`${many} callers that read nothing of 16 MiB each: the plane keeps little of it, lets go of them, and serves others`, {
  skip,
}, async () => {
  const { agent, token } = stage.working;
  assert.equal((await stage.pay()).response.status, 201);
  const before = residentMiB();
  const origin = stage.house.plane.agents;
  const call = { method: 'GET', path: `/api/shop/orders/${order}` };
  const texts = await Promise.all(Array.from({ length: many }, () => requestText(agent, token, origin, call)));
  const sockets = await openSockets(origin, many);
  for (const socket of sockets) {
    socket.on('error', () => socket.destroy());
    socket.pause();
  }
  isLarge = true;
  for (const [i, socket] of sockets.entries()) socket.write(texts[i] ?? '');
  await until('large answers on their way', () => (sending.size >= Math.min(many, 16) ? true : undefined));
  isLarge = false;
  assert.equal((await stage.pay()).response.status, 201);
  const grown = residentMiB() - before;
  assert.ok(grown < 128 + many, `${Math.round(grown)} MiB more`);
  // Nobody reads, so nobody hears that it is over: what the upstream sees tells.
  await until('the end of every unread answer', () => (sending.size === 0 ? true : undefined));
  for (const socket of sockets) socket.destroy();
  assert.equal((await stage.pay()).response.status, 201);
  await until('the outcome of every call', async () => {
    const log = await stage.holds();
    const ended = new Set(log.filter(({ header }) => header.kind === 'call.outcome').map(({ header }) => header.about));
    const permits = log.filter(({ header }) => header.kind === 'call.decided' && header.decision === 'permit');
    return permits.every(({ header }) => ended.has(header.id)) ? true : undefined;
  });
});
