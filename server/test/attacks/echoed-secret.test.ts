// The upstream holds up a mirror: the key that was lent to the call comes back in the answer, in any disguise.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type House, openHouse, order, registerBot } from '../house.ts';
import { atWork, type Working } from './questions.ts';
import { seeded } from './wire.ts';
import { type Heard, handmadeUpstream, type Upstream, until } from './witness.ts';

let house: House;
let upstream: Upstream;
let working: Working;
let behave: (heard: Heard) => void;

before(async () => {
  upstream = await handmadeUpstream((heard) => behave(heard));
  house = await openHouse({ upstream: upstream.url });
});
after(async () => {
  await house.close();
  await upstream.close();
});
// Each mirror meets an agent of its own: one that keeps failing is given a rest.
let number = 0;
beforeEach(async () => {
  number++;
  working = await atWork(house, {}, [house.refundBot, house.lookupBot, house.malloryBot][number % 3]);
});

const lent = (heard: Heard) => heard.headers.get('authorization') ?? '';
const secretOf = (heard: Heard) => lent(heard).slice('Bearer '.length);
const hex = (text: string) => Buffer.from(text).toString('hex');

function say(heard: Heard, body: string | Uint8Array, head: readonly string[] = [], status = 200): void {
  const bytes = Buffer.from(body);
  const type = head.some((line) => line.startsWith('content-type')) ? [] : ['content-type: text/plain'];
  const lines = [`HTTP/1.1 ${status} Any`, ...type, `content-length: ${bytes.length}`, ...head];
  heard.socket.write(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), bytes]));
}

async function inPieces(heard: Heard, text: string, size: number): Promise<void> {
  heard.socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n');
  for (let at = 0; at < text.length; at += size) {
    const piece = text.slice(at, at + size);
    heard.socket.write(`${piece.length.toString(16)}\r\n${piece}\r\n`);
    await sleep(1);
  }
  heard.socket.write('0\r\n\r\n');
}

const mirrors: Record<string, (heard: Heard) => unknown> = {
  'in the body': (heard) => say(heard, JSON.stringify([...heard.headers])),
  'in a header': (heard) => say(heard, 'ok', [`x-debug: ${lent(heard)}`]),
  'in a header that would be dropped anyway': (heard) => say(heard, 'ok', [`set-cookie: a=${secretOf(heard)}`]),
  'in the name of a header': (heard) => say(heard, 'ok', [`${secretOf(heard)}: here`]),
  'in an error': (heard) => say(heard, `bad token ${lent(heard)}`, [], 401),
  'letter by letter': (heard) => inPieces(heard, `before ${lent(heard)} after`, 1),
  'in pieces of seven': (heard) => inPieces(heard, `${'x'.repeat(65_530)}${lent(heard)}`, 7 * 999),
  'in base64': (heard) => say(heard, Buffer.from(lent(heard)).toString('base64')),
  'in base64, one letter on': (heard) => say(heard, Buffer.from(`x${lent(heard)}`).toString('base64')),
  'in base64 for addresses': (heard) => say(heard, Buffer.from(`xy${lent(heard)}>>>`).toString('base64url')),
  'in base64, letter by letter': (heard) =>
    inPieces(heard, Buffer.from(`{"a":"${lent(heard)}"}`).toString('base64'), 1),
  'in hexadecimal': (heard) => say(heard, hex(lent(heard)).toUpperCase()),
  'percent-encoded throughout': (heard) => say(heard, hex(secretOf(heard)).replaceAll(/../g, '%$&')),
  'in escapes of JSON': (heard) => say(heard, `"${hex(secretOf(heard)).replaceAll(/../g, '\\u00$&')}"`),
};

const forms = () => [
  house.shopKey,
  hex(house.shopKey),
  hex(house.shopKey).toUpperCase(),
  ...['', 'x', 'xy', 'Bearer ', 'xBearer '].map((before) =>
    Buffer.from(before + house.shopKey)
      .toString('base64')
      .slice(12, 40),
  ),
];

function requireNothing(text: string, where: string): void {
  for (const form of forms()) assert.ok(!text.includes(form), `the secret stands in ${where}`);
}

/** Everything that a caller can hear, even of an answer that breaks off. */
async function heardOf(response: Response): Promise<string> {
  let text = `${response.status} ${JSON.stringify([...response.headers])}`;
  const reader = response.body?.getReader();
  try {
    for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read())
      text += Buffer.from(part.value).toString('latin1');
  } catch (error) {
    assert.ok(error instanceof Error);
    text += ' (cut)';
  }
  return text;
}

const read = (headers: Record<string, string> = {}) =>
  working.agent.call(working.token, 'GET', `/api/shop/orders/${order}`, { headers });

const flaggedAt = async () => (await house.ada.operator.credentials.list())[0]?.flaggedAt ?? null;

for (const [how, mirror] of Object.entries(mirrors)) {
  test(`a key that comes back ${how} does not reach the agent, and the credential is flagged`, async () => {
    behave = mirror;
    const before = await flaggedAt();
    const response = await read();
    const entry = response.headers.get('ambit-entry') ?? '';
    requireNothing(await heardOf(response), 'what the agent heard');
    await until('the flag', async () => ((await flaggedAt()) === before ? undefined : true));
    const step = await until('the outcome', async () => {
      const { tasks } = await house.carol.operator.runs.show(working.task);
      const found = tasks[0]?.steps.find((one) => one.action === 'shop:orders.get');
      return found?.outcome == null ? undefined : found;
    });
    if (entry !== '') assert.equal(step.entry, entry);
    assert.match(step.outcome?.why.join(' ') ?? '', /the lent secret stood in/);
  });
}

const blinds: Record<string, (heard: Heard) => unknown> = {
  compressed: (heard) => say(heard, gzipSync(lent(heard)), ['content-encoding: gzip']),
  'compressed twice': (heard) => say(heard, gzipSync(gzipSync(lent(heard))), ['content-encoding: gzip, gzip']),
  'compressed in transfer': (heard) => {
    const bytes = gzipSync(lent(heard));
    heard.socket.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n'), bytes]));
  },
  'as a part nobody asked for': (heard) => say(heard, lent(heard).slice(9), ['content-range: bytes 9-50/51'], 206),
  'as many parts': (heard) => say(heard, lent(heard).slice(9), ['content-type: multipart/byteranges; boundary=x']),
  'behind a redirect': (heard) => say(heard, 'go', [`location: /orders?key=${secretOf(heard)}`], 302),
};

for (const [how, mirror] of Object.entries(blinds)) {
  test(`an answer ${how}, in which nobody could find a key, is withheld`, async () => {
    behave = mirror;
    const response = await read();
    assert.ok([502, 504].includes(response.status), `${response.status}`);
    const text = await heardOf(response);
    requireNothing(text, 'what the agent heard');
    assert.ok(!text.includes(house.shopKey.slice(-20)), 'half of the secret came through');
  });
}

test('the agent cannot ask for a part, a coding or a TRACE: none of it reaches the upstream', async () => {
  behave = (heard) => say(heard, 'fine');
  const response = await read({ range: 'bytes=10-60', 'if-range': '"a"', 'accept-encoding': 'gzip, br', te: 'gzip' });
  assert.equal(await response.text(), 'fine');
  const { headers } = upstream.heard.at(-1)!;
  assert.deepEqual(
    ['range', 'if-range', 'accept-encoding', 'te'].map((name) => headers.get(name)),
    [undefined, undefined, 'identity', undefined],
  );
  const before = upstream.heard.length;
  await assert.rejects(working.agent.call(working.token, 'TRACE', `/api/shop/orders/${order}`));
  assert.equal(upstream.heard.length, before);
});

// Printed with the test: the same seed mirrors in the same disguises again.
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const rounds = Number(process.env.FUZZ_RUNS ?? 40);
type Random = () => number;
const upTo = (random: Random, max: number) => Math.floor(random() * max);

/** Ways in which software writes a value that it was given into something larger. */
const disguises: readonly ((secret: string, random: Random) => string)[] = [
  (secret) => secret,
  (secret, random) =>
    Buffer.from(`${'x'.repeat(upTo(random, 7))}${secret}${'y'.repeat(upTo(random, 7))}`).toString('base64'),
  (secret, random) => Buffer.from(`${'?'.repeat(upTo(random, 7))}${secret}~~~`).toString('base64url'),
  (secret, random) => Buffer.from(`Bearer ${secret}`).toString(random() < 0.5 ? 'base64' : 'base64url'),
  (secret, random) => (random() < 0.5 ? hex(secret) : hex(secret).toUpperCase()),
  (secret, random) => (random() < 0.5 ? hex(secret) : hex(secret).toUpperCase()).replaceAll(/../g, '%$&'),
  (secret) => encodeURIComponent(secret),
  (secret) => new URLSearchParams({ key: secret }).toString(),
  (secret) => JSON.stringify({ headers: { authorization: `Bearer ${secret}` } }),
  (secret) => JSON.stringify(secret).replaceAll('/', '\\/'),
  (secret, random) => `"${(random() < 0.5 ? hex(secret) : hex(secret).toUpperCase()).replaceAll(/../g, '\\u00$&')}"`,
];

/** The text in chunks of any size, its bytes in packets of any size: borders fall anywhere, also within a chunk's size. */
async function inAnyPieces(heard: Heard, text: string, random: Random): Promise<void> {
  let bytes = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n';
  for (let at = 0; at < text.length; ) {
    const piece = text.slice(at, at + 1 + upTo(random, random() < 0.5 ? 3 : 40));
    at += piece.length;
    bytes += `${piece.length.toString(16)}\r\n${piece}\r\n`;
  }
  bytes += '0\r\n\r\n';
  for (let at = 0; at < bytes.length && !heard.socket.destroyed; ) {
    const packet = bytes.slice(at, at + 1 + upTo(random, random() < 0.3 ? 5 : 400));
    at += packet.length;
    heard.socket.write(packet);
    if (random() < 0.2) await sleep(0);
  }
}

for (const kind of ['plain', 'odd'] as const) {
  test(`a secret of ${kind} letters in any disguise, cut anywhere, never comes through (FUZZ_SEED=${seed})`, async () => {
    const random = seeded(seed + kind.length);
    const [credential] = await house.ada.operator.credentials.list();
    assert.ok(credential);
    const secret = kind === 'plain' ? house.shopKey : `k/+"\\&<'>%=~!a${crypto.randomUUID()}/+?`;
    await house.ada.operator.credentials.rotate(credential.id, secret, 0);
    for (let round = 0; round < rounds; round++) {
      // Who keeps meeting a mirror is given a rest.
      if (round % 4 === 0) working = await atWork(house, {}, await registerBot(house.alice, `bot-${kind}-${round}`));
      const which = upTo(random, disguises.length);
      const shown = disguises[which]!(secret, random);
      const around = () => 'abcdefgh {"0":"'.repeat(upTo(random, 30)).slice(0, upTo(random, 300));
      const text = around() + shown + around();
      behave = (heard) => inAnyPieces(heard, text, random);
      const what = await heardOf(await read());
      const where = `round ${round}, disguise ${which}`;
      assert.ok(!what.includes(shown) && !what.includes(secret), `${where}: it came through`);
      // Of its last letters nothing is left that would help to guess the rest.
      const middle = shown.slice(Math.floor(shown.length / 3));
      assert.ok(!what.includes(middle), `${where}: most of it came through`);
      assert.match(what, /\(cut\)|^50/, `${where}: the answer was not cut`);
    }
    await house.ada.operator.credentials.rotate(credential.id, house.shopKey, 0);
  });
}

test('no entry of the log, and no copy that it keeps, holds the key in any form', async () => {
  let text = '';
  for await (const line of await house.carol.operator.log.export({ details: true, rows: true })) text += line;
  requireNothing(text, 'the log');
  for (const [, copy] of text.matchAll(/"copy":"([A-Za-z0-9+/=]+)"/g))
    requireNothing(Buffer.from(copy ?? '', 'base64').toString('latin1'), 'a copy in the log');
});
