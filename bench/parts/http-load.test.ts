import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { type TestContext, test } from 'node:test';
import { loadHttp } from './http-load.ts';
import { percentile } from './statistics.ts';

/** Answers every request, the first one after `stallMs` and with it all that wait for it: one at a time. */
async function slowOnce(t: TestContext, stallMs: number): Promise<number> {
  let free = performance.now();
  let first = true;
  const server: Server = createServer((socket) => {
    socket.on('data', () => {
      free = Math.max(free, performance.now()) + (first ? stallMs : 0);
      first = false;
      setTimeout(() => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'), free - performance.now());
    });
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

const next = () => 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';

test('at a fixed rate a call that could not be sent in time counts its wait', async (t) => {
  const port = await slowOnce(t, 200);
  const { calls, latencies, refused } = await loadHttp({ port, connections: 1, seconds: 0.4, next, rate: 100 });
  assert.deepEqual([calls, refused], [40, {}]);
  // Of forty calls, those due in the first 200 ms waited for the first: twenty of them, from 200 ms down to nothing.
  assert.ok(percentile(latencies, 0.9) > 100, `${percentile(latencies, 0.9)} ms`);
});

test('without a rate each connection sends again when it has been answered, until the time is up', async (t) => {
  const port = await slowOnce(t, 0);
  const { calls, seconds } = await loadHttp({ port, connections: 4, seconds: 0.2, next });
  assert.ok(calls >= 4 && seconds > 0, `${calls} calls in ${seconds} s`);
  let left = 5;
  const five = await loadHttp({ port, connections: 2, seconds: 60, next: () => (left-- > 0 ? next() : undefined) });
  assert.equal(five.calls, 5);
});

test('a server that hangs up ends the round, and what it left unanswered is told', async (t) => {
  const server = createServer((socket) => socket.once('data', () => socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const { calls, refused } = await loadHttp({ port, connections: 3, seconds: 60, next });
  assert.deepEqual([calls, refused], [0, { closed: 3 }]);
});
