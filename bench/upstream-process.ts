/** An upstream that costs next to nothing: every request is answered with the same 0.9 KB of JSON. */
import { createServer } from 'node:net';
import { answerAsks } from './parts/answering.ts';

const body = JSON.stringify({ id: '1042', state: 'delivered', note: 'A vase arrived broken. '.repeat(37) });
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
);
const headEnd = '\r\n\r\n';

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  let heard = '';
  let bodyLeft = 0;
  socket.on('data', (chunk) => {
    heard += chunk.toString('latin1');
    for (;;) {
      const dropped = Math.min(bodyLeft, heard.length);
      heard = heard.slice(dropped);
      bodyLeft -= dropped;
      const end = bodyLeft > 0 ? -1 : heard.indexOf(headEnd);
      if (end < 0) return;
      bodyLeft = Number(/\r\ncontent-length: *(\d+)/i.exec(heard.slice(0, end))?.[1] ?? 0);
      heard = heard.slice(end + headEnd.length);
      socket.write(answer);
    }
  });
});

await new Promise<void>((resolve) => server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', resolve));
answerAsks({});
