/** SVIDs of the plane's own trust domain: JWT-SVID, X509-SVID, and the bundle that known services verify them with. */
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { createHash, webcrypto, X509Certificate } from 'node:crypto';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { createLocalJWKSet, type JSONWebKeySet, type JWK, jwtVerify } from 'jose';
import { testAuthority } from '../../../src/foundation/http/testing-certificates.ts';
import { rotateSvidKey } from '../../../src/foundation/index.ts';
import { keySourceOf } from '../../../src/opening.ts';
import { type House, openHouse } from '../../house.ts';
import { type RawAgent, rawAgent } from '../../raw-agent.ts';

const service = 'https://ledger.acme.example';
type Bundle = {
  keys: readonly (JWK & { use: string })[];
  spiffe_sequence: number;
};
let house: House;
let agent: RawAgent;
let token: string;
let spiffeId: string;
before(async () => {
  house = await openHouse({ env: { AMBIT_TRUST_DOMAIN: 'acme.example' } });
  rotateSvidKey(keySourceOf(house.config), Date.now);
  await house.restart();
  agent = await rawAgent(house, house.refundBot);
  token = await agent.agentToken();
  spiffeId = `spiffe://acme.example/agent/${house.refundBot.id}`;
});
after(() => house.close());

const bundle = async () => (await (await fetch(`${house.plane.agents}/.well-known/spiffe/bundle`)).json()) as Bundle;
const authoritiesOf = ({ keys }: Bundle) =>
  keys.flatMap(({ x5c }) => (x5c === undefined ? [] : [new X509Certificate(Buffer.from(x5c[0] ?? '', 'base64'))]));

/** What the agent is told, and whether it was given anything. */
async function ask(kind: 'jwt' | 'x509', body: object, by = { agent, token }) {
  const response = await by.agent.api(by.token, 'POST', `/v1/agent/svids/${kind}`, body);
  return { status: response.status, ...((await response.json()) as Record<string, string>) } as unknown as Told;
}
type Told = {
  readonly status: number;
  readonly code: string;
  readonly svid: string;
  readonly certificate: string;
  readonly spiffeId: string;
  readonly expiresAt: number;
};

type KeyKind = 'P-256' | 'P-521';
/** A request and its key, as any tool makes them. */
async function makeRequest(uris: readonly string[] = [], namedCurve: KeyKind = 'P-256') {
  const algorithm = { name: 'ECDSA', namedCurve, hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const extensions =
    uris.length === 0
      ? []
      : [new x509.SubjectAlternativeNameExtension(uris.map((value) => ({ type: 'url' as const, value })))];
  const made = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=whatever it says',
    keys,
    signingAlgorithm: algorithm,
    extensions,
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return { request: made.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n` };
}

test('a JWT-SVID is verified by another library with the published bundle, for the audience that was asked for', async () => {
  const { status, svid, ...rest } = await ask('jwt', { audience: service });
  assert.deepEqual([status, rest.spiffeId], [201, spiffeId]);
  const published = await bundle();
  const keys = published.keys.filter(({ use }) => use === 'jwt-svid').map(({ use: _, ...key }) => key);
  const verified = await jwtVerify(svid, createLocalJWKSet({ keys } as JSONWebKeySet), { audience: service });
  assert.equal(verified.payload.sub, spiffeId);
  assert.deepEqual(verified.payload.aud, [service]);
  assert.ok((verified.payload.exp ?? 0) - (verified.payload.iat ?? 0) <= 300);
  await assert.rejects(
    jwtVerify(svid, createLocalJWKSet({ keys } as JSONWebKeySet), { audience: 'https://other.example' }),
  );
});

test('a known service takes an X.509-SVID in real mutual TLS, by the published bundle and nothing else', async () => {
  const { request, key } = await makeRequest();
  const told = await ask('x509', { request });
  assert.equal(told.status, 201);
  const leaf = new X509Certificate(told.certificate);
  assert.equal(leaf.subjectAltName, `URI:${spiffeId}`);
  assert.equal(leaf.ca, false);
  assert.ok(leaf.validToDate.getTime() - Date.now() <= 3_600_000);
  const own = await (await testAuthority()).sign({ dns: ['127.0.0.1'] });
  const ca = authoritiesOf(await bundle()).map(String);
  const server = createServer({ cert: own.cert, key: own.key, ca, requestCert: true }, (incoming, response) =>
    response.end((incoming.socket as TLSSocket).getPeerX509Certificate()?.subjectAltName),
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const call = (identity: object) =>
    new Promise<string>((done, fail) => {
      const { port } = server.address() as AddressInfo;
      get({ host: '127.0.0.1', port, rejectUnauthorized: false, agent: false, ...identity }, (answer) => {
        answer.setEncoding('utf8').on('data', done).on('error', fail);
      }).on('error', fail);
    });
  assert.equal(await call({ cert: told.certificate, key }), `URI:${spiffeId}`);
  const stranger = await (await testAuthority()).sign({ uris: [spiffeId] });
  await assert.rejects(call({ cert: stranger.cert, key: stranger.key }));
  await assert.rejects(call({}));
  server.close();
});

test('the plane itself takes its own SVIDs where its trust domain is named, like those of any other', async () => {
  const { trustDomains } = house.ada.operator;
  const set = await trustDomains.set('acme.example', { bundle: JSON.stringify(await bundle()) });
  assert.deepEqual([set.jwtKeys.length, set.authorities.length], [1, 1]);
});

test('each issue is an entry, which says to whom and what for, and holds no SVID', async () => {
  const { svid } = await ask('jwt', { audience: service });
  const lines: string[] = [];
  for await (const line of await house.carol.operator.log.export({ details: true })) lines.push(JSON.stringify(line));
  const text = lines.join('\n');
  assert.match(text, /token\.svid-issued/);
  assert.ok(text.includes(service));
  assert.equal(text.includes(svid), false);
});

describe('what is refused', () => {
  test('a request for another agent’s name, or for one more', async () => {
    const other = `spiffe://acme.example/agent/${house.lookupBot.id}`;
    const askFor = async (uris: readonly string[]) => ask('x509', { request: (await makeRequest(uris)).request });
    assert.equal((await askFor([other])).code, 'svid.request_invalid');
    assert.equal((await askFor([spiffeId, other])).code, 'svid.request_invalid');
    assert.equal((await askFor([spiffeId])).status, 201);
  });

  test('a request that its key did not sign, of another kind of key, or that is none', async () => {
    const [mine, theirs] = [await makeRequest(), await makeRequest()];
    const der = (pem: string) => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    const forged = Buffer.concat([der(mine.request).subarray(0, -20), der(theirs.request).subarray(-20)]);
    const request = `-----BEGIN CERTIFICATE REQUEST-----\n${forged.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
    for (const bad of [request, 'nothing', (await makeRequest([], 'P-521')).request]) {
      assert.equal((await ask('x509', { request: bad })).code, 'svid.request_invalid');
    }
  });

  test('a JWT-SVID for the plane itself: there agents use tokens', async () => {
    for (const audience of [house.plane.agents, `${house.plane.agents}/v1`]) {
      assert.equal((await ask('jwt', { audience })).code, 'svid.not_issued');
    }
  });

  test('who is suspended, and whoever comes without a token', async () => {
    const mallory = await rawAgent(house, house.malloryBot);
    const by = { agent: mallory, token: await mallory.agentToken() };
    assert.equal((await ask('jwt', { audience: service }, by)).status, 201);
    await house.alice.operator.agents.suspend(house.malloryBot.id, 'It asks for too much.');
    const stopped = await ask('jwt', { audience: service }, by);
    assert.ok([401, 403].includes(stopped.status), `${stopped.status}`);
    const bare = await fetch(`${house.plane.agents}/v1/agent/svids/jwt`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ audience: service }),
    });
    assert.equal(bare.status, 401);
  });
});

test('keys rotate: the bundle has both, its sequence rises, and what the older signed still holds', async () => {
  const first = await bundle();
  const digest = (of: Bundle) => createHash('sha256').update(JSON.stringify(of)).digest('hex');
  await house.restart();
  assert.equal(digest(await bundle()), digest(first), 'a restart changes no byte of it');
  const { svid } = await ask('jwt', { audience: service });
  rotateSvidKey(keySourceOf(house.config), () => Date.now() + 2000);
  await house.restart();
  const second = await bundle();
  assert.ok(second.spiffe_sequence > first.spiffe_sequence);
  assert.deepEqual([second.keys.length, authoritiesOf(second).length], [4, 2]);
  const keys = second.keys.filter(({ use }) => use === 'jwt-svid').map(({ use: _, ...key }) => key);
  await jwtVerify(svid, createLocalJWKSet({ keys } as JSONWebKeySet), { audience: service });
});

test('without keys for SVIDs there are none, and no bundle', async () => {
  const bare = await openHouse();
  const one = await rawAgent(bare, bare.refundBot);
  const told = await ask('jwt', { audience: service }, { agent: one, token: await one.agentToken() });
  assert.deepEqual([told.status, told.code], [403, 'svid.not_issued']);
  assert.equal((await fetch(`${bare.plane.agents}/.well-known/spiffe/bundle`)).status, 404);
  await bare.close();
});
