import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createNetServer, type Server, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import type { OutboundFault } from './fault.ts';
import {
  createOutbound,
  type Outbound,
  type OutboundRequest,
  type OutboundSettings,
  type Receiver,
} from './outbound.ts';
import type { PoolKey } from './pools.ts';
import { post } from './post.ts';
import { testAuthority, testCertificate, testCertificateKey } from './testing-certificate.ts';

const alice: PoolKey = { tenant: 'ten_a', credential: 'crd_a' };

async function listening(t: TestContext, server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const http = (t: TestContext, listener: RequestListener) => listening(t, createServer(listener));

/** An upstream that speaks bytes: each connection is handed over, with what it has heard so far on every request. */
const raw = (t: TestContext, onRequest: (socket: Socket, heard: string) => void) =>
  listening(
    t,
    createNetServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => onRequest(socket, chunk.toString('latin1')));
    }),
  );

function opened(t: TestContext, settings: Partial<OutboundSettings> = {}): Outbound {
  const outbound = createOutbound({ allowPrivate: ['127.0.0.0/8'], ownAddresses: () => [], ...settings });
  t.after(() => outbound.close());
  return outbound;
}

type Heard = { status: number; body: string; fault: OutboundFault | undefined; requestWhole: boolean | undefined };

function send(
  outbound: Outbound,
  request: Partial<OutboundRequest> & { origin: string },
  key = alice,
  also: Partial<Receiver> = {},
) {
  return new Promise<Heard>((resolve) => {
    const heard: Heard = { status: 0, body: '', fault: undefined, requestWhole: undefined };
    outbound.request(
      key,
      { method: 'GET', path: '/', headers: [], body: null, ...request },
      {
        answered: (status) => {
          heard.status = status;
        },
        data: (chunk) => {
          heard.body += Buffer.from(chunk).toString();
        },
        ended: ({ requestWhole }) => resolve({ ...heard, requestWhole }),
        broke: (fault) => resolve({ ...heard, fault }),
        ...also,
      },
    );
  });
}

test('a request reaches its origin and the answer comes back', async (t) => {
  const origin = await http(t, (request, response) => response.end(`${request.method} ${request.url}`));
  const heard = await send(opened(t), { origin, path: '/orders?limit=3' });
  assert.deepEqual([heard.status, heard.body, heard.requestWhole], [200, 'GET /orders?limit=3', true]);
});

test('inside-out: private addresses are refused before anything is connected', async (t) => {
  let connections = 0;
  const server = createServer((_request, response) => response.end());
  server.on('connection', () => connections++);
  const origin = await listening(t, server);
  const heard = await send(opened(t, { allowPrivate: [] }), { origin });
  assert.equal(heard.fault?.kind, 'refused');
  assert.equal(heard.fault?.sent, false);
  assert.match(heard.fault?.message ?? '', /loopback/);
  assert.equal(connections, 0);
});

test('inside-out: a name is judged by every address it stands for, each time it is connected to', async (t) => {
  const origin = await http(t, (_request, response) => response.setHeader('connection', 'close').end('reached'));
  const port = new URL(origin).port;
  const answers = [['127.0.0.1'], ['10.0.0.1'], ['127.0.0.1', '10.0.0.1'], []];
  const outbound = opened(t, { resolve: async () => answers.shift() ?? [] });
  const named = { origin: `http://shop.example:${port}` };
  assert.equal((await send(outbound, named)).body, 'reached');
  assert.match((await send(outbound, named)).fault?.message ?? '', /10\.0\.0\.1 is private/);
  assert.match((await send(outbound, named)).fault?.message ?? '', /10\.0\.0\.1 is private/);
  assert.match((await send(outbound, named)).fault?.message ?? '', /no address/);
});

test('moved-origin: the plane itself is never an upstream, by address, by name or by its public origin', async (t) => {
  const origin = await http(t, (_request, response) => response.end('the plane'));
  const port = new URL(origin).port;
  const outbound = opened(t, {
    allowPrivate: ['127.0.0.0/8', '::1/128', origin],
    ownAddresses: () => [`0.0.0.0:${port}`, 'https://ambit.example'],
    resolve: async () => ['127.0.0.1'],
  });
  for (const own of [origin, `http://plane.example:${port}`, `http://[::1]:${port}`, 'https://ambit.example']) {
    const heard = await send(outbound, { origin: own });
    assert.match(heard.fault?.message ?? '', /this plane itself/, own);
  }
});

test('moved-origin: a redirect is an answer and is not followed', async (t) => {
  const seen: string[] = [];
  const origin = await http(t, (request, response) => {
    seen.push(request.url ?? '');
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  assert.equal((await send(opened(t), { origin, path: '/here' })).status, 302);
  assert.deepEqual(seen, ['/here']);
});

test('plain HTTP leaves loopback only for origins that the operator named', async (t) => {
  const settings = { allowPrivate: ['10.0.0.0/8'], resolve: async () => ['10.255.255.1'], timeouts: { waitMs: 50 } };
  const refused = await send(opened(t, settings), { origin: 'http://orders.internal' });
  assert.match(refused.fault?.message ?? '', /plain HTTP off loopback/);
  const allowed = opened(t, { ...settings, unsafelyAllowPlainHttp: ['http://orders.internal'] });
  assert.notEqual((await send(allowed, { origin: 'http://orders.internal' })).fault?.kind, 'refused');
});

test('connections are reused for one tenant and credential, and never shared with another', async (t) => {
  const ports = new Map<string, Set<number | undefined>>();
  const origin = await http(t, (request, response) => {
    const of = request.url ?? '';
    ports.set(of, (ports.get(of) ?? new Set()).add(request.socket.remotePort));
    response.end();
  });
  const outbound = opened(t);
  const keys: Record<string, PoolKey> = {
    '/a': alice,
    '/b': { tenant: 'ten_a', credential: 'crd_b' },
    '/c': { tenant: 'ten_b', credential: 'crd_a' },
    '/d': { tenant: 'ten_a', credential: null },
  };
  for (let round = 0; round < 3; round++) {
    for (const [path, key] of Object.entries(keys)) await send(outbound, { origin, path }, key);
  }
  assert.deepEqual(
    [...ports.values()].map((each) => each.size),
    [1, 1, 1, 1],
  );
  assert.equal(new Set([...ports.values()].flatMap((each) => [...each])).size, 4);
});

test('desynced-socket: bytes left behind on a connection are never the answer to the next request', async (t) => {
  const answer = (body: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  let requests = 0;
  const origin = await raw(t, (socket) => {
    requests++;
    if (requests === 1) socket.write(answer('first') + answer('planted'));
    else socket.write(answer('second'));
  });
  const outbound = opened(t);
  assert.equal((await send(outbound, { origin })).body, 'first');
  assert.equal((await send(outbound, { origin })).body, 'second');
});

const doubtful: Record<string, string> = {
  'two lengths': 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc',
  'a length and a transfer coding':
    'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  'a coding nobody asked for': 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
  'two transfer codings':
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n',
  'a protocol switch': 'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
  'a protocol switch without a name': 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
  'a folded header': 'HTTP/1.1 200 OK\r\nx: a\r\n b\r\ncontent-length : 1\r\n\r\na',
  'no HTTP at all': 'SSH-2.0-OpenSSH_9.6\r\n',
  'a bad chunk': 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n',
};
for (const [what, bytes] of Object.entries(doubtful)) {
  test(`desynced-socket: ${what} destroys the connection`, async (t) => {
    let closed = (): void => undefined;
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const origin = await raw(t, (socket) => {
      socket.on('close', () => closed());
      socket.write(bytes);
    });
    const heard = await send(opened(t), { origin });
    assert.equal(heard.fault?.kind, 'broken');
    assert.equal(heard.fault?.sent, true);
    await gone;
  });
}

test('an answer shorter than it said is broken, not ended', async (t) => {
  const origin = await raw(t, (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc'));
  const heard = await send(opened(t), { origin });
  assert.deepEqual([heard.status, heard.body, heard.fault?.kind], [200, 'abc', 'broken']);
});

test('no request is written twice: a connection that dies under one ends that one', async (t) => {
  let requests = 0;
  const origin = await raw(t, (socket) => {
    requests++;
    if (requests === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    else socket.destroy();
  });
  const outbound = opened(t);
  for (const method of ['GET', 'GET', 'POST', 'PUT']) await send(outbound, { origin, method });
  assert.equal(requests, 4);
});

test('the last check before sending can still keep the request here', async (t) => {
  let requests = 0;
  const origin = await http(t, (_request, response) => {
    requests++;
    response.end();
  });
  const outbound = opened(t);
  const sending = () => {
    throw new Error('the task ended a moment ago');
  };
  const heard = await send(outbound, { origin, method: 'POST', body: Buffer.from('{}') }, alice, { sending });
  assert.deepEqual([heard.fault?.message, heard.fault?.sent], ['the task ended a moment ago', false]);
  assert.equal((await send(outbound, { origin })).status, 200);
  assert.equal(requests, 1);
});

test('what waited too long for a connection is never sent afterwards', async (t) => {
  const seen: string[] = [];
  const release: (() => void)[] = [];
  const origin = await http(t, (request, response) => {
    seen.push(request.url ?? '');
    release.push(() => response.end());
  });
  const outbound = opened(t, { socketsMax: 1 });
  const first = send(outbound, { origin, path: '/first' });
  const second = await send(outbound, { origin, path: '/second', timeouts: { waitMs: 30 } });
  assert.deepEqual([second.fault?.kind, second.fault?.sent], ['timeout', false]);
  release[0]?.();
  await first;
  const third = send(outbound, { origin, path: '/third' });
  while (release.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  release[1]?.();
  await third;
  assert.deepEqual(seen, ['/first', '/third']);
});

test('the queue for one origin has an end', async (t) => {
  const origin = await http(t, () => undefined);
  const outbound = opened(t, { socketsMax: 1, waitingMax: 2, timeouts: { headersMs: 60, waitMs: 60 } });
  const all = await Promise.all([1, 2, 3, 4, 5].map(() => send(outbound, { origin })));
  assert.ok(all.some((heard) => heard.fault?.kind === 'busy' && !heard.fault.sent));
});

test('silence ends: before the status line, within the answer, and altogether', async (t) => {
  const silent = await raw(t, () => undefined);
  const stalls = await raw(t, (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'));
  const drips = await raw(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
    const timer = setInterval(() => socket.write('1\r\n.\r\n'), 5);
    socket.on('close', () => clearInterval(timer));
  });
  const outbound = opened(t, { timeouts: { headersMs: 10_000, idleMs: 10_000, wholeMs: 10_000 } });
  // A busy machine may itself be silent for a while: each has the one bound that it is about.
  const asked = [
    { origin: silent, timeouts: { headersMs: 40 } },
    { origin: stalls, timeouts: { idleMs: 40 } },
    { origin: drips, timeouts: { wholeMs: 120 } },
  ];
  const heard = await Promise.all(asked.map((one) => send(outbound, one)));
  assert.match(heard[0]?.fault?.message ?? '', /no answer came within 40 ms/);
  assert.match(heard[1]?.fault?.message ?? '', /the answer stopped for 40 ms/);
  assert.match(heard[2]?.fault?.message ?? '', /longer than 120 ms/);
  assert.ok(heard.every((each) => each.fault?.kind === 'timeout' && each.fault.sent));
});

test('a paused receiver pauses the upstream and is not timed out as silence', async (t) => {
  const size = 8 * 1024 * 1024;
  let drained = 0;
  const origin = await http(t, (_request, response) => {
    response.on('drain', () => drained++);
    const piece = Buffer.alloc(64 * 1024, 'x');
    let left = size;
    const more = (): void => {
      while (left > 0) {
        left -= piece.length;
        if (!response.write(piece)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  });
  const outbound = opened(t, { timeouts: { idleMs: 600 } });
  let bytes = 0;
  let stopped: number | undefined;
  await new Promise<void>((resolve, reject) => {
    const running = outbound.request(
      alice,
      { origin, method: 'GET', path: '/', headers: [], body: null },
      {
        answered: () => undefined,
        data(chunk) {
          bytes += chunk.length;
          if (stopped !== undefined) return;
          stopped = drained;
          running.pause();
          setTimeout(() => {
            assert.ok(bytes < size / 2, 'the upstream went on while the receiver was paused');
            running.resume();
          }, 800);
        },
        ended: () => resolve(),
        broke: reject,
      },
    );
  });
  assert.equal(bytes, size);
});

test('an answer that comes before the request was written whole says so, and the stream stays its owner’s', async (t) => {
  const origin = await raw(t, (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
  const body = new PassThrough();
  body.write('the first half');
  const heard = await send(opened(t), { origin, method: 'POST', body });
  assert.deepEqual([heard.status, heard.body, heard.requestWhole], [200, 'ok', false]);
  assert.equal(body.destroyed, false);
});

test('what could be read in two ways does not leave', async (t) => {
  const outbound = opened(t);
  const origin = await http(t, (_request, response) => response.end());
  const bad: Partial<OutboundRequest>[] = [
    { method: 'TRACE' },
    { method: 'CONNECT' },
    { method: 'get' },
    { path: '//x y' },
    { path: 'http://elsewhere/' },
    { path: '/a#b' },
    { path: '/ü' },
    { headers: [['x', 'a\r\nhost: b']] },
    { headers: [['x y', 'a']] },
    { origin: `${origin}/` },
    { origin: 'http://127.0.0.1:1@elsewhere' },
  ];
  for (const part of bad) {
    const heard = await send(outbound, { origin, ...part });
    assert.deepEqual([heard.fault?.kind, heard.fault?.sent], ['refused', false], JSON.stringify(part));
  }
});

test('a description is fetched as text, within its maximum, without redirects', async (t) => {
  const origin = await http(t, (request, response) => {
    if (request.url === '/moved') return void response.writeHead(301, { location: '/api.json' }).end();
    if (request.url === '/large') return void response.end('x'.repeat(2_000));
    if (request.url === '/binary') return void response.end(Buffer.from([0xff, 0xfe, 0x00]));
    if (request.url === '/none') return void response.writeHead(404).end();
    response.setHeader('content-type', 'application/json').end('{"openapi":"3.1.0"}');
  });
  const outbound = opened(t);
  const fetch = (path: string) => outbound.fetchText(origin + path, { tenant: 'ten_a', bytesMax: 1_000 });
  assert.deepEqual(await fetch('/api.json'), { text: '{"openapi":"3.1.0"}', mediaType: 'application/json' });
  await assert.rejects(fetch('/moved'), /redirects are not followed/);
  await assert.rejects(fetch('/large'), /larger than 1000 bytes/);
  await assert.rejects(fetch('/binary'), /not UTF-8/);
  await assert.rejects(fetch('/none'), /answered 404/);
  await assert.rejects(opened(t, { allowPrivate: [] }).fetchText(origin, { tenant: 'ten_a', bytesMax: 10 }), {
    code: 'outbound.refused',
  });
});

test('over TLS the name is verified against authorities that are trusted, whatever the environment says', async (t) => {
  const server = createTlsServer({ cert: testCertificate, key: testCertificateKey }, (_request, response) =>
    response.end('verified'),
  );
  const port = new URL(await listening(t, server)).port;
  const resolve = async () => ['127.0.0.1'];
  const named = { origin: `https://shop.test:${port}` };
  const trusting = opened(t, { resolve, extraCertificates: [testAuthority] });
  assert.equal((await send(trusting, named)).body, 'verified');
  const turnedOff = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  t.after(() => {
    if (turnedOff === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = turnedOff;
  });
  const strangers = await Promise.all([
    send(opened(t, { resolve }), named),
    send(trusting, { origin: `https://other.test:${port}` }),
    send(trusting, { origin: `https://127.0.0.1:${port}` }),
  ]);
  for (const { fault } of strangers) assert.deepEqual([fault?.kind, fault?.sent], ['unreachable', false]);
});

test('whoever is told something and answers without an end is not listened to for ever', async (t) => {
  const origin = await http(t, (_request, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(timer));
  });
  const told = await post(opened(t), alice, { origin, path: '/hook' }, [], '{}', 200);
  assert.deepEqual(told, { kind: 'failed', forbidden: false, because: 'it took longer than 200 ms' });
});
