// A request that two readers read in two ways: whatever hides in it must never arrive as a second one, or as another.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { plane } from '../../src/identity/index.ts';
import { type House, only, openHouse, order, registerBot } from '../house.ts';
import { type RawAgent, rawAgent } from '../raw-agent.ts';
import { tenantOf, whileDown } from './offline.ts';
import { type Answer, answersIn, byteWitness, type Line, openLine, seeded, type Witness } from './wire.ts';
import { refundsPath, refundsUpTo } from './witness.ts';

type Working = { readonly agent: RawAgent; readonly token: string };

let house: House;
let upstream: Witness;
let workers: readonly Working[];
/** The bytes that arrive upstream of each call when it is sent plainly. */
let plain: { readonly get: string; readonly post: string };
let refusals = 0;

// Printed with every test: the same seed combines the same tricks again.
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const combinations = Number(process.env.FUZZ_RUNS ?? 60);

before(async () => {
  upstream = await byteWitness(({ head, socket }) => {
    const body = head.startsWith('GET ') ? '{"id":"1042"}' : '{"id":"rfd_1"}';
    const status = head.startsWith('GET ') ? 200 : 201;
    socket.write(
      `HTTP/1.1 ${status} Any\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
  });
  house = await openHouse({ upstream: upstream.url, env: { AMBIT_AGENT_CALLS_PER_SECOND: '1000' } });
  workers = await Promise.all(Array.from({ length: 12 }, (_, i) => worker(`bot-${i}`)));
  plain = { get: await plainly('GET'), post: await plainly('POST') };
});
after(async () => {
  await house.close();
  await upstream.close();
});

// Who is denied again and again is given a rest: the tricks are spread over many agents.
async function worker(name: string): Promise<Working> {
  const bot = await registerBot(house.alice, name);
  const agent = await rawAgent(house, bot);
  const authority = [...refundsUpTo('5000.00'), only('shop:orders.get', 'path.orderId', order)];
  return { agent, token: await agent.accept(await house.openTask({ agent: bot.id, authority })) };
}

/** A request before it is printed; a trick changes any of it. */
type Draft = {
  readonly line: string;
  readonly head: readonly string[];
  readonly body: string;
  /** The end of each line of the head. */
  readonly end: string;
};
type Trick = (draft: Draft) => Partial<Draft>;

const refundText = '{"amount":"1.00","currency":"USD"}';
const planeHost = () => new URL(house.plane.agents).host;
const getPath = `/api/shop/orders/${order}`;

async function draftOf({ agent, token }: Working, method: 'POST' | 'GET'): Promise<Draft> {
  const target = method === 'POST' ? refundsPath : getPath;
  const body = method === 'POST' ? refundText : '';
  const proof = await agent.proof(method, `${house.plane.agents}${target}`, { token, body });
  const head = [`host: ${planeHost()}`, `authorization: DPoP ${token}`, `dpop: ${proof}`];
  const more = ['content-type: application/json', `content-length: ${body.length}`];
  return {
    line: `${method} ${target} HTTP/1.1`,
    head: method === 'POST' ? [...head, ...more] : head,
    body,
    end: '\r\n',
  };
}

const printed = ({ line, head, body, end }: Draft) => [line, ...head].join(end) + end + end + body;
function played(draft: Draft, tricks: readonly Trick[]): Draft {
  let now = draft;
  for (const trick of tricks) now = { ...now, ...trick(now) };
  return now;
}

// What hides, in the hope of being taken for a request of its own.
const hidden = `GET /api/shop/payroll HTTP/1.1\r\nhost: plane\r\nx-hidden: SMUGGLED\r\n\r\n`;
const chunk = (text: string, size = text.length.toString(16)) => `${size}\r\n${text}\r\n`;
const chunks = chunk(refundText);

const without = (name: string, head: readonly string[]) =>
  head.filter((line) => !line.toLowerCase().startsWith(`${name}:`));
const add =
  (...lines: readonly string[]): Trick =>
  ({ head }) => ({ head: [...head, ...lines] });
const lengths =
  (...lines: readonly string[]): Trick =>
  ({ head }) => ({ head: [...without('content-length', head), ...lines] });
const line =
  (change: (line: string) => string): Trick =>
  (draft) => ({ line: change(draft.line) });
const inChunks =
  (body: string, ...more: readonly string[]): Trick =>
  (draft) => ({ ...lengths('transfer-encoding: chunked', ...more)(draft), body });
const coded =
  (...lines: readonly string[]): Trick =>
  (draft) => ({ ...lengths(...lines)(draft), body: `${chunks}0\r\n\r\n` });
const both: Trick = (draft) => ({ ...add(...draft.head)(draft) });

const length = String(refundText.length);

/** What has two readings, or none. */
const refused: Readonly<Record<string, Trick>> = {
  'a length, then a transfer coding': coded(`content-length: ${length}`, 'transfer-encoding: chunked'),
  'a transfer coding, then a length': coded('transfer-encoding: chunked', `content-length: ${length}`),
  'a length, a coding, and a request in the difference': (draft) => ({
    ...lengths(`content-length: ${5 + hidden.length}`, 'transfer-encoding: chunked')(draft),
    body: `0\r\n\r\n${hidden}`,
  }),
  'a length of nothing, and a coding': coded('content-length: 0', 'transfer-encoding: chunked'),
  'two equal lengths': lengths(`content-length: ${length}`, `content-length: ${length}`),
  'two lengths': (draft) => ({
    ...lengths('content-length: 0', `content-length: ${length}`)(draft),
  }),
  'a list of equal lengths': lengths(`content-length: ${length}, ${length}`),
  'a list of lengths': lengths(`content-length: 0, ${length}`),
  'a length with a plus': lengths(`content-length: +${length}`),
  'a negative length': lengths(`content-length: -${length}`),
  'a length in hexadecimal': lengths(`content-length: 0x${refundText.length.toString(16)}`),
  'a length with an exponent': lengths(`content-length: ${length}e0`),
  'a length with leading zeros': lengths(`content-length: 00${length}`),
  'a length with a fraction': lengths(`content-length: ${length}.0`),
  'a length beyond 64 bits': lengths(`content-length: ${2n ** 64n + BigInt(refundText.length)}`),
  'no length where one is said': lengths('content-length:'),
  'two numbers as a length': lengths(`content-length: ${length} ${length}`),
  'a length in other digits': lengths(`content-length: ${[...length].map((d) => `\u0660${d}`).join('')}`),
  'chunked twice in a list': coded('transfer-encoding: chunked, chunked'),
  'chunked twice': coded('transfer-encoding: chunked', 'transfer-encoding: chunked'),
  'chunked, then identity': coded('transfer-encoding: chunked', 'transfer-encoding: identity'),
  'identity, then chunked': coded('transfer-encoding: identity', 'transfer-encoding: chunked'),
  'identity, chunked in a list': coded('transfer-encoding: identity, chunked'),
  'chunked, identity in a list': coded('transfer-encoding: chunked, identity'),
  'gzip, chunked': coded('transfer-encoding: gzip, chunked'),
  'an unknown coding': coded('transfer-encoding: cow'),
  'identity alone': coded('transfer-encoding: identity'),
  'an unknown coding before chunked': coded('transfer-encoding: x-cow, chunked'),
  'chunked in quotes': coded('transfer-encoding: "chunked"'),
  'chunked with a parameter': coded('transfer-encoding: chunked;q=1'),
  'chunked and a comma': coded('transfer-encoding: chunked,'),
  'a comma and chunked': coded('transfer-encoding: ,chunked'),
  'chunked behind a vertical tab': coded('transfer-encoding: \x0bchunked'),
  'chunked and a vertical tab': coded('transfer-encoding: chunked\x0b'),
  'chunked behind a NUL': coded('transfer-encoding: \0chunked'),
  'almost chunked': coded('transfer-encoding: xchunked'),
  'an empty coding': coded('transfer-encoding:'),
  'chunked on a folded line': coded('transfer-encoding:\r\n chunked'),
  'chunked folded behind another': coded('transfer-encoding: identity\r\n\tchunked'),
  'a space before the colon of the coding': coded('transfer-encoding : chunked'),
  'a space before the colon, beside a length': add('transfer-encoding : chunked'),
  'a tab before the colon, beside a length': add('transfer-encoding\t: chunked'),
  'a NUL in the name of the coding': add('transfer-encoding\0: chunked'),
  'a coding behind a bare LF': add('x-a: b\ntransfer-encoding: chunked'),
  'a coding behind a bare CR': add('x-a: b\rtransfer-encoding: chunked'),
  'a length behind a bare LF': ({ head, ...draft }) => lengths(`x-a: b\ncontent-length: ${length}`)({ head, ...draft }),
  'a folded header': add('x-a: b\r\n c'),
  'a folded header, with a tab': add('x-a: b\r\n\tc'),
  'a first line that is folded': ({ head }) => ({ head: [` x-a: b`, ...head] }),
  'a folded line that is empty': add('x-a: b\r\n '),
  'a folded line that names a header': add('x-a: b\r\n transfer-encoding: chunked'),
  'bare LF as every end of line': () => ({ end: '\n' }),
  'bare CR as every end of line': () => ({ end: '\r' }),
  'CR CR LF as every end of line': () => ({ end: '\r\r\n' }),
  'a bare LF behind the request line': ({ line: first, head }) => ({
    line: `${first}\n${head[0]}`,
    head: head.slice(1),
  }),
  'a head that ends with bare LFs': ({ head, body }) => ({ head: [...head.slice(0, -1), `${head.at(-1)}\n\n${body}`] }),
  'a NUL in a value': add('x-a: b\0c'),
  'a control character in a value': add('x-a: b\x01c'),
  'a DEL in a value': add('x-a: b\x7fc'),
  'a NUL in a name': add('x\0a: b'),
  'a line without a colon': add('x-a'),
  'a header without a name': add(': b'),
  'a name that is no token': add('x[a]: b'),
  'a name beyond ASCII': add('x-\xe4: b'),
  'a space before a colon': add('x-a : b'),
  'tabs in the request line': line((text) => text.replaceAll(' ', '\t')),
  'a space behind the version': line((text) => `${text} `),
  'a method in small letters': line((text) => text.replace('POST', 'post')),
  'a method and a NUL': line((text) => text.replace('POST', 'POST\0')),
  'a space in front': line((text) => ` ${text}`),
  'no version': line((text) => text.replace(/ HTTP.*/, '')),
  'HTTP/0.9': line((text) => text.replace('1.1', '0.9')),
  'HTTP/1.2': line((text) => text.replace('1.1', '1.2')),
  'HTTP/2.0': line((text) => text.replace('1.1', '2.0')),
  'HTTP/1.10': line((text) => text.replace('1.1', '1.10')),
  'HTTP/11': line((text) => text.replace('1.1', '11')),
  'http in small letters': line((text) => text.replace('HTTP', 'http')),
  'ICE/1.0': line((text) => text.replace('HTTP/1.1', 'ICE/1.0')),
  'the plane’s own address as a target': line((text) => text.replace('/api', `${house.plane.agents}/api`)),
  'another address as a target': line((text) => text.replace('/api', `${upstream.url}/api`)),
  'a target with a user': line((text) => text.replace('/api', `http://a:b@${planeHost()}/api`)),
  'a host and port as a target': line((text) => text.replace(/ \S+ /, ` ${planeHost()} `)),
  'a target without its slash': line((text) => text.replace('/api', 'api')),
  'two slashes in front': line((text) => text.replace('/api', '//api')),
  'an asterisk as a target': line((text) => text.replace(/ \S+ /, ' * ')),
  'a fragment': line((text) => text.replace(' HTTP', '#x HTTP')),
  'a fragment that hides a path': line((text) => text.replace('/orders', '/orders#/../payroll')),
  'a backslash': line((text) => text.replace('/orders', '\\orders')),
  'dots in the path': line((text) => text.replace('/orders', '/x/../orders')),
  'an encoded line break': line((text) => text.replace('/refunds', '%0d%0ax:%20y/refunds')),
  'a line break in the query': line((text) => text.replace(' HTTP', '?a=%0d%0aHost:%20x HTTP')),
  'a raw line break in the target': line((text) => text.replace(' HTTP', '?a\r\nHost: x HTTP')),
  'an encoded NUL': line((text) => text.replace('/refunds', '%00/refunds')),
  'bytes beyond ASCII in the target': line((text) => text.replace('1042', '1042\xe4')),
  'a space in the target': line((text) => text.replace('1042', '1042 x')),
  'a target of 20,000 bytes': line((text) => text.replace(' HTTP', `?a=${'x'.repeat(20_000)} HTTP`)),
  'a header of 20,000 bytes': add(`x-a: ${'x'.repeat(20_000)}`),
  '10,000 headers': add(...Array.from({ length: 10_000 }, () => 'x:')),
  'a second host behind 2,100 headers': add(...Array.from({ length: 2_100 }, () => 'x:'), 'host: other'),
  'two hosts': add('host: other.example'),
  'the same host twice': (draft) => add(draft.head[0] ?? '')(draft),
  'no host': ({ head }) => ({ head: head.slice(1) }),
  'a host with a path': ({ head }) => ({ head: ['host: plane/api', ...head.slice(1)] }),
  'a host with a user': ({ head }) => ({ head: ['host: a@plane', ...head.slice(1)] }),
  'a host with a space': ({ head }) => ({ head: ['host: plane other', ...head.slice(1)] }),
  'chunks in HTTP/1.0': (draft) => ({
    ...coded('transfer-encoding: chunked')(draft),
    line: draft.line.replace('1.1', '1.0'),
  }),
  'an upgrade to h2c': add('connection: upgrade, http2-settings', 'upgrade: h2c', 'http2-settings: AAMAAABkAAQAAP__'),
  'an upgrade to a WebSocket': add('connection: upgrade', 'upgrade: websocket', 'sec-websocket-version: 13'),
  'the preface of HTTP/2': () => ({ line: 'PRI * HTTP/2.0', head: [], body: 'SM\r\n\r\n' }),
  CONNECT: line(() => `CONNECT ${planeHost()} HTTP/1.1`),
  'a header that overrides the method': add('x-http-method-override: DELETE'),
  'something else expected': add('expect: 200-ok'),
  'two things expected': add('expect: 100-continue', 'expect: 200-ok'),
  'a chunk size with a prefix': inChunks(`${chunk(refundText, `0x${refundText.length.toString(16)}`)}0\r\n\r\n`),
  'a chunk size with a plus': inChunks(`${chunk(refundText, `+${refundText.length.toString(16)}`)}0\r\n\r\n`),
  'a negative chunk size': inChunks(`${chunk(refundText, `-${refundText.length.toString(16)}`)}0\r\n\r\n`),
  'a chunk size behind a space': inChunks(`${chunk(refundText, ` ${refundText.length.toString(16)}`)}0\r\n\r\n`),
  'a chunk size with a line between digits': inChunks(`${chunk(refundText, '2_2')}0\r\n\r\n`),
  'a chunk size beyond 64 bits': inChunks(`${chunk(refundText, `10000000000000022`)}0\r\n\r\n`),
  'a chunk without a size': inChunks(`${chunk(refundText, '')}0\r\n\r\n`),
  'a chunk size that ends with a bare LF': inChunks(`22\n${refundText}\r\n0\r\n\r\n`),
  'a chunk size that ends with a bare CR': inChunks(`22\r${refundText}\r\n0\r\n\r\n`),
  'a chunk that ends with a bare LF': inChunks(`22\r\n${refundText}\n0\r\n\r\n`),
  'a chunk that ends with nothing': inChunks(`22\r\n${refundText}0\r\n\r\n`),
  'a chunk that ends with two other bytes': inChunks(`22\r\n${refundText}xx0\r\n\r\n`),
  'a chunk extension that ends with a bare LF': inChunks(`22;a\n${refundText}\r\n0\r\n\r\n`),
  'a chunk extension with a bare CR in it': inChunks(`22;a\rb\r\n${refundText}\r\n0\r\n\r\n`),
  'a chunk extension with a NUL in it': inChunks(`22;a=\0\r\n${refundText}\r\n0\r\n\r\n`),
  'a chunk extension of 20,000 bytes': inChunks(`22;a=${'x'.repeat(20_000)}\r\n${refundText}\r\n0\r\n\r\n`),
  'a last chunk that ends with bare LFs': inChunks(`${chunks}0\n\n`),
  'a trailer without a colon': inChunks(`${chunks}0\r\nx\r\n\r\n`),
  'a folded trailer': inChunks(`${chunks}0\r\nx: y\r\n z\r\n\r\n`),
  'a body that is not the one that was proved': (draft) => ({ body: draft.body.replace('1.00', '9.00') }),
  'a body in chunks that is not the one that was proved': inChunks(
    `${chunk(refundText.replace('1.00', '9.00'))}0\r\n\r\n`,
  ),
  'garbage behind the first': (draft) => ({ body: `${draft.body}\0\0\0\0\r\n\r\n` }),
  'a length in the trailers': inChunks(`${chunks}0\r\ncontent-length: 5\r\n\r\n`),
  'a coding in the trailers': inChunks(`${chunks}0\r\ntransfer-encoding: chunked\r\n\r\n`),
  'every header twice': both,
};

/** What has one reading, odd as it looks. */
const sent: Readonly<Record<string, Trick>> = {
  'nothing odd': () => ({}),
  chunks: inChunks(`${chunks}0\r\n\r\n`),
  'chunked in capitals': coded('Transfer-Encoding: CHUNKED'),
  'spaces around chunked': coded('transfer-encoding: \t chunked '),
  'chunks of one byte': inChunks(`${[...refundText].map((letter) => chunk(letter)).join('')}0\r\n\r\n`),
  'chunk sizes with leading zeros': inChunks(`${chunk(refundText, '0022')}000\r\n\r\n`),
  'chunk extensions': inChunks(`22;a=b;c="d"\r\n${refundText}\r\n0;last\r\n\r\n`),
  trailers: inChunks(`${chunks}0\r\nx-amount: 9000\r\nhost: other\r\n\r\n`),
  'trailers in the name of the plane': inChunks(
    `${chunks}0\r\nauthorization: Bearer x\r\nambit-task: y\r\nidempotency-key: z\r\n\r\n`,
    'trailer: authorization',
  ),
  'a coding with an underscore, beside a length': add('transfer_encoding: chunked'),
  'a length with an underscore, beside a length': add('content_length: 0'),
  'headers that the connection names': add('connection: keep-alive, content-length, content-type, authorization'),
  'te and trailer': add('te: trailers, chunked', 'trailer: x-amount'),
  'an expectation of 100': add('expect: 100-continue'),
  'two spaces in the request line': line((text) => text.replace(' ', '  ')),
  'an empty line in front': line((text) => `\r\n${text}`),
  'headers that route': add('x-forwarded-host: other', 'forwarded: host=other', 'via: 1.1 x'),
  'a second request behind the first': (draft) => ({ body: draft.body + hidden }),
  'a second request behind the last chunk': inChunks(`${chunks}0\r\n\r\n${hidden}`),
  'another user’s credential in a header of its own': add('proxy-authorization: Basic YTpi', 'cookie: session=x'),
};

const entryIn = (text: string) => text.replace(/^idempotency-key: ent_\w+\r$/m, 'idempotency-key: ENTRY\r');

async function plainly(method: 'GET' | 'POST'): Promise<string> {
  const worked = workers[0] ?? assert.fail();
  upstream.taken();
  const line = await openLine(house.plane.agents);
  line.say(printed(await draftOf(worked, method)));
  const [answer] = answersIn(await line.hear(1));
  line.end();
  assert.ok(answer && answer.status < 300, JSON.stringify(answer));
  const arrived = upstream.taken();
  assert.equal(arrived.length, 1);
  return entryIn(arrived[0] ?? '');
}

/** Bytes that no answer has yet told of may still be on their way to the upstream. */
const settled = () => sleep(4);

/** On the same connection as before: the next request is answered for itself, or not at all. */
async function nextIsClean(line: Line, worked: Working, soFar: number): Promise<void> {
  if (!line.isOpen()) return;
  line.say(printed(await draftOf(worked, 'GET')));
  const answers = answersIn(await line.hear(soFar + 1));
  const next = answers[soFar];
  const arrived = upstream.taken().map(entryIn);
  if (next === undefined || next.status >= 400) return assert.deepEqual(arrived, []);
  assert.deepEqual(arrived, [plain.get]);
  assert.deepEqual([next.status, next.body], [200, '{"id":"1042"}']);
}

function isRecorded({ head, body, status }: Answer): void {
  assert.ok(status >= 400 && status !== 500, `${status}`);
  assert.match(head, /^ambit-entry: ent_\w+\r$/im, `${head}${body}`);
  assert.doesNotMatch(head + body, /SMUGGLED/);
}

let number = 0;
async function send(tricks: readonly Trick[], { piece = Number.POSITIVE_INFINITY, patience = 250 } = {}) {
  const worked = workers[number++ % workers.length] ?? assert.fail();
  const bytes = Buffer.from(printed(played(await draftOf(worked, 'POST'), tricks)), 'latin1');
  const line = await openLine(house.plane.agents);
  upstream.taken();
  for (let at = 0; at < bytes.length; at += piece) line.say(bytes.subarray(at, at + piece));
  const answers = answersIn(await line.hear(1, patience));
  await settled();
  return { worked, line, answers, arrived: upstream.taken().map(entryIn) };
}

for (const [how, trick] of Object.entries(refused)) {
  test(`${how}: it is refused and recorded, and its connection is not believed again`, async () => {
    const { worked, line, answers, arrived } = await send([trick]);
    assert.deepEqual(arrived, [], 'it arrived upstream');
    for (const answer of answers) isRecorded(answer);
    refusals++;
    await nextIsClean(line, worked, answers.length);
    line.end();
  });
}

for (const [how, trick] of Object.entries(sent)) {
  test(`${how}: it arrives once, as if it had been sent plainly`, async () => {
    const { worked, line, answers, arrived } = await send([trick], { patience: 5000 });
    assert.deepEqual(arrived, [plain.post]);
    const [first, ...more] = answers;
    if (first !== undefined) assert.equal(first.status, 201, first.body);
    for (const answer of more) isRecorded(answer);
    const heard = answersIn(await line.hear(2, 20)).length;
    await nextIsClean(line, worked, heard);
    line.end();
  });
}

test(`tricks upon tricks, in pieces: one call as it was proved, or none (FUZZ_SEED=${seed})`, async () => {
  const random = seeded(seed);
  const oneOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] ?? assert.fail();
  const all = Object.entries({ ...refused, ...sent });
  for (let run = 0; run < combinations; run++) {
    const chosen = Array.from({ length: 2 + Math.floor(random() * 2) }, () => oneOf(all));
    const piece = oneOf([1, 7, 97, 1400, 100_000]);
    const how = `run ${run}: ${chosen.map(([name]) => name).join(' + ')}, in pieces of ${piece}`;
    try {
      const { worked, line, answers, arrived } = await send(
        chosen.map(([, trick]) => trick),
        { piece: Math.max(piece, 50), patience: 400 },
      );
      assert.ok(arrived.length <= 1);
      for (const bytes of arrived) assert.equal(bytes, plain.post);
      const done = answers.filter(({ status }) => status < 400);
      assert.ok(done.length <= arrived.length);
      for (const answer of answers.filter(({ status }) => status >= 400)) isRecorded(answer);
      await nextIsClean(line, worked, answersIn(await line.hear(answers.length + 1, 5)).length);
      line.end();
    } catch (error) {
      assert.fail(`${how}: ${error instanceof Error ? error.message : error}`);
    }
  }
});

test('two proved requests in one packet are two calls, in their order, and each hears its own answer', async () => {
  const [worked = assert.fail()] = workers;
  const line = await openLine(house.plane.agents);
  upstream.taken();
  line.say(printed(await draftOf(worked, 'POST')) + printed(await draftOf(worked, 'GET')));
  const answers = answersIn(await line.hear(2));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [201, 200],
  );
  assert.match(answers[0]?.body ?? '', /rfd_1/);
  assert.match(answers[1]?.body ?? '', /1042/);
  const arrived = entryIn(upstream.taken().join(''));
  assert.ok([plain.post + plain.get, plain.get + plain.post].includes(arrived), arrived);
  line.end();
});

test('a body that is shorter than it says swallows the next request, and is refused with it', async () => {
  const [, worked = assert.fail()] = workers;
  const line = await openLine(house.plane.agents);
  upstream.taken();
  const next = printed(await draftOf(worked, 'GET'));
  const first = played(await draftOf(worked, 'POST'), [lengths(`content-length: ${refundText.length + next.length}`)]);
  line.say(printed(first) + next);
  const answers = answersIn(await line.hear(1));
  assert.equal(answers.length, 1);
  isRecorded(answers[0] ?? assert.fail());
  await settled();
  assert.deepEqual(upstream.taken(), []);
  line.end();
});

test('every refusal stands in the log, counted where nobody proved anything', async () => {
  const ours = await tenantOf(house);
  const told = await whileDown(house, async ({ database }) => {
    let sum = 0;
    for (const tenant of [plane, ours]) {
      for (const kind of ['call.refused', 'call.refused-more'] as const) {
        for (const one of await database.log.entries(tenant, { kind, limit: 1000 })) {
          const { more } = (database.log.open(one)?.detail ?? {}) as { more?: number };
          sum += kind === 'call.refused' ? 1 : (more ?? 0);
        }
      }
      const decided = await database.log.entries(tenant, { kind: 'call.decided', limit: 1000 });
      sum += decided.filter(({ header }) => header.decision === 'deny').length;
    }
    return sum;
  });
  assert.ok(told >= refusals, `${told} refusals stand in the log, of ${refusals}`);
});
