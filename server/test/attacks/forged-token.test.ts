// Tokens that nobody here issued, and those of another plane: Mallory binds them to her own proof key and tries every door.
import assert from 'node:assert/strict';
import { createHmac, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { grantType } from '@ambit/protocol';
import { type House, openHouse, order } from '../house.ts';
import { exchangeForm, type RawAgent, rawAgent } from '../raw-agent.ts';

let house: House;
let elsewhere: House;
let victim: RawAgent;
let mallory: RawAgent;
/** A task's token and one for the plane's own API, of the victim. */
let tokens: { readonly task: string; readonly plane: string };
let published: JsonWebKey & { readonly kid: string };
/** Where headers of forged tokens say that a key could be fetched. */
let bait: Server;
let baitTaken = 0;

before(async () => {
  [house, elsewhere] = [await openHouse(), await openHouse()];
  victim = await rawAgent(house, house.refundBot);
  mallory = await rawAgent(house, house.malloryBot);
  tokens = { task: await victim.accept(await house.openTask()), plane: await victim.agentToken() };
  const metadata = await fetch(`${house.plane.agents}/.well-known/oauth-authorization-server`);
  const { jwks_uri } = (await metadata.json()) as { jwks_uri: string };
  const { keys } = (await (await fetch(jwks_uri)).json()) as { keys: (typeof published)[] };
  published = keys[0] ?? assert.fail('no key is published');
  bait = createServer((_, response) => {
    baitTaken++;
    response.end(JSON.stringify({ keys: [mine] }));
  }).listen(0, '127.0.0.1');
});
after(async () => {
  bait.close();
  await house.close();
  await elsewhere.close();
});

const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const mine = own.publicKey.export({ format: 'jwk' });
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const read = (text: string, at: 0 | 1) =>
  JSON.parse(Buffer.from(text.split('.')[at] ?? '', 'base64url').toString()) as Record<string, unknown>;

type Sign = (signed: string) => string;
const by =
  (key: KeyObject): Sign =>
  (signed) =>
    sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
const byMac =
  (secret: string): Sign =>
  (signed) =>
    createHmac('sha256', secret).update(signed).digest('base64url');

/** The victim's token, bound to Mallory's proof key. */
function forged(of: string, header: object, signs: Sign): string {
  const signed = `${part({ ...read(of, 0), ...header })}.${part({ ...read(of, 1), cnf: { jkt: mallory.jkt } })}`;
  return `${signed}.${signs(signed)}`;
}

/** At every door that takes a token, each of which answers as if it were none. */
async function isWorthless(make: (of: string) => string, by_: RawAgent = mallory): Promise<void> {
  const seen = house.shop.requests().length;
  const task = make(tokens.task);
  const call = await by_.call(task, 'GET', `/api/shop/orders/${order}`);
  const api = await by_.api(make(tokens.plane), 'GET', '/v1/agent/tasks');
  const complete = await by_.api(task, 'POST', `/v1/agent/tasks/${String(read(tokens.task, 1).txn)}/complete`);
  for (const response of [call, api, complete]) {
    assert.equal(response.status, 401);
    assert.match(response.headers.get('www-authenticate') ?? '', /^DPoP error="invalid_(token|dpop_proof)"/);
    const { code } = (await response.json()) as { code: string };
    assert.match(code, /^token\.(invalid|other_key|wrong_audience)$/);
  }
  const exchange = await by_.tokenRequest(exchangeForm(task, await by_.actorToken(), []));
  assert.equal(exchange.status, 400);
  assert.equal(((await exchange.json()) as { error: string }).error, 'invalid_request');
  assert.equal(house.shop.requests().length, seen);
}

test('the victim’s own token is good, so that the refusals below are about what they say', async () => {
  assert.equal((await victim.call(tokens.task, 'GET', `/api/shop/orders/${order}`)).status, 200);
  assert.equal((await victim.api(tokens.plane, 'GET', '/v1/agent/tasks')).status, 200);
});

test('a token that is signed by nobody', async () => {
  for (const alg of ['none', 'None', 'nOnE']) await isWorthless((of) => forged(of, { alg }, () => ''));
  await isWorthless((of) => forged(of, {}, () => Buffer.alloc(64).toString('base64url')));
});

test('a token that is signed with the published key as if that were a shared secret', async () => {
  const { kty, crv, x, y } = published;
  const pem = String(createPublicKey({ key: published, format: 'jwk' }).export({ type: 'spki', format: 'pem' }));
  for (const secret of [pem, JSON.stringify(published), JSON.stringify({ crv, kty, x, y }), published.kid])
    await isWorthless((of) => forged(of, { alg: 'HS256' }, byMac(secret)));
});

test('a token under Mallory’s key that names the plane’s, or brings its own key along', async () => {
  const url = `http://127.0.0.1:${(bait.address() as AddressInfo).port}/keys`;
  for (const header of [{}, { jwk: mine }, { jku: url }, { x5u: url }, { jwk: mine, kid: undefined }])
    await isWorthless((of) => forged(of, header, by(own.privateKey)));
  assert.equal(baitTaken, 0, 'a key was fetched from where a token said');
});

test('a token whose kid is a path, a statement, an address, or a member that every object has', async () => {
  for (const kid of [
    '../../../../dev/null',
    "x' OR '1'='1",
    '__proto__',
    'constructor',
    '',
    'http://127.0.0.1/',
    ['k'],
  ])
    await isWorthless((of) => forged(of, { kid }, by(own.privateKey)));
  await isWorthless((of) => forged(of, { kid: '/dev/null', alg: 'HS256' }, byMac('')));
});

test('a token with the plane’s own signature under other claims', async () => {
  await isWorthless((of) => forged(of, {}, () => of.split('.')[2] ?? ''));
});

test('a good token of another plane, by whoever holds it, and our own there', async () => {
  const there = await rawAgent(elsewhere, elsewhere.refundBot);
  const foreign = { task: await there.accept(await elsewhere.openTask()), plane: await there.agentToken() };
  // The same holder, who now makes proofs for our addresses.
  const holder: RawAgent = { ...mallory, call: callHere(there), api: apiHere(there) };
  await isWorthless((of) => (of === tokens.task ? foreign.task : foreign.plane), holder);
  const url = `${elsewhere.plane.agents}/api/shop/orders/${order}`;
  const dpop = await victim.proof('GET', url, { token: tokens.task });
  const seen = elsewhere.shop.requests().length;
  const response = await fetch(url, { headers: { authorization: `DPoP ${tokens.task}`, dpop } });
  assert.equal(response.status, 401);
  assert.equal(elsewhere.shop.requests().length, seen);
});

/** What holds a key elsewhere and speaks to us with it. */
const callHere =
  (agent: RawAgent): RawAgent['call'] =>
  async (token, method, path) => {
    const url = `${house.plane.agents}${path}`;
    const dpop = await agent.proof(method, url, { token });
    return fetch(url, { method, headers: { authorization: `DPoP ${token}`, dpop } });
  };
const apiHere =
  (agent: RawAgent): RawAgent['api'] =>
  (token, method, path) =>
    callHere(agent)(token, method, path);

test('an assertion that was made for another plane logs nobody in here, nor one under another agent’s key', async () => {
  const grant = { grant_type: grantType.clientCredentials };
  for (const claims of [
    { aud: elsewhere.plane.agents },
    { aud: [house.plane.agents, elsewhere.plane.agents] },
    { aud: `${house.plane.agents}/` },
    { iss: elsewhere.refundBot.id, sub: elsewhere.refundBot.id },
    { iss: house.malloryBot.id, sub: house.malloryBot.id },
    { sub: house.malloryBot.id },
  ]) {
    const response = await victim.tokenRequest({ ...grant, client_assertion: await victim.assertion(claims) });
    assert.equal(response.status, 401, JSON.stringify(claims));
    assert.equal(((await response.json()) as { error: string }).error, 'invalid_client');
  }
});

test('a proof that was made for another plane is none here', async () => {
  const body = new URLSearchParams({ grant_type: grantType.clientCredentials }).toString();
  const proof = await victim.proof('POST', `${elsewhere.plane.agents}/oauth/token`, { body });
  const response = await victim.tokenRequest({ grant_type: grantType.clientCredentials }, { proof });
  const { error } = (await response.json()) as { error: string };
  assert.deepEqual([response.status, error], [400, 'invalid_dpop_proof']);
});
