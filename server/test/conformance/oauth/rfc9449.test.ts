/** RFC 9449 (DPoP): proofs at the token endpoint and at the gateway, and every way in which one does not hold. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { grantType } from '@ambit/protocol';
import { base64url, CompactSign } from 'jose';
import * as oauth from 'oauth4webapi';
import { type House, openHouse, order } from '../../house.ts';
import { type RawAgent, rawAgent } from '../../raw-agent.ts';
import { type IndependentClient, independentClient, insecure, thumbprintOf } from './independent-client.ts';

let house: House;
let agent: IndependentClient;
let raw: RawAgent;
let held: string;
let rawHeld: string;
before(async () => {
  house = await openHouse();
  agent = await independentClient(house, house.refundBot);
  raw = await rawAgent(house, house.lookupBot);
  held = await agent.accept(await house.openTask());
  rawHeld = await raw.accept(await house.openTask({ agent: house.lookupBot.id }));
});
after(() => house.close());

const path = `/api/shop/orders/${order}`;
const now = () => Math.floor(Date.now() / 1000);

test('a library’s own proofs are taken at the token endpoint and at the gateway, one after the other', async () => {
  for (let i = 0; i < 3; i++) assert.equal((await agent.request(held, 'GET', path)).status, 200);
});

// §8, §9: no nonce is demanded; one that comes is part of the proof and hurts nobody.
test('no nonce is asked for, and a client that sends one is served', async () => {
  const { as, client, authentication, dpop } = agent;
  const response = await oauth.clientCredentialsGrantRequest(
    as,
    client,
    authentication,
    {},
    { DPoP: dpop, ...insecure },
  );
  assert.equal(response.headers.get('dpop-nonce'), null);
  assert.equal((await raw.call(rawHeld, 'GET', path, { proof: await proofFor({ nonce: 'any' }) })).status, 200);
});

test('the token is bound to the thumbprint of the key that signed the proof (§6.1)', async () => {
  const { cnf } = JSON.parse(Buffer.from(held.split('.')[1] ?? '', 'base64url').toString()) as { cnf: { jkt: string } };
  assert.equal(cnf.jkt, await thumbprintOf(agent.proofKeys.publicKey));
});

const proofFor = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
  raw.proof('GET', `${house.plane.agents}${path}`, { token: rawHeld, claims, header });

const wrongClaims: readonly (readonly [string, Record<string, unknown>])[] = [
  ['for another method', { htm: 'POST' }],
  ['with its method in small letters', { htm: 'get' }],
  ['for another path', { htu: 'http://127.0.0.1/api/shop/orders/1043' }],
  ['for another server', { htu: `https://elsewhere.example${path}` }],
  ['without htu', { htu: undefined }],
  ['without htm', { htm: undefined }],
  ['without iat', { iat: undefined }],
  ['without jti', { jti: undefined }],
  ['of two minutes ago', { iat: now() - 120 }],
  ['of the future', { iat: now() + 120 }],
  ['for another token', { ath: 'x'.repeat(43) }],
  ['for no token', { ath: undefined }],
  ['whose htu is no URL', { htu: 'not a url' }],
  ['whose iat is a text', { iat: `${now()}` }],
];
for (const [what, claims] of wrongClaims) {
  test(`a proof ${what} is refused at the gateway with a challenge (§7.1)`, async () => {
    const response = await raw.call(rawHeld, 'GET', path, { proof: await proofFor(claims) });
    assert.equal(response.status, 401);
    const challenge = response.headers.get('www-authenticate') ?? '';
    assert.match(challenge, /^DPoP /);
    assert.match(challenge, /error="invalid_dpop_proof"/);
    assert.match(challenge, /algs="[^"]*ES256/);
  });
}

test('query and fragment are no part of htu, and its case and default port are normalised', async () => {
  const url = `${house.plane.agents}${path}`;
  for (const htu of [`${url}?limit=3`, `${url}#part`, url.replace('http://', 'HTTP://')]) {
    assert.equal((await raw.call(rawHeld, 'GET', path, { proof: await proofFor({ htu }) })).status, 200, htu);
  }
});

const wrongHeaders: readonly (readonly [string, Record<string, unknown>])[] = [
  ['of another type', { typ: 'JWT' }],
  ['without its key', { jwk: undefined }],
  ['with a key that is none', { jwk: { kty: 'EC', crv: 'P-256' } }],
  ['with a shared secret as key', { jwk: { kty: 'oct', k: 'c2VjcmV0' } }],
];
for (const [what, header] of wrongHeaders) {
  test(`a proof ${what} is refused`, async () => {
    const response = await raw.call(rawHeld, 'GET', path, { proof: await proofFor({}, header) });
    assert.equal(response.status, 401);
    assert.match(response.headers.get('www-authenticate') ?? '', /error="invalid_dpop_proof"/);
  });
}

test('a proof that shows its private key, or is signed by none, is refused (§4.3)', async () => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const jwk = await crypto.subtle.exportKey('jwk', pair.privateKey);
  const claims = { htm: 'GET', htu: `${house.plane.agents}${path}`, iat: now(), jti: crypto.randomUUID() };
  const text = new TextEncoder().encode(JSON.stringify(claims));
  const shown = await new CompactSign(text)
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: jwk as never })
    .sign(pair.privateKey);
  const header = base64url.encode(JSON.stringify({ alg: 'none', typ: 'dpop+jwt', jwk: raw.jwk }));
  const unsigned = `${header}.${base64url.encode(text)}.`;
  for (const proof of [shown, unsigned, 'x', 'a.b.c']) {
    assert.equal((await raw.call(rawHeld, 'GET', path, { proof })).status, 401);
  }
});

test('a proof counts once (§11.1), and of many at the same moment one passes', async () => {
  const proof = await proofFor();
  assert.equal((await raw.call(rawHeld, 'GET', path, { proof })).status, 200);
  const again = await raw.call(rawHeld, 'GET', path, { proof });
  assert.equal(again.status, 401);
  assert.match(again.headers.get('www-authenticate') ?? '', /^DPoP error="invalid_dpop_proof"/);
  const another = await proofFor();
  const all = await Promise.all(Array.from({ length: 8 }, () => raw.call(rawHeld, 'GET', path, { proof: another })));
  assert.equal(all.filter((one) => one.status === 200).length, 1);
});

test('a bound token as a bearer token, or without a proof, is refused (§7.2)', async () => {
  const url = `${house.plane.agents}${path}`;
  const bearer = await fetch(url, { headers: { authorization: `Bearer ${held}` } });
  assert.equal(bearer.status, 401);
  assert.match(bearer.headers.get('www-authenticate') ?? '', /^DPoP error="invalid_token"/);
  const bare = await fetch(url, { headers: { authorization: `DPoP ${held}` } });
  assert.equal(bare.status, 401);
  assert.match(bare.headers.get('www-authenticate') ?? '', /^DPoP error="invalid_dpop_proof"/);
});

test('who sends nothing is challenged without an error (RFC 6750 §3.1)', async () => {
  const response = await fetch(`${house.plane.agents}${path}`);
  assert.equal(response.status, 401);
  assert.match(response.headers.get('www-authenticate') ?? '', /^DPoP algs="/);
});

test('a good proof under another key is refused: the token is not its', async () => {
  const mallory = await rawAgent(house, house.malloryBot);
  const proof = await mallory.proof('GET', `${house.plane.agents}${path}`, { token: rawHeld });
  const response = await raw.call(rawHeld, 'GET', path, { proof });
  assert.equal(response.status, 401);
  assert.match(response.headers.get('www-authenticate') ?? '', /error="invalid_token"/);
});

test('two proofs in one request are refused (§4.3)', async () => {
  const proof = await proofFor();
  const { request } = await import('node:http');
  const status = await new Promise((resolve, reject) => {
    const url = new URL(path, house.plane.agents);
    const sent = request(url, {
      headers: ['host', url.host, 'authorization', `DPoP ${rawHeld}`, 'dpop', proof, 'dpop', proof],
    });
    sent
      .on('response', (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
  assert.equal(status, 401);
});

// §5: at the token endpoint the same is a 400 with an OAuth error.
test('the token endpoint refuses a missing, a replayed and a foreign proof as invalid_dpop_proof', async () => {
  const url = `${house.plane.agents}/oauth/token`;
  const ask = async (proof: string) => {
    const response = await raw.tokenRequest({ grant_type: grantType.clientCredentials }, { proof });
    const { error } = (await response.json()) as { error?: string };
    return [response.status, error];
  };
  const used = await raw.proof('POST', url);
  assert.deepEqual(await ask(used), [200, undefined]);
  assert.deepEqual(await ask(used), [400, 'invalid_dpop_proof']);
  assert.deepEqual(await ask(await raw.proof('POST', `${url}/other`)), [400, 'invalid_dpop_proof']);
  assert.deepEqual(await ask(await raw.proof('POST', url, { claims: { iat: now() - 120 } })), [
    400,
    'invalid_dpop_proof',
  ]);
  const body = new URLSearchParams({
    grant_type: grantType.clientCredentials,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await raw.assertion(),
  });
  const without = await fetch(url, { method: 'POST', body });
  assert.equal(without.status, 400);
  assert.equal(((await without.json()) as { error: string }).error, 'invalid_dpop_proof');
});
