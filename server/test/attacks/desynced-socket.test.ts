// The upstream lies about where its answer ends, and leaves something behind for whoever comes next on the connection.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Authority, TaskId } from '@ambit/protocol';
import { type House, openHouse, order, registerBot, shopDescription } from '../house.ts';
import { type RawAgent, rawAgent } from '../raw-agent.ts';
import { seeded } from './wire.ts';
import { callsOf, refund, until } from './witness.ts';

type Working = { readonly agent: RawAgent; readonly task: TaskId; readonly token: string };
type Request = { readonly line: string; readonly body: string; readonly connection: number };
/** What the upstream does with one request. */
type Lie = (socket: Socket, request: Request) => unknown;

// Printed with the test that uses it: the same seed plays the same again.
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

let house: House;
let upstream: LyingUpstream;
let mallory: readonly Working[];
let others: readonly Working[];

before(async () => {
  upstream = await lyingUpstream();
  house = await openHouse({
    upstream: upstream.url,
    env: {
      AMBIT_UPSTREAM_TIMEOUT_SECONDS: '1',
      AMBIT_AGENT_CALLS_PER_SECOND: '1000',
      AMBIT_BODY_BYTES_MAX: '20000000',
    },
  });
  const { ada, alice } = house;
  const unbounded = shopDescription().replaceAll('"maxLength": 500', '"maxLength": 20000000');
  await ada.operator.catalog.import({
    name: 'notes',
    text: unbounded,
    server: upstream.url,
    zone: 'default',
    environment: 'test',
  });
  const { revision } = await ada.operator.catalog.show('notes');
  await ada.operator.catalog.confirm('notes', { revision });
  await ada.operator.persons.setDelegable(alice.id, authority);
  mallory = await Promise.all(Array.from({ length: 16 }, (_, i) => worker(`first-${i}`)));
  others = await Promise.all(Array.from({ length: 4 }, (_, i) => worker(`next-${i}`)));
});
after(async () => {
  await house.close();
  await upstream.close();
});

const authority: Authority = [
  {
    type: 'ambit_grant',
    actions: ['shop:shipping.get', 'shop:refunds.create', 'notes:orders.note', 'notes:shipping.get'],
  },
];

async function worker(name: string): Promise<Working> {
  const bot = await registerBot(house.alice, name, authority);
  const agent = await rawAgent(house, bot);
  const task = await house.openTask({ agent: bot.id, authority });
  return { agent, task, token: await agent.accept(task) };
}

type LyingUpstream = {
  readonly url: string;
  /** A write of that amount is answered so; everything else is answered honestly, with what was asked. */
  lie(amount: string, how: Lie): void;
  readonly heard: readonly Request[];
  /** Every byte that came and was not a request. */
  readonly strayBytes: () => number;
  close(): Promise<void>;
};

async function lyingUpstream(): Promise<LyingUpstream> {
  const heard: Request[] = [];
  const lies = new Map<string, Lie>();
  const sockets = new Set<Socket>();
  const texts = new Map<Socket, string>();
  let connections = 0;
  const server = createServer((socket) => {
    const connection = ++connections;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      let text = (texts.get(socket) ?? '') + chunk.toString('latin1');
      if (/^POST \S+\/notes /.test(text)) return early(socket);
      for (let end = endOfRequest(text); end > 0; end = endOfRequest(text)) {
        const request = {
          line: text.slice(0, text.indexOf('\r\n')),
          body: text.slice(text.indexOf('\r\n\r\n') + 4, end),
          connection,
        };
        heard.push(request);
        text = text.slice(end);
        void (lies.get(/"amount":"([\d.]+)"/.exec(request.body)?.[1] ?? '') ?? honest)(socket, request);
      }
      texts.set(socket, text);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lie: (amount, how) => void lies.set(amount, how),
    heard,
    strayBytes: () => [...texts.values()].reduce((sum, text) => sum + text.length, 0),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers after the head, and reads no more of what the other side still wants to say. */
function early(socket: Socket): void {
  socket.pause();
  socket.write(whole(mine, [], '201 Created'));
}

function endOfRequest(text: string): number {
  const blank = text.indexOf('\r\n\r\n');
  if (blank < 0) return 0;
  const end = blank + 4 + Number(/^content-length: (\d+)\r$/im.exec(text.slice(0, blank + 2))?.[1] ?? 0);
  return text.length < end ? 0 : end;
}

const own = (line: string, body: string) => JSON.stringify({ own: [line, body] });
const honest: Lie = (socket, { line, body }) => socket.write(whole(own(line, body)));
const whole = (body: string, head: readonly string[] = [], status = '200 OK') =>
  `${[`HTTP/1.1 ${status}`, 'content-type: application/json', `content-length: ${body.length}`, ...head].join('\r\n')}\r\n\r\n${body}`;

const planted = whole('{"planted":true}', ['x-planted: yes']);
const mine = '{"mine":true}';
const chunked = (body: string, end = '0\r\n\r\n') =>
  `HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n${end}`;
const says =
  (...lines: readonly string[]): Lie =>
  (socket) =>
    socket.write(`HTTP/1.1 201 Created\r\n${lines.join('\r\n')}\r\n\r\n${mine}`);
const bytes =
  (text: string): Lie =>
  (socket) =>
    socket.write(Buffer.from(text, 'latin1'));
const then =
  (milliseconds: number, text: string, first = whole(mine, [], '201 Created')): Lie =>
  async (socket) => {
    socket.write(first);
    await sleep(milliseconds);
    socket.write(text);
  };

/** What the log must say of each. `kept`: there is no doubt, and the connection serves the next call too. */
type Case = {
  readonly lie: Lie;
  readonly outcome: 'done' | 'unknown';
  readonly kept?: true;
  readonly restMilliseconds?: number;
};
const doubtful = (lie: Lie): Case => ({ lie, outcome: 'unknown' });
const believed = (lie: Lie): Case => ({ lie, outcome: 'done' });

const cases: Readonly<Record<string, Case>> = {
  'an answer and nothing else': { ...believed(bytes(whole(mine, [], '201 Created'))), kept: true },
  'chunks and nothing else': { ...believed(bytes(chunked(mine))), kept: true },
  'two answers at once': believed(bytes(whole(mine, [], '201 Created') + planted)),
  'a second answer right behind': { ...believed(then(0, planted)), restMilliseconds: 10 },
  'a second answer a little later': { ...believed(then(15, planted)), restMilliseconds: 30 },
  'the beginning of a second answer': {
    ...believed(then(0, 'HTTP/1.1 200 OK\r\ncontent-length: 16\r\nx-planted: y')),
    restMilliseconds: 10,
  },
  'half a line of a second answer': believed(bytes(`${whole(mine, [], '201 Created')}HTTP/1.1 200`)),
  'one byte too many': believed(bytes(`${whole(mine, [], '201 Created')}x`)),
  'a body longer than it says': believed(bytes(whole(mine, [], '201 Created').replace('}', `}${planted}`))),
  'line ends and a second answer': believed(bytes(`${whole(mine, [], '201 Created')}\r\n\r\n${planted}`)),
  'a second answer behind the last chunk': believed(bytes(chunked(mine) + planted)),
  'a second answer in the trailers': believed(bytes(chunked(mine, `0\r\nx: y\r\n\r\n${planted}`))),
  'a second answer, though the connection is said to close': believed(
    bytes(whole(mine, ['connection: close'], '201 Created') + planted),
  ),
  'an end of the connection and a second answer': believed((socket) =>
    socket.end(whole(mine, [], '201 Created') + planted),
  ),
  'a body behind an answer that has none': believed(
    bytes(`HTTP/1.1 204 No Content\r\ncontent-length: ${mine.length}\r\n\r\n${mine}${planted}`),
  ),
  'a length of an answer that has no body': believed(
    bytes(`HTTP/1.1 204 No Content\r\ncontent-length: ${mine.length}\r\n\r\n`),
  ),
  'chunks behind an answer that has none': believed(
    bytes(`HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n${planted}`),
  ),
  'a length and a coding': doubtful(
    bytes(`HTTP/1.1 201 Created\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${planted}`),
  ),
  'a coding and a length': doubtful(
    bytes(`HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n${planted}`),
  ),
  'two equal lengths': doubtful(says(`content-length: ${mine.length}`, `content-length: ${mine.length}`)),
  'two lengths': doubtful(says('content-length: 0', `content-length: ${mine.length}`)),
  'a list of lengths': doubtful(says(`content-length: ${mine.length}, ${mine.length}`)),
  'a length with a plus': doubtful(says(`content-length: +${mine.length}`)),
  'a negative length': doubtful(says('content-length: -1')),
  'a length in hexadecimal': doubtful(says('content-length: 0xd')),
  'a length with leading zeros': doubtful(says(`content-length: 000${mine.length}`)),
  'a length with a space in it': doubtful(says('content-length: 1 3')),
  'a length beyond 64 bits': doubtful(says(`content-length: ${2n ** 64n + 13n}`)),
  'an empty length': doubtful(says('content-length:')),
  'a space before the colon of the length': doubtful(says(`content-length : ${mine.length}`)),
  'chunked twice': doubtful(bytes(chunked(mine).replace('chunked', 'chunked, chunked'))),
  'chunked in two headers': doubtful(bytes(chunked(mine).replace('chunked', 'chunked\r\ntransfer-encoding: chunked'))),
  'gzip, chunked': doubtful(bytes(chunked(mine).replace('chunked', 'gzip, chunked'))),
  'chunked, identity': doubtful(bytes(chunked(mine).replace('chunked', 'chunked, identity'))),
  identity: doubtful(says('transfer-encoding: identity', 'connection: close')),
  'an unknown coding': doubtful(bytes(chunked(mine).replace('chunked', 'xchunked'))),
  'a folded coding': doubtful(bytes(chunked(mine).replace('chunked', '\r\n chunked'))),
  'a coding behind a bare LF': doubtful(says('x: y\ntransfer-encoding: chunked', `content-length: ${mine.length}`)),
  'a coding behind a bare CR': doubtful(says('x: y\rtransfer-encoding: chunked', `content-length: ${mine.length}`)),
  'a folded header': doubtful(says(`content-length: ${mine.length}`, 'x: y', ' z')),
  'a header without a colon': doubtful(says(`content-length: ${mine.length}`, 'x')),
  'a NUL in a header': doubtful(says(`content-length: ${mine.length}`, 'x: a\0b')),
  'a name that is no token': doubtful(says(`content-length: ${mine.length}`, 'x[1]: y')),
  'bare LF as every end of line': doubtful(bytes(whole(mine, [], '201 Created').replaceAll('\r\n', '\n'))),
  'a header of 100 KB': doubtful(says(`content-length: ${mine.length}`, `x: ${'y'.repeat(100_000)}`)),
  '20,000 headers': doubtful(says(`content-length: ${mine.length}`, ...Array.from({ length: 20_000 }, () => 'x: y'))),
  'no status line': doubtful(bytes(`content-length: 5\r\n\r\nhello${planted}`)),
  'HTTP/0.9': doubtful((socket) => socket.end(mine)),
  'HTTP/2': doubtful(bytes('\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80\0\x04\0\x01\0\0\0\x05\0\0@\0')),
  'another protocol': doubtful(bytes(`SSH-2.0-OpenSSH_9.6\r\n${planted}`)),
  'a version of its own': doubtful(bytes(whole(mine).replace('HTTP/1.1', 'HTTP/9.9'))),
  ICY: doubtful(bytes(whole(mine).replace('HTTP/1.1', 'ICY'))),
  'a status of two digits': doubtful(bytes(whole(mine).replace('200', '20'))),
  'a status of four digits': doubtful(bytes(whole(mine).replace('200', '2000'))),
  'a status of zero': doubtful(bytes(whole(mine).replace('200', '000'))),
  'a status in letters': doubtful(bytes(whole(mine).replace('200', 'abc'))),
  'a switch of protocols': doubtful(
    bytes(`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n${planted}`),
  ),
  'a switch to nothing': doubtful(bytes(`HTTP/1.1 101 Switching Protocols\r\n\r\n${planted}`)),
  'an upgrade that is an answer': believed(
    bytes(whole(mine, ['upgrade: h2c', 'connection: upgrade'], '201 Created') + planted),
  ),
  'an interim answer first': {
    ...believed(bytes(`HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${whole(mine, [], '201 Created')}`)),
    kept: true,
  },
  'a flood of interim answers': doubtful(bytes('HTTP/1.1 103 Early Hints\r\nx: y\r\n\r\n'.repeat(2000))),
  'interim answers that never end': doubtful(async (socket) => {
    while (!socket.destroyed) {
      socket.write('HTTP/1.1 102 Processing\r\n\r\n');
      await sleep(5);
    }
  }),
  'an interim answer with a body': doubtful(
    bytes(`HTTP/1.1 103 Early Hints\r\ncontent-length: ${planted.length}\r\n\r\n${planted}`),
  ),
  'a length that never comes': doubtful(says('content-length: 1000')),
  'a length that a later answer fills': doubtful(async (socket) => {
    socket.write(`HTTP/1.1 201 Created\r\ncontent-length: 1000\r\n\r\n${mine}`);
    await sleep(50);
    socket.end(planted);
  }),
  'silence, and an answer after the call was given up': doubtful(async (socket) => {
    await sleep(1100);
    socket.write(planted);
  }),
  'an end before the answer': doubtful((socket) => socket.end()),
  'a reset before the answer': doubtful((socket) => socket.resetAndDestroy()),
  'a reset within the answer': doubtful(async (socket) => {
    socket.write('HTTP/1.1 201 Created\r\ncontent-length: 1000\r\n\r\n{"mine":');
    await sleep(20);
    socket.resetAndDestroy();
  }),
  'chunks without an end': doubtful((socket) => socket.end(chunked(mine, ''))),
  'a chunk size with a prefix': doubtful(bytes(chunked(mine).replace('\r\nd\r\n', '\r\n0xd\r\n'))),
  'a chunk size with a sign': doubtful(bytes(chunked(mine).replace('\r\nd\r\n', '\r\n+d\r\n'))),
  'a chunk size beyond 64 bits': doubtful(bytes(chunked(mine).replace('\r\nd\r\n', '\r\n1000000000000000d\r\n'))),
  'a chunk size that ends with a bare LF': doubtful(bytes(chunked(mine).replace('\r\nd\r\n', '\r\nd\n'))),
  'a chunk that is longer than it says': doubtful(bytes(chunked(mine).replace('\r\nd\r\n', '\r\n5\r\n'))),
  'a chunk that is shorter than it says': doubtful((socket) =>
    socket.end(chunked(mine).replace('\r\nd\r\n', '\r\nff\r\n')),
  ),
  'a chunk extension with a bare LF': doubtful(bytes(chunked(mine).replace('\r\nd\r\n', '\r\nd;a\n'))),
  'a chunk extension of 100 KB': {
    ...believed(bytes(chunked(mine).replace('\r\nd\r\n', `\r\nd;a=${'x'.repeat(100_000)}\r\n`))),
    kept: true,
  },
  'trailers in the name of the plane': {
    ...believed(
      bytes(chunked(mine, '0\r\nambit-entry: ent_x\r\nlocation: /evil\r\nset-cookie: a=b\r\ndpop-nonce: n\r\n\r\n')),
    ),
    kept: true,
  },
  'a length in the trailers': doubtful(bytes(chunked(mine, `0\r\ncontent-length: 5\r\n\r\n${planted}`))),
};

/** What a caller can hear, even of an answer that breaks off: head and body. */
async function heardOf(response: Response): Promise<string> {
  const head = `${response.status} ${JSON.stringify([...response.headers])}`;
  const body = await response.text().catch((error: unknown) => {
    assert.ok(error instanceof Error);
    return '(cut)';
  });
  return `${head} ${body}`;
}

let calls = 0;
/** A call of its own kind, which hears the answer to itself and nothing else; answers on which connection it went. */
async function hearsItsOwn({ agent, token }: Working, what: 'read' | 'write'): Promise<number> {
  const id = 1000 + calls++;
  const asked = { amount: `${id}.01`, currency: 'USD' };
  const response =
    what === 'read'
      ? await agent.call(token, 'GET', `/api/shop/orders/${id}/shipping`)
      : await agent.call(token, 'POST', '/api/shop/orders/1042/refunds', { body: asked });
  const line = what === 'read' ? `GET /orders/${id}/shipping HTTP/1.1` : 'POST /orders/1042/refunds HTTP/1.1';
  const body = what === 'read' ? '' : JSON.stringify(asked);
  assert.equal(await response.text(), own(line, body), 'it heard another answer than its own');
  assert.equal(response.headers.get('x-planted'), null);
  const found = upstream.heard.filter((request) => request.line === line && request.body === body);
  assert.equal(found.length, 1, 'something was sent twice');
  return found[0]?.connection ?? 0;
}

const notItsOwn = /planted|evil|"ent_x"|set-cookie|dpop-nonce/i;

let number = 0;
for (const [what, { lie, outcome, kept, restMilliseconds = 0 }] of Object.entries(cases)) {
  test(`${what}: the next call hears its own answer, and the log says what is known of this one`, async () => {
    const first = mallory[++number % mallory.length] ?? assert.fail();
    const other = others[number % others.length] ?? assert.fail();
    const from = upstream.heard.length;
    upstream.lie(`${number}.00`, lie);
    const text = await heardOf(await refund(first.agent, first.token, `${number}.00`));
    assert.equal(upstream.heard.length, from + 1, text);
    assert.doesNotMatch(text, notItsOwn, 'this call heard what was not its answer');
    const before = upstream.heard.at(-1)?.connection;
    await sleep(restMilliseconds);
    const connection = await hearsItsOwn(other, 'read');
    if (kept === undefined) assert.notEqual(connection, before, 'the connection was used again');
    else assert.equal(connection, before, 'a connection without a fault was thrown away');
    // A write that went well makes up for one that did not: else the action would be given a rest.
    await hearsItsOwn(other, 'write');
    assert.equal(upstream.strayBytes(), 0);
    const told = await until('the outcome', async () => (await callsOf(house, first.task)).at(-1)?.outcome?.code);
    assert.equal(told, outcome, text);
  });
}

test(`many at once, lied to and not: each hears its own answer or none (FUZZ_SEED=${seed})`, async () => {
  const random = seeded(seed);
  // Of these the log believes that they were done: so many that are not known would have the action given a rest.
  // A second answer that comes once the next request is out cannot be told from the answer to that.
  const lies = Object.entries(cases).filter(([, one]) => one.outcome === 'done' && one.restMilliseconds === undefined);
  let left = 200;
  await Promise.all(
    others.map(async (worker, lane) => {
      for (let turn = 0; left-- > 0; turn++) {
        const [what, { lie }] = lies[Math.floor(random() * lies.length)] ?? assert.fail();
        if (random() < 0.7) await hearsItsOwn(worker, random() < 0.8 ? 'read' : 'write');
        else {
          const amount = `${2000 + 100 * lane}.${10 + turn}`;
          upstream.lie(amount, lie);
          assert.doesNotMatch(await heardOf(await refund(worker.agent, worker.token, amount)), notItsOwn, what);
        }
      }
    }),
  );
});

test('an answer that is over before a large body has gone out is not believed, and nothing follows it', async () => {
  const [first = assert.fail(), , next = assert.fail()] = mallory;
  const text = 'POST /orders/1042/refunds HTTP/1.1\r\nx-planted: y\r\n\r\n'.repeat(150_000);
  const path = `/api/notes/orders/${order}/notes`;
  const before = upstream.heard.length;
  const response = await first.agent.call(first.token, 'POST', path, { body: { text } });
  assert.equal(response.status, 201, await response.clone().text());
  assert.equal(await response.text(), mine);
  const line = 'GET /orders/1042/shipping HTTP/1.1';
  const read = await next.agent.call(next.token, 'GET', '/api/notes/orders/1042/shipping');
  assert.equal(await read.text(), own(line, ''));
  assert.equal(upstream.heard.length, before + 1);
  const told = async () => (await callsOf(house, first.task, 'notes:orders.note')).at(-1)?.outcome;
  const outcome = await until('the outcome', told);
  assert.equal(outcome?.code, 'unknown');
  assert.match(outcome?.why.join(' ') ?? '', /answered before it had read the request/);
});

test('a connection is never used for another credential of the same organisation', async () => {
  const own = await hearsItsOwn(others[0] ?? assert.fail(), 'read');
  const [first = assert.fail()] = others;
  const { id: user } = await house.alice.operator.agents.linkUser(first.agent.bot.id, {
    api: 'shop',
    externalId: 'u-1',
    label: 'The bot',
  });
  await house.ada.operator.credentials.store({
    name: 'shop-user',
    kind: 'bearer',
    origins: [upstream.url],
    api: 'shop',
    agentUser: user,
    secret: 'sk-of-the-user-0123456789',
  });
  const theirs = new Set<number>();
  for (let i = 0; i < 5; i++) theirs.add(await hearsItsOwn(first, 'read'));
  assert.ok(!theirs.has(own));
  const rest = new Set<number>();
  for (let i = 0; i < 5; i++) rest.add(await hearsItsOwn(others[1] ?? assert.fail(), 'read'));
  assert.ok([...theirs].every((connection) => !rest.has(connection)));
});
