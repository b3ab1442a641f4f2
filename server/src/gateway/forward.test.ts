import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer, request as httpRequest, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Server, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { CutSwitch } from '../endings/index.ts';
import { randomId, refuse, Secret } from '../foundation/index.ts';
import { createOutbound, type Outbound, type OutboundSettings } from '../foundation/outbound/index.ts';
import type { Loan } from '../vault/index.ts';
import { admitted, makeLoan, staticLender } from '../vault/testing.ts';
import { forward, type Outcome, type Prepared, replyTo } from './forward.ts';

const secret = 'shop-secret-7f3a91';

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

const raw = (t: TestContext, onData: (socket: Socket, heard: string) => void) =>
  listening(
    t,
    createNetServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => onData(socket, chunk.toString('latin1')));
    }),
  );

type Call = Partial<Prepared> & { origin: string };

function prepared(call: Call): Prepared {
  return {
    tenant: randomId('tenant'),
    entry: randomId('entry'),
    effect: 'write',
    method: 'POST',
    path: '/refunds',
    query: '',
    headers: {},
    body: { mediaType: 'application/json', bytes: Buffer.from('{"amount":"30.00"}') },
    planeHeaders: [],
    idempotencyHeader: null,
    answerBytesMax: 1_000_000,
    copyBytesMax: 64,
    durationMsMax: 5_000,
    until: new CutSwitch(),
    ...call,
  };
}

type PlacedKind = Parameters<typeof staticLender>[0]['kind'];

function loanFor(call: Prepared, kind: PlacedKind | null, place: string | null = null): Loan {
  const credential = kind === null ? null : randomId('credential');
  const asked = admitted({ entry: call.entry, origin: call.origin, tenant: call.tenant, credential });
  if (kind === null || credential === null)
    return makeLoan(asked, { version: null, watched: [], place: (carrier) => carrier });
  const binding = { id: credential, kind, place, origins: [call.origin], api: null, agentUser: null };
  const lent = new Secret(secret);
  return makeLoan(asked, { version: 1, watched: [lent], place: staticLender(binding, lent) });
}

type Heard = { status: number; headers: IncomingMessage['headers']; body: string; whole: boolean };
type Told = { outcome: Outcome; heard: Heard | null };

type Play = {
  readonly lent?: PlacedKind | null;
  readonly place?: string | null;
  readonly settings?: Partial<OutboundSettings>;
  /** What the caller does with the answer; by default it reads it whole. */
  readonly caller?: (response: IncomingMessage) => Promise<Heard>;
  readonly before?: () => Promise<void>;
  /** Runs when the caller has connected, before anything is forwarded. */
  readonly connected?: (hangUp: () => void) => void;
};

/** A caller, a gateway that forwards this one call, and the upstream behind it, all over real connections. */
async function play(t: TestContext, call: Call, how: Play = {}): Promise<Told> {
  const outbound = createOutbound({ allowPrivate: ['127.0.0.0/8'], ownAddresses: () => [], ...how.settings });
  t.after(() => outbound.close());
  const made = prepared(call);
  let told: (outcome: Outcome) => void;
  const outcome = new Promise<Outcome>((resolve) => {
    told = resolve;
  });
  const gateway = await http(t, (_request, response) => {
    const loan = loanFor(made, how.lent === undefined ? 'bearer' : how.lent, how.place ?? null);
    forward({ outbound, clock: () => performance.now() }, made, loan, replyTo(response, [], how.before)).then(
      (result) => {
        // What a gateway does where the caller has heard nothing yet.
        if (!result.firstByteSent && !response.destroyed) response.writeHead(502).end(result.says);
        told(result);
      },
    );
  });
  const heard = new Promise<Heard | null>((resolve) => {
    const request = httpRequest(gateway, { method: made.method }, (response) => {
      (how.caller ?? readWhole)(response).then(resolve, () => resolve(null));
    });
    request.on('error', () => resolve(null));
    request.end();
    how.connected?.(() => request.destroy());
  });
  return { outcome: await outcome, heard: await heard };
}

const readWhole = (response: IncomingMessage): Promise<Heard> => reading(() => undefined)(response);

/** Reads all of it, and tells of each piece that came: what happens next waits for that, not for a clock. */
const reading =
  (came: () => void) =>
  async (response: IncomingMessage): Promise<Heard> => {
    const head = { status: response.statusCode ?? 0, headers: response.headers };
    let body = '';
    try {
      for await (const chunk of response) {
        body += chunk;
        came();
      }
    } catch (error) {
      assert.ok(error instanceof Error);
      return { ...head, body, whole: false };
    }
    return { ...head, body, whole: response.complete };
  };

const sha256 = (text: string) => `sha-256:${createHash('sha256').update(text).digest('base64url')}`;

test('a permitted call is sent as decided, with the credential, and the answer comes back', async (t) => {
  const seen: { url?: string | undefined; headers?: IncomingMessage['headers']; body?: string } = {};
  const origin = await http(t, async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    Object.assign(seen, { url: request.url, headers: request.headers, body });
    response
      .writeHead(201, { 'content-type': 'application/json', 'set-cookie': 'a=b', location: '/x' })
      .end('{"id":1}');
  });
  const entry = randomId('entry');
  const call = { origin, entry, query: 'dry=no', headers: { accept: '*/*' }, idempotencyHeader: 'idempotency-key' };
  const { outcome, heard } = await play(t, { ...call, planeHeaders: [['ambit-task', 'tsk_1']] });
  assert.deepEqual(seen.headers, {
    host: new URL(origin).host,
    connection: 'keep-alive',
    accept: '*/*',
    'ambit-task': 'tsk_1',
    'user-agent': 'ambit',
    'accept-encoding': 'identity',
    'content-type': 'application/json',
    'content-length': '18',
    'idempotency-key': entry,
    authorization: `Bearer ${secret}`,
  });
  assert.deepEqual([seen.url, seen.body], ['/refunds?dry=no', '{"amount":"30.00"}']);
  assert.deepEqual([heard?.status, heard?.body, heard?.whole], [201, '{"id":1}', true]);
  assert.deepEqual([heard?.headers['set-cookie'], heard?.headers.location], [undefined, undefined]);
  assert.equal(heard?.headers['ambit-source'], 'upstream');
  const { kind, code, sent, status, bytes, digest, complete, firstByteSent, flagged } = outcome;
  assert.deepEqual(
    { kind, code, sent, status, bytes, digest, complete, firstByteSent, flagged },
    {
      ...{ kind: 'done', code: 'answered', sent: true, status: 201, bytes: 8, digest: sha256('{"id":1}') },
      ...{ complete: true, firstByteSent: true, flagged: null },
    },
  );
  assert.equal(Buffer.from(outcome.copy).toString(), '{"id":1}');
});

test('the copy of an answer is bounded, its digest is of all of it', async (t) => {
  const text = 'x'.repeat(300_000);
  const origin = await http(t, (_request, response) => response.end(text));
  const { outcome } = await play(t, { origin, copyBytesMax: 10 });
  assert.deepEqual([outcome.copy.length, outcome.bytes, outcome.digest], [10, 300_000, sha256(text)]);
});

test('an answer streams: the caller hears its beginning before the upstream has sent its end', async (t) => {
  let finish = (): void => undefined;
  const origin = await http(t, (_request, response) => {
    response.write('data: 1\n\n');
    finish = () => response.end('data: 2\n\n');
  });
  const caller = (response: IncomingMessage) => {
    response.once('data', () => finish());
    return readWhole(response);
  };
  const { outcome, heard } = await play(t, { origin, method: 'GET', effect: 'read', body: null }, { caller });
  assert.equal(outcome.kind, 'done');
  assert.equal(heard?.whole, true);
});

test('a caller that reads slowly slows the upstream down', async (t) => {
  const size = 48 * 1024 * 1024;
  let written = 0;
  const origin = await http(t, (_request, response) => {
    const piece = Buffer.alloc(256 * 1024, 'x');
    const more = (): void => {
      while (written < size) {
        written += piece.length;
        if (!response.write(piece)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  });
  const caller = async (response: IncomingMessage): Promise<Heard> => {
    response.pause();
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.ok(written < size / 2, `${written} bytes were taken from the upstream while nobody read`);
    let bytes = 0;
    for await (const chunk of response) bytes += (chunk as Buffer).length;
    return { status: 200, headers: {}, body: String(bytes), whole: true };
  };
  const call = { origin, method: 'GET', effect: 'read' as const, body: null, answerBytesMax: size };
  const { outcome, heard } = await play(t, call, { caller });
  assert.deepEqual([outcome.bytes, heard?.body], [size, String(size)]);
});

test('a body without power streams to the upstream as it comes', async (t) => {
  const heardAt: string[] = [];
  const stream = new PassThrough();
  const origin = await http(t, (request, response) => {
    request.on('data', (chunk) => {
      heardAt.push(String(chunk));
      if (heardAt.length === 1) stream.end('second');
    });
    request.on('end', () => response.end('ok'));
  });
  stream.write('first');
  const body = { mediaType: 'application/octet-stream', stream, bytesLength: 11 };
  const { outcome } = await play(t, { origin, body });
  assert.deepEqual([outcome.kind, heardAt], ['done', ['first', 'second']]);
});

test('abort-after-effect: an upstream that does it and breaks off leaves the call unknown, never failed', async (t) => {
  let effects = 0;
  const origin = await http(t, (request) => {
    request.resume().on('end', () => {
      effects++;
      request.socket.destroy();
    });
  });
  const { outcome, heard } = await play(t, { origin });
  assert.equal(effects, 1);
  assert.deepEqual(
    [outcome.kind, outcome.code, outcome.sent, outcome.firstByteSent],
    ['unknown', 'broken', true, false],
  );
  assert.match(heard?.body ?? '', /not known; do not repeat it/);
});

test('abort-after-effect: silence, a reset half-way and a length that lies are unknown, and the caller sees the break', async (t) => {
  const silent = await raw(t, () => undefined);
  const { outcome: late } = await play(t, { origin: silent }, { settings: { timeouts: { headersMs: 40 } } });
  assert.deepEqual([late.kind, late.code], ['unknown', 'late']);
  let came = (): void => undefined;
  const answers = {
    reset: (socket: Socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc');
      came = () => socket.resetAndDestroy();
    },
    short: (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'),
    unfinished: (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n'),
  };
  for (const [name, answer] of Object.entries(answers)) {
    const { outcome, heard } = await play(t, { origin: await raw(t, answer) }, { caller: reading(() => came()) });
    assert.deepEqual([outcome.kind, outcome.status, outcome.complete], ['unknown', 200, false], name);
    assert.notEqual(heard?.whole, true, name);
  }
});

test('what the upstream says decides: 4xx failed, 5xx to a write unknown, both pass to the caller', async (t) => {
  const origin = await http(t, (request, response) => {
    response.writeHead(Number(request.url?.slice(1))).end('said');
  });
  const kinds = [];
  for (const path of ['/409', '/500', '/503', '/501']) {
    const { outcome, heard } = await play(t, { origin, path });
    kinds.push(outcome.kind);
    assert.deepEqual([heard?.body, outcome.complete], ['said', true]);
  }
  assert.deepEqual(kinds, ['failed', 'unknown', 'unknown', 'failed']);
});

test('an upstream that is down is failed and not sent; so is an address that may not be reached', async (t) => {
  const down = await http(t, () => undefined);
  const gone = new URL(down);
  gone.port = '1';
  const first = (await play(t, { origin: gone.origin })).outcome;
  const second = (await play(t, { origin: down }, { settings: { allowPrivate: [] } })).outcome;
  for (const { kind, code, sent, status } of [first, second]) {
    assert.deepEqual({ kind, code, sent, status }, { kind: 'failed', code: 'not_sent', sent: false, status: null });
  }
  assert.match(second.because, /loopback/);
});

test('an answer that comes before a write was sent whole is not believed to be done', async (t) => {
  const stream = new PassThrough();
  stream.write('half');
  const origin = await raw(t, (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
  const { outcome } = await play(t, { origin, body: { mediaType: 'text/plain', stream, bytesLength: null } });
  assert.deepEqual([outcome.kind, outcome.code, outcome.status], ['unknown', 'answered_early', 200]);
});

test('late-first-byte: a task that ended, or a last look that fails, keeps the call here', async (t) => {
  let requests = 0;
  const origin = await http(t, (_request, response) => {
    requests++;
    response.end();
  });
  const over = new CutSwitch();
  over.cut('task ended');
  const ended = await play(t, { origin, until: over });
  assert.deepEqual([ended.outcome.kind, ended.outcome.code, ended.outcome.sent], ['failed', 'task_ended', false]);
  const lastLook = () => {
    throw refuse('state.changed', 'the epoch of the task moved on');
  };
  const fenced = await play(t, { origin, lastLook });
  assert.deepEqual([fenced.outcome.sent, fenced.outcome.refusal?.code], [false, 'state.changed']);
  assert.match(fenced.outcome.because, /epoch/);
  assert.equal(requests, 0);
});

test('the end of a task cuts an open answer', async (t) => {
  const task = new CutSwitch();
  const origin = await http(t, (_request, response) => response.write('beginning'));
  const { outcome, heard } = await play(t, { origin, until: task }, { caller: reading(() => task.cut('task ended')) });
  assert.deepEqual([outcome.kind, outcome.code, outcome.complete, outcome.bytes], ['done', 'task_ended', false, 9]);
  assert.notEqual(heard?.whole, true);
});

test('unbounded-channel: an answer has a maximum of bytes and of time, and protocols are not switched', async (t) => {
  let came = (): unknown => undefined;
  const origin = await http(t, (request, response) => {
    if (request.url === '/said') return void response.end('x'.repeat(2_000));
    response.write('x'.repeat(900));
    came = () => response.write('x'.repeat(900));
  });
  const said = await play(t, { origin, path: '/said', answerBytesMax: 1_000 });
  assert.deepEqual([said.outcome.code, said.outcome.firstByteSent, said.outcome.bytes], ['answer_too_large', false, 0]);
  const grew = await play(t, { origin, path: '/grew', answerBytesMax: 1_000 }, { caller: reading(() => came()) });
  assert.deepEqual(
    [grew.outcome.code, grew.outcome.firstByteSent, grew.outcome.bytes],
    ['answer_too_large', true, 900],
  );
  const slow = await play(t, { origin, path: '/slow', durationMsMax: 60 });
  assert.deepEqual([slow.outcome.kind, slow.outcome.code], ['unknown', 'late']);
  const switching = await raw(t, (socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'),
  );
  const switched = await play(t, { origin: switching });
  assert.deepEqual([switched.outcome.kind, switched.outcome.code], ['unknown', 'broken']);
});

test('moved-origin: a redirect is neither followed nor passed on', async (t) => {
  let elsewhere = 0;
  const other = await http(t, (_request, response) => {
    elsewhere++;
    response.end();
  });
  const origin = await http(t, (_request, response) => response.writeHead(307, { location: other }).end('go there'));
  const { outcome, heard } = await play(t, { origin });
  assert.deepEqual([outcome.kind, outcome.code, outcome.firstByteSent], ['unknown', 'redirected', false]);
  assert.match(heard?.body ?? '', /does not follow redirects/);
  assert.equal(elsewhere, 0);
});

test('moved-origin: a loan for another origin or another entry is not used', async (t) => {
  const origin = await http(t, (_request, response) => response.end());
  const outbound = createOutbound({ allowPrivate: ['127.0.0.0/8'], ownAddresses: () => [] });
  t.after(() => outbound.close());
  const call = prepared({ origin });
  const foreign = [prepared({ origin: 'https://shop.example', entry: call.entry }), prepared({ origin })];
  for (const other of foreign) {
    const reply = { head: () => assert.fail('nothing was to be answered'), body: new PassThrough() };
    const outcome = await forward({ outbound, clock: () => 0 }, call, loanFor(other, 'bearer'), reply);
    assert.deepEqual([outcome.kind, outcome.sent], ['failed', false]);
    assert.match(outcome.because, /is not for/);
  }
});

test('decided-is-not-sent: a header that may never be forwarded stops the call, whoever let it in', async (t) => {
  const origin = await http(t, (_request, response) => response.end());
  for (const headers of [{ 'x-http-method-override': 'DELETE' }, { host: 'mallory' }, { Accept: 'x' }]) {
    const { outcome } = await play(t, { origin, headers });
    assert.deepEqual([outcome.sent, outcome.kind], [false, 'failed']);
  }
});

const mirrors: Record<string, RequestListener> = {
  'in a header': (request, response) => response.setHeader('x-seen', request.headers.authorization ?? '').end('ok'),
  'in a header that never passes': (request, response) =>
    response.setHeader('set-cookie', `a=${request.headers.authorization}`).end('ok'),
  'in the body': (request, response) => response.end(JSON.stringify(request.headers)),
  'in base64': (request, response) => response.end(btoa(JSON.stringify(request.headers))),
  'in an error': (request, response) => response.writeHead(400).end(`bad token ${request.headers.authorization}`),
};
for (const [where, mirror] of Object.entries(mirrors)) {
  test(`echoed-secret: a secret that comes back ${where} does not reach the caller, and the credential is flagged`, async (t) => {
    const { outcome, heard } = await play(t, { origin: await http(t, mirror) });
    assert.deepEqual([outcome.code, outcome.flagged, outcome.complete], ['echoed_secret', 'credential', false]);
    assert.ok(!JSON.stringify([heard, outcome]).includes(secret));
    assert.ok(!JSON.stringify([heard, outcome]).includes(btoa(secret).slice(0, 16)));
  });
}

test('echoed-secret: across the borders of pieces, not a byte of it goes on', async (t) => {
  const origin = await http(t, (request, response) => {
    const text = `before ${request.headers.authorization} after`;
    response.writeHead(200, { 'content-length': text.length });
    const step = (at: number): void => {
      if (at >= text.length) return void response.end();
      response.write(text.slice(at, at + 5));
      setTimeout(step, 2, at + 5);
    };
    step(0);
  });
  const { outcome, heard } = await play(t, { origin });
  assert.deepEqual([outcome.flagged, outcome.firstByteSent], ['credential', true]);
  assert.notEqual(heard?.whole, true);
  assert.ok('before Bearer '.startsWith(heard?.body ?? ''), heard?.body);
});

test('echoed-secret: a query or basic credential is found too', async (t) => {
  const origin = await http(t, (request, response) => response.end(`${request.url} ${request.headers.authorization}`));
  for (const [lent, place] of [
    ['query', 'api_key'],
    ['basic', 'refund-bot'],
  ] as const) {
    const { outcome, heard } = await play(t, { origin }, { lent, place });
    assert.equal(outcome.flagged, 'credential', lent);
    assert.ok(!(heard?.body ?? '').includes(secret));
  }
});

test('echoed-secret: where a credential is lent, an encoded or partial answer is kept back', async (t) => {
  const origin = await http(t, (request, response) => {
    if (request.url === '/gzip') {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      return void response.end(gzipSync(JSON.stringify(request.headers)));
    }
    response.writeHead(206, { 'content-range': 'bytes 0-3/9' }).end('part');
  });
  const gzip = await play(t, { origin, path: '/gzip' });
  assert.deepEqual([gzip.outcome.code, gzip.outcome.firstByteSent], ['encoded', false]);
  assert.match(gzip.heard?.body ?? '', /encoded answer/);
  assert.equal((await play(t, { origin, path: '/part' })).outcome.code, 'partial');
  const without = await play(t, { origin, path: '/gzip' }, { lent: null });
  assert.deepEqual([without.outcome.kind, without.heard?.headers['content-encoding']], ['done', 'gzip']);
});

test('when the caller leaves, a write is heard to its end and a read is given up', async (t) => {
  let hangUp = (): void => undefined;
  const origin = await http(t, (request, response) => {
    request.resume().on('end', () => {
      hangUp();
      setTimeout(() => response.end('done'), 40);
    });
  });
  const connected = (leave: () => void) => {
    hangUp = leave;
  };
  const write = (await play(t, { origin }, { connected })).outcome;
  assert.deepEqual([write.kind, write.status, write.complete, write.bytes], ['done', 200, false, 4]);
  const read = (await play(t, { origin, method: 'GET', effect: 'read', body: null }, { connected })).outcome;
  assert.deepEqual([read.kind, read.code, read.status], ['unknown', 'caller_left', null]);
});

test('what must be durable before the answer begins is done before its first byte, also where there is no body', async (t) => {
  const order: string[] = [];
  const origin = await http(t, (request, response) => {
    if (request.method === 'HEAD') return void response.writeHead(200, { 'x-total-count': '3' }).end();
    response.writeHead(request.url === '/none' ? 204 : 200).end(request.url === '/none' ? undefined : 'body');
  });
  const before = async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    order.push('durable');
  };
  const caller = (response: IncomingMessage) => {
    order.push('heard');
    return readWhole(response);
  };
  for (const part of [{ path: '/some' }, { path: '/none' }, { method: 'HEAD', effect: 'read' as const, body: null }]) {
    const { outcome, heard } = await play(t, { origin, ...part }, { before, caller });
    assert.deepEqual([outcome.kind, outcome.firstByteSent, heard?.whole], ['done', true, true], JSON.stringify(part));
  }
  assert.deepEqual(order, ['durable', 'heard', 'durable', 'heard', 'durable', 'heard']);
});

test('an upstream that answers and hangs up while the beginning is being recorded is passed on in order', async (t) => {
  const body = 'x'.repeat(40_000);
  const endings = {
    politely: (socket: Socket) => socket.end(),
    rudely: (socket: Socket) => setTimeout(() => socket.resetAndDestroy(), 10),
  };
  const before = () => new Promise<void>((resolve) => setTimeout(resolve, 60));
  for (const [how, hangUp] of Object.entries(endings)) {
    const origin = await raw(t, (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      hangUp(socket);
    });
    const { outcome, heard } = await play(t, { origin }, { before });
    // Whether a reset loses bytes that were under way is the system's affair; what was lost is never called done.
    assert.equal(outcome.kind, outcome.bytes === body.length && outcome.complete ? 'done' : 'unknown', how);
    assert.equal(outcome.complete, how === 'politely' || heard?.body === body, how);
    assert.ok(outcome.firstByteSent, how);
    if (heard !== null) assert.equal(heard.headers['ambit-source'], 'upstream', how);
  }
});

test('pieces that arrive in spite of a pause wait for the head', async () => {
  const exchange = { cut: () => undefined, pause: () => undefined, resume: () => undefined };
  const hasty: Outbound = {
    request(_key, _request, receiver) {
      setImmediate(() => {
        receiver.sending?.();
        receiver.answered(200, []);
        receiver.data(Buffer.from('one '));
        receiver.data(Buffer.from('two'));
        receiver.ended({ requestWhole: true });
      });
      return exchange;
    },
    fetchText: () => assert.fail('nothing was to be fetched'),
    connect: () => assert.fail('nothing was to be connected to'),
    close: async () => undefined,
  };
  const order: string[] = [];
  const body = new PassThrough().on('data', (chunk) => order.push(String(chunk)));
  const head = async () => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    order.push('head');
  };
  const call = prepared({ origin: 'https://shop.example' });
  const outcome = await forward({ outbound: hasty, clock: () => 0 }, call, loanFor(call, 'bearer'), { head, body });
  await finished(body);
  assert.deepEqual(order, ['head', 'one ', 'two']);
  assert.deepEqual([outcome.kind, outcome.complete], ['done', true]);
});

test('an answer whose beginning cannot be recorded is not passed on, and the write stays done', async (t) => {
  const origin = await http(t, (_request, response) => response.end('body'));
  const { outcome, heard } = await play(
    t,
    { origin },
    { before: () => Promise.reject(new Error('the store is full')) },
  );
  assert.deepEqual([outcome.kind, outcome.code, outcome.firstByteSent], ['done', 'reply_failed', false]);
  assert.equal(heard?.status, 502);
});

test('desynced-socket: bytes planted behind an answer never answer the next call of the same credential', async (t) => {
  let calls = 0;
  const answer = (body: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  const origin = await raw(t, (socket) => {
    calls++;
    socket.write(calls === 1 ? answer('mine') + answer('planted') : answer('yours'));
  });
  const outbound = createOutbound({ allowPrivate: ['127.0.0.0/8'], ownAddresses: () => [] });
  t.after(() => outbound.close());
  const bodies = [];
  for (let i = 0; i < 2; i++) {
    const call = prepared({ origin });
    const body = new PassThrough();
    const reply = { head: () => undefined, body };
    const outcome = await forward({ outbound, clock: () => 0 }, call, loanFor(call, null), reply);
    bodies.push(Buffer.from(outcome.copy).toString());
  }
  assert.deepEqual(bodies, ['mine', 'yours']);
});
