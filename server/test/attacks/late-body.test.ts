// Mallory has a request that was made, and sends it once more so slowly that its proof is forgotten before its body is whole.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type House, openHouse, order } from '../house.ts';
import { rawAgent } from '../raw-agent.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const path = `/api/shop/orders/${order}/refunds`;
const body = JSON.stringify({ amount: '10.00', currency: 'USD' });

/** Sends the head at once and the rest of the body later; answers what came back. */
async function slowly(token: string, proof: string, waitMilliseconds: number): Promise<string> {
  const { hostname, port, host } = new URL(house.plane.agents);
  const socket = connect(Number(port), hostname);
  let heard = '';
  socket.on('data', (data) => {
    heard += data;
  });
  const ended = new Promise<void>((done) => socket.once('close', () => done()));
  const head = `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: DPoP ${token}\r\ndpop: ${proof}\r\n`;
  const rest = `content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`;
  socket.write(`${head}${rest}${body.slice(0, 3)}`);
  await sleep(waitMilliseconds);
  socket.write(body.slice(3));
  await ended;
  return heard;
}

test('a proof that was spent is not spent again by a body that comes late, and a stale one is never spent', async () => {
  const agent = await rawAgent(house, house.refundBot);
  const token = await agent.accept(await house.openTask());
  const url = `${house.plane.agents}${path}`;
  // Nearly as old as a proof may be: five more seconds, and it is too old.
  const iat = Math.floor(Date.now() / 1000) - 54;
  const spent = await agent.proof('POST', url, { token, body, claims: { iat } });
  const unspent = await agent.proof('POST', url, { token, body, claims: { iat } });
  assert.equal((await agent.call(token, 'POST', path, { rawBody: body, proof: spent })).status, 201);
  const before = house.shop.ledger().length;
  const [again, late] = await Promise.all([slowly(token, spent, 8000), slowly(token, unspent, 8000)]);
  for (const heard of [again, late]) assert.match(heard, /^HTTP\/1\.1 401 /);
  assert.match(late, /proof\.stale/);
  assert.equal(house.shop.ledger().length, before);
});
