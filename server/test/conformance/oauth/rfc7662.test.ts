/** RFC 7662 (Token Introspection): what a token is good for at this moment, told to whom it concerns and to nobody else. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { type House, openHouse } from '../../house.ts';
import { type IndependentClient, independentClient, insecure, refusalOf, thumbprintOf } from './independent-client.ts';

let house: House;
let agent: IndependentClient;
let other: IndependentClient;
/** An API's own guard, known by a secret. */
let point: oauth.ClientAuth;
before(async () => {
  house = await openHouse();
  agent = await independentClient(house, house.refundBot);
  other = await independentClient(house, house.lookupBot);
  const { secret } = await house.ada.operator.points.register({ name: 'shop-guard', kind: 'authzen' });
  point = (_as, _client, _body, headers) => headers.set('authorization', `Bearer ${secret}`);
});
after(() => house.close());

async function introspect(token: string, as: oauth.ClientAuth, client = agent.client) {
  const response = await oauth.introspectionRequest(agent.as, client, as, token, insecure);
  return oauth.processIntrospectionResponse(agent.as, client, response);
}

test('an agent reads what its own token says, the task and its authority included', async () => {
  const task = await house.openTask();
  const seen = await introspect(await agent.accept(task), agent.authentication);
  assert.equal(seen.active, true);
  assert.equal(seen.sub, house.alice.id);
  assert.equal(seen.client_id, house.refundBot.id);
  assert.equal(seen.iss, house.plane.agents);
  assert.equal(seen.token_type, 'DPoP');
  assert.deepEqual(seen.cnf, { jkt: await thumbprintOf(agent.proofKeys.publicKey) });
  assert.equal((seen.mission as { id: string }).id, task);
  assert.ok(Array.isArray(seen.authorization_details) && seen.authorization_details.length > 0);
  assert.ok((seen.exp ?? 0) > (seen.iat ?? 0));
});

test('a registered enforcement point reads any token of its organisation', async () => {
  const seen = await introspect(await agent.accept(await house.openTask()), point);
  assert.equal(seen.active, true);
  assert.equal(seen.client_id, house.refundBot.id);
});

// §2.2: inactive says nothing else.
test('what is forged, foreign, of another agent or dead is inactive and nothing more', async () => {
  const task = await house.openTask();
  const token = await agent.accept(task);
  const [head, body, signature] = token.split('.') as [string, string, string];
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
  const widened = Buffer.from(JSON.stringify({ ...claims, sub: house.bob.id })).toString('base64url');
  for (const text of ['x', 'a.b.c', `${head}.${widened}.${signature}`, `${head}.${body}.`]) {
    assert.deepEqual(await introspect(text, point), { active: false }, text);
  }
  assert.deepEqual(await introspect(token, other.authentication, other.client), { active: false });
  await house.alice.operator.tasks.revoke(task, 'Taken back.');
  assert.deepEqual(await introspect(token, agent.authentication), { active: false });
  assert.deepEqual(await introspect(token, point), { active: false });
});

test('a hint about the type of the token changes nothing', async () => {
  const token = await agent.token();
  const options = { additionalParameters: { token_type_hint: 'refresh_token' }, ...insecure };
  const response = await oauth.introspectionRequest(agent.as, agent.client, agent.authentication, token, options);
  assert.equal((await oauth.processIntrospectionResponse(agent.as, agent.client, response)).active, true);
});

test('no cache keeps the answer', async () => {
  const token = await agent.token();
  const response = await oauth.introspectionRequest(agent.as, agent.client, agent.authentication, token, insecure);
  assert.match(response.headers.get('cache-control') ?? '', /no-store/);
});

// §2.1: the endpoint MUST require some form of authorization.
test('a stranger learns nothing, whatever he holds', async () => {
  const token = await agent.token();
  const strangers: readonly oauth.ClientAuth[] = [
    oauth.None(),
    oauth.ClientSecretPost('s3cret'),
    (_as, _client, _body, headers) => headers.set('authorization', 'Bearer not-a-secret-of-ours'),
    (_as, _client, _body, headers) => headers.set('authorization', `Bearer ${token}`),
  ];
  for (const stranger of strangers) {
    const response = await oauth.introspectionRequest(agent.as, agent.client, stranger, token, insecure);
    assert.equal(response.status, 401);
    assert.equal('active' in ((await response.json()) as object), false);
  }
});

test('a retired enforcement point is a stranger', async () => {
  const { id, secret } = await house.ada.operator.points.register({ name: 'old-guard', kind: 'authzen' });
  const old: oauth.ClientAuth = (_as, _client, _body, headers) => headers.set('authorization', `Bearer ${secret}`);
  assert.equal((await introspect(await agent.token(), old)).active, true);
  await house.ada.operator.points.retire(id);
  const response = await oauth.introspectionRequest(agent.as, agent.client, old, await agent.token(), insecure);
  // §2.3 and RFC 6750 §3
  assert.equal(response.status, 401);
  assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer error="invalid_token"/);
  assert.equal('active' in ((await response.json()) as object), false);
});

test('a request without a token is invalid', async () => {
  const dropping: oauth.ClientAuth = async (as, client, body, headers) => {
    await agent.authentication(as, client, body, headers);
    body.delete('token');
  };
  assert.equal((await refusalOf(introspect('x', dropping))).error, 'invalid_request');
});
