// Large answers pass through at the pace of the slower side, and an ending cuts those that are open.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { atWork, type Working } from '../attacks/questions.ts';
import { outcomeOf, refused, until } from '../attacks/witness.ts';
import { type House, openHouse, order } from '../house.ts';

const mebibyte = 1024 * 1024;
const path = `/api/shop/orders/${order}`;

/** An upstream that sends as fast as it is let, and counts what it got rid of. */
type Source = { readonly server: Server; readonly url: string; wanted: number; written: number; aborted: boolean };

let source: Source;
let house: House;
before(async () => {
  source = await startSource();
  house = await openHouse({ upstream: source.url });
});
after(async () => {
  await house.close();
  source.server.closeAllConnections();
  source.server.close();
});

test('an answer larger than any buffer arrives whole', async () => {
  const { agent, token } = await begin(48 * mebibyte);
  const response = await agent.call(token, 'GET', path);
  assert.equal(response.status, 200);
  let bytes = 0;
  for await (const piece of response.body ?? []) bytes += piece.length;
  assert.equal(bytes, 48 * mebibyte);
});

test('the first bytes arrive long before the last are sent', async () => {
  const { agent, token } = await begin(Number.POSITIVE_INFINITY);
  const leaving = new AbortController();
  const response = await agent.call(token, 'GET', path, { signal: leaving.signal });
  const reader = response.body?.getReader();
  const first = await reader?.read();
  assert.ok((first?.value?.length ?? 0) > 0);
  leaving.abort();
  await until('the upstream to be let go', () => source.aborted || undefined);
});

test('who does not read holds the upstream back: nothing piles up in between', async () => {
  const { agent, token } = await begin(96 * mebibyte);
  const waiting = await unread(agent, token);
  const before = process.memoryUsage().rss;
  await until('the upstream to be held back', async () => {
    const was = source.written;
    await new Promise((resolve) => setTimeout(resolve, 400));
    return source.written === was && was > 0 ? true : undefined;
  });
  assert.ok(source.written < 48 * mebibyte, `${source.written} bytes left the upstream though nobody read them`);
  assert.ok(process.memoryUsage().rss - before < 64 * mebibyte, 'the plane kept them');
  waiting.destroy();
  await until('the upstream to be let go', () => source.aborted || undefined);
});

test('an ending cuts an open stream at once, and the log says where', async () => {
  const { agent, token, task } = await begin(Number.POSITIVE_INFINITY);
  const response = await agent.call(token, 'GET', path);
  const reader = response.body?.getReader();
  await reader?.read();
  const began = performance.now();
  const ending = await house.alice.operator.tasks.revoke(task, 'Enough.');
  await assert.rejects(async () => {
    while ((await reader?.read())?.done === false);
  }, 'the answer ended as if it were whole');
  assert.ok(performance.now() - began < 2000);
  assert.equal(ending.inFlight.length, 1);
  await until('the upstream to be let go', () => source.aborted || undefined);
  const step = await outcomeOf(house, task, 'shop:orders.get');
  assert.match(JSON.stringify(step.outcome), /ended/);
  await refused(await agent.call(token, 'GET', path), 'task.ended');
});

test('an answer beyond its maximum is cut, never passed on as if it were whole', async () => {
  await house.ada.operator.catalog.set('shop:orders.get', { stream: { secondsMax: 60, bytesMax: 4 * mebibyte } });
  const { agent, token } = await begin(16 * mebibyte);
  const response = await agent.call(token, 'GET', path);
  let bytes = 0;
  await assert.rejects(async () => {
    for await (const piece of response.body ?? []) bytes += piece.length;
  });
  assert.ok(bytes <= 4 * mebibyte);
});

function begin(wanted: number): Promise<Working> {
  source.wanted = wanted;
  source.written = 0;
  source.aborted = false;
  return atWork(house);
}

/** A caller who takes the head of the answer and then reads nothing of it. */
async function unread(agent: Working['agent'], token: string) {
  const url = new URL(path, house.plane.agents);
  const dpop = await agent.proof('GET', url.href, { token });
  const sent = request(url, { headers: { authorization: `DPoP ${token}`, dpop } });
  sent.end();
  const [response] = await once(sent, 'response');
  response.pause();
  return response as import('node:http').IncomingMessage;
}

async function startSource(): Promise<Source> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.on('close', () => {
      if (!response.writableFinished) source.aborted = true;
    });
    pour(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { server, url, wanted: 0, written: 0, aborted: false };
}

const piece = Buffer.alloc(64 * 1024, ' ');

function pour(response: ServerResponse): void {
  while (source.written < source.wanted && !response.destroyed) {
    source.written += piece.length;
    if (!response.write(piece)) {
      response.once('drain', () => pour(response));
      return;
    }
  }
  if (!response.destroyed) response.end();
}
