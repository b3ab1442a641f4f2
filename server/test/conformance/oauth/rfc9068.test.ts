/** RFC 9068 (JWT access tokens): what a resource server that knows only the standard makes of our tokens. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import { type House, openHouse, order } from '../../house.ts';
import { type RawAgent, rawAgent } from '../../raw-agent.ts';
import { discover, insecure } from './independent-client.ts';

let house: House;
let agent: RawAgent;
let as: oauth.AuthorizationServer;
let token: string;
before(async () => {
  house = await openHouse();
  agent = await rawAgent(house, house.refundBot);
  as = await discover(house);
  token = await agent.accept(await house.openTask());
});
after(() => house.close());

const path = `/api/shop/orders/${order}`;

async function asSeenByAnApi(text: string, audience: string, proof?: string) {
  const url = `${house.plane.agents}${path}`;
  const dpop = proof ?? (await agent.proof('GET', url, { token: text }));
  const request = new Request(url, { headers: { authorization: `DPoP ${text}`, dpop } });
  const options = { requireDPoP: true, signingAlgorithms: ['ES256'], ...insecure };
  return oauth.validateJwtAccessToken(as, request, audience, options);
}

test('the token has every claim that §2.2 requires, and its type', async () => {
  assert.equal(decodeProtectedHeader(token).typ, 'at+jwt');
  const claims = decodeJwt(token);
  for (const name of ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti']) assert.ok(claims[name], name);
  assert.equal(claims.aud, house.plane.agents);
});

test('a resource server that knows only the standards takes it, key binding and all', async () => {
  const claims = await asSeenByAnApi(token, house.plane.agents);
  assert.equal(claims.client_id, house.refundBot.id);
  assert.equal(claims.sub, house.alice.id);
});

test('it does not take it for another audience, under another key, or changed', async () => {
  await assert.rejects(asSeenByAnApi(token, 'https://elsewhere.example'));
  const mallory = await rawAgent(house, house.malloryBot);
  const foreign = await mallory.proof('GET', `${house.plane.agents}${path}`, { token });
  await assert.rejects(asSeenByAnApi(token, house.plane.agents, foreign));
  const [head, , signature] = token.split('.');
  const body = Buffer.from(JSON.stringify({ ...decodeJwt(token), sub: house.bob.id })).toString('base64url');
  await assert.rejects(asSeenByAnApi(`${head}.${body}.${signature}`, house.plane.agents));
});

test('the published keys verify it with a library that has nothing else', async () => {
  const keys = createRemoteJWKSet(new URL(as.jwks_uri ?? ''));
  const options = { issuer: as.issuer, audience: house.plane.agents, typ: 'at+jwt', algorithms: ['ES256'] };
  assert.equal((await jwtVerify(token, keys, options)).payload.jti, decodeJwt(token).jti);
});

test('a token without a task is for the plane’s own API and nothing behind it', async () => {
  const own = await agent.agentToken();
  const { aud, sub, client_id } = decodeJwt(own);
  assert.equal(aud, `${house.plane.agents}/v1`);
  assert.deepEqual([sub, client_id], [house.refundBot.id, house.refundBot.id]);
  assert.equal((await agent.call(own, 'GET', path)).status, 401);
  assert.equal((await agent.api(token, 'POST', `/v1/agent/tasks/${await house.openTask()}/accept`)).status, 401);
});

test('the token says nothing about people but an id', async () => {
  assert.doesNotMatch(JSON.stringify(decodeJwt(token)), /Alice|Ada|Bob/);
});
