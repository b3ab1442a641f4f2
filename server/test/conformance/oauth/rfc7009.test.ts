/** RFC 7009 (Token Revocation): an agent gives up its own tokens, with all that came from them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { type House, only, openHouse, order } from '../../house.ts';
import { exchangeForm, type RawAgent, rawAgent, tokenOf } from '../../raw-agent.ts';
import { type IndependentClient, independentClient, insecure, refusalOf } from './independent-client.ts';

let house: House;
let agent: IndependentClient;
let other: IndependentClient;
let raw: RawAgent;
before(async () => {
  house = await openHouse();
  agent = await independentClient(house, house.refundBot);
  other = await independentClient(house, house.lookupBot);
  raw = await rawAgent(house, house.refundBot);
});
after(() => house.close());

async function revoke(token: string, by = agent, more: Record<string, string> = {}) {
  const options = { additionalParameters: more, ...insecure };
  const response = await oauth.revocationRequest(by.as, by.client, by.authentication, token, options);
  return oauth.processRevocationResponse(response);
}

const path = `/api/shop/orders/${order}`;
const isRefused = { code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE' };

test('a token that its agent revoked opens nothing any more, and the task goes on with a new one', async () => {
  const task = await house.openTask();
  const token = await agent.accept(task);
  assert.equal((await agent.request(token, 'GET', path)).status, 200);
  await revoke(token);
  await assert.rejects(agent.request(token, 'GET', path), isRefused);
  assert.equal((await agent.request(await agent.token(task), 'GET', path)).status, 200);
});

test('what came from a revoked token dies with it', async () => {
  const lookup = await rawAgent(house, house.lookupBot);
  const parent = await raw.accept(await house.openTask());
  const less = [only('shop:shipping.get', 'path.orderId', order)];
  const child = await tokenOf(await raw.tokenRequest(exchangeForm(parent, await lookup.actorToken(), less)));
  assert.equal((await lookup.call(child, 'GET', `${path}/shipping`)).status, 200);
  await revoke(parent);
  assert.equal((await lookup.call(child, 'GET', `${path}/shipping`)).status, 401);
});

// §2.2: the answer is the same whether there was such a token or not.
test('what is unknown, forged, revoked already or another agent’s is answered alike and changes nothing', async () => {
  const task = await house.openTask();
  const token = await agent.accept(task);
  await revoke('no-token-at-all');
  await revoke('a.b.c');
  await revoke(token, other);
  assert.equal((await agent.request(token, 'GET', path)).status, 200);
  await revoke(token);
  await revoke(token);
});

test('a wrong hint does not keep a token alive (§2.1)', async () => {
  const token = await agent.accept(await house.openTask());
  await revoke(token, agent, { token_type_hint: 'refresh_token' });
  await assert.rejects(agent.request(token, 'GET', path), isRefused);
});

test('who does not prove an agent revokes nothing', async () => {
  const token = await agent.accept(await house.openTask());
  const stranger = { ...agent, authentication: oauth.None() };
  const { status, error } = await refusalOf(revoke(token, stranger));
  assert.deepEqual([status, error], [401, 'invalid_client']);
  assert.equal((await agent.request(token, 'GET', path)).status, 200);
});

test('a request without a token is invalid', async () => {
  const dropping: oauth.ClientAuth = async (as, client, body, headers) => {
    await agent.authentication(as, client, body, headers);
    body.delete('token');
  };
  const { status, error } = await refusalOf(revoke('x', { ...agent, authentication: dropping }));
  assert.deepEqual([status, error], [400, 'invalid_request']);
});

test('a revocation is an entry of the run', async () => {
  const task = await house.openTask();
  await revoke(await agent.accept(task));
  assert.match(JSON.stringify(await house.alice.operator.runs.show(task)), /revoked/);
});
