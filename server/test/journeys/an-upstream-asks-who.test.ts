import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { type House, openHouse, order } from '../house.ts';
import { rawAgent } from '../raw-agent.ts';

let upstream: Server;
let house: House;
const seen: IncomingHttpHeaders[] = [];

before(async () => {
  upstream = createServer((request, response) => {
    seen.push(request.headers);
    response.setHeader('content-type', 'application/json');
    response.end('{}');
  });
  await new Promise<void>((done) => upstream.listen(0, '127.0.0.1', done));
  const { port } = upstream.address() as AddressInfo;
  house = await openHouse({ upstream: `http://127.0.0.1:${port}`, wantsTags: true });
});
after(async () => {
  await house.close();
  upstream.close();
});

test('an upstream that wants to know gets tags which the plane’s published keys verify', async () => {
  const agent = await rawAgent(house, house.refundBot);
  const task = await house.openTask();
  const token = await agent.accept(task);
  const response = await agent.call(token, 'GET', `/api/shop/orders/${order}`, { headers: { 'ambit-tags': 'forged' } });
  assert.equal(response.status, 200, await response.text());
  const keys = createRemoteJWKSet(new URL(`${house.plane.agents}/.well-known/jwks.json`));
  const { payload, protectedHeader } = await jwtVerify(String(seen.at(-1)?.['ambit-tags']), keys, {
    issuer: house.plane.agents,
    typ: 'ambit-tags+jwt',
  });
  assert.equal(protectedHeader.alg, 'ES256');
  assert.deepEqual(
    { agent: payload.agent, task: payload.task, purpose: payload.purpose, owner: payload.owner },
    { agent: house.refundBot.id, task, purpose: 'support', owner: house.alice.id },
  );
});

test('trace context goes along, and the agent’s own token does not', async () => {
  const agent = await rawAgent(house, house.refundBot);
  const token = await agent.accept(await house.openTask());
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await agent.call(token, 'GET', `/api/shop/orders/${order}`, { headers: { traceparent, cookie: 'a=b' } });
  const headers = seen.at(-1);
  assert.equal(headers?.traceparent, traceparent);
  assert.equal(headers?.authorization, `Bearer ${house.shopKey}`);
  assert.equal(headers?.cookie, undefined);
  assert.equal(headers?.dpop, undefined);
});
