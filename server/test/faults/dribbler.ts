import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Opens many connections to one listener and sends a byte of a request on each every second. Says when all are open, and when all were closed. */
const { hostname, port } = new URL(process.argv[2] ?? '');
const many = Number(process.argv[3]);
const text = `GET /health HTTP/1.1\r\nhost: ${hostname}\r\nx-slow: ${'a'.repeat(10_000)}`;

const sockets = new Set<Socket>();
let closed = 0;
for (let left = many; left > 0; left -= 200) {
  const some = Array.from({ length: Math.min(200, left) }, () => connect(Number(port), hostname));
  for (const socket of some) {
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      sockets.delete(socket);
      closed++;
      if (closed === many) process.stdout.write(`closed ${closed}\n`, () => process.exit(0));
    });
  }
  await Promise.all(some.map((socket) => once(socket, 'connect')));
  for (const socket of some) sockets.add(socket);
}
process.stdout.write(`open ${many}\n`);
let at = 0;
setInterval(() => {
  const letter = text[at++] ?? 'a';
  for (const socket of sockets) if (socket.writable) socket.write(letter);
}, 1000);
