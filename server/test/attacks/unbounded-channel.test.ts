// One decision, then an open line: whoever gets a connection handed over says on it whatever he likes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { type House, openHouse, order } from '../house.ts';
import { type RawAgent, rawAgent } from '../raw-agent.ts';
import { answer, callsOf, handmadeUpstream, refused, type Upstream } from './witness.ts';

let house: House;
let upstream: Upstream;
let agent: RawAgent;
let switches = false;
before(async () => {
  upstream = await handmadeUpstream(({ socket }) => {
    if (!switches) return answer(socket, 200, { id: order });
    socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\nsecrets');
  });
  house = await openHouse({ upstream: upstream.url });
  agent = await rawAgent(house, house.refundBot);
});
after(async () => {
  await house.close();
  await upstream.close();
});

const path = `/api/shop/orders/${order}`;

/**
 * Bytes as they are, on a connection of their own; answers everything that came back until it was closed, or idle behind a
 * whole answer. However long the plane takes to begin is no part of these tests.
 */
async function spoken(text: string, more = ''): Promise<string> {
  const { hostname, port } = new URL(house.plane.agents);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  let heard = '';
  let saidMore = more === '';
  socket.setTimeout(20_000, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    heard += chunk.toString('latin1');
    if (!closes.test(text) && isWhole(heard)) socket.setTimeout(500);
    if (!saidMore) socket.write(more);
    saidMore = true;
  });
  socket.write(text);
  await once(socket, 'close');
  return heard;
}

/** Asked to, the plane closes by itself, behind the last answer. */
const closes = /^connection: close\r$/m;

function isWhole(heard: string): boolean {
  const end = heard.indexOf('\r\n\r\n');
  const [, length = '0'] = /^content-length: (\d+)\r$/im.exec(heard) ?? [];
  return end !== -1 && heard.length >= end + 4 + Number(length);
}

async function asked(method: string, headers: readonly string[]): Promise<string> {
  const task = await house.openTask();
  const token = await agent.accept(task);
  const proof = await agent.proof(method, `${house.plane.agents}${path}`, { token });
  const lines = [`${method} ${path} HTTP/1.1`, 'host: plane', `authorization: DPoP ${token}`, `dpop: ${proof}`];
  return spoken(`${[...lines, ...headers].join('\r\n')}\r\n\r\n`);
}

const handovers: Record<string, readonly string[]> = {
  'a WebSocket': [
    'connection: Upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
  ],
  'HTTP/2 in clear text': ['connection: Upgrade, HTTP2-Settings', 'upgrade: h2c', 'http2-settings: AAMAAABkAAQAAP__'],
  'settings of HTTP/2 alone': ['http2-settings: AAMAAABkAAQAAP__', 'connection: close'],
  'another protocol': ['connection: upgrade', 'upgrade: TLS/1.0'],
};

for (const [what, headers] of Object.entries(handovers)) {
  test(`${what} is refused in words, and the upstream hears nothing`, async () => {
    const heard = upstream.heard.length;
    const told = await asked('GET', headers);
    assert.match(told, /^HTTP\/1\.1 400 /, told);
    assert.match(told, /"code":"gateway\.upgrade_refused"/);
    assert.match(told, /One decision is about one call\. Send plain requests/);
    assert.equal(upstream.heard.length, heard);
  });
}

test('CONNECT and TRACE open nothing', async () => {
  const heard = upstream.heard.length;
  const authority = new URL(upstream.url).host;
  for (const line of [`CONNECT ${authority} HTTP/1.1`, `CONNECT ${path} HTTP/1.1`])
    assert.doesNotMatch(
      await spoken(`${line}\r\nhost: plane\r\n\r\n`, 'GET /orders/1042 HTTP/1.1\r\n\r\n'),
      /^HTTP\/1\.1 2/,
    );
  const traced = await asked('TRACE', ['connection: close']);
  assert.match(traced, /^HTTP\/1\.1 4\d\d /);
  assert.doesNotMatch(traced, /authorization: DPoP/i, 'the token came back');
  assert.equal(upstream.heard.length, heard);
});

test('the preface of HTTP/2 is no request', async () => {
  const told = await spoken('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  assert.doesNotMatch(told, /^HTTP\/1\.1 2/);
});

test('a second request behind the first is another call, with a proof and a decision of its own', async () => {
  const task = await house.openTask();
  const token = await agent.accept(task);
  const proof = await agent.proof('GET', `${house.plane.agents}${path}`, { token });
  const head = `host: plane\r\nauthorization: DPoP ${token}\r\ndpop: ${proof}\r\n`;
  const heard = upstream.heard.length;
  const told = await spoken(
    `GET ${path} HTTP/1.1\r\n${head}\r\nGET ${path} HTTP/1.1\r\n${head}connection: close\r\n\r\n`,
  );
  assert.equal(told.match(/^HTTP\/1\.1 200 /gm)?.length, 1, told);
  assert.match(told, /proof\.replayed/);
  assert.equal(upstream.heard.length, heard + 1);
});

test('an upstream that switches protocols unasked is cut off, and nothing of it comes through', async () => {
  switches = true;
  const task = await house.openTask();
  const response = await agent.call(await agent.accept(task), 'GET', path);
  const text = await response.clone().text();
  await refused(response, 'gateway.upstream_unknown');
  assert.doesNotMatch(text, /secrets/);
  const [step] = await callsOf(house, task, 'shop:orders.get');
  assert.match(step?.outcome?.why.join(' ') ?? '', /switched protocols|upgrade/);
  switches = false;
});
