/** JWT-SVID and draft-ietf-oauth-spiffe-client-auth: an agent logs in with what its own trust domain signed. */
import assert from 'node:assert/strict';
import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { AgentId } from '@ambit/protocol';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { type House, openHouse, order } from '../../house.ts';
import {
  askForToken,
  assertionAuth,
  jwtSpiffeType,
  prover,
  registerSpiffe,
  type TestDomain,
  type Told,
  testDomain,
} from '../../spiffe-domain.ts';
import { discover, insecure, taskDetails } from '../oauth/independent-client.ts';

const subject = 'spiffe://acme.example/ns/support/sa/refund-bot';
let house: House;
let acme: TestDomain;
let other: TestDomain;
let agent: AgentId;
let as: oauth.AuthorizationServer;
before(async () => {
  house = await openHouse();
  [acme, other, as] = await Promise.all([
    testDomain('acme.example'),
    testDomain('other.example', 'RS256'),
    discover(house),
  ]);
  const { trustDomains } = house.ada.operator;
  await trustDomains.set(acme.name, { bundle: acme.bundle() });
  await trustDomains.set(other.name, { bundle: other.bundle() });
  agent = await registerSpiffe(house.alice, 'spiffe-bot', subject);
});
after(() => house.close());

const issuer = () => house.plane.agents;
const honest = (claims: object = {}, header: object = {}) => acme.jwtSvid(subject, issuer(), { ...claims }, header);

/** Asks with a proof key of its own each time. */
async function logIn(assertion: string, more: Record<string, string> = {}): Promise<Told> {
  const form = { client_assertion_type: jwtSpiffeType, client_assertion: assertion, ...more };
  return askForToken(house, form, await (await prover(house))());
}

async function isRefused(asking: Promise<Told>, code: string): Promise<void> {
  const told = await asking;
  assert.deepEqual([told.status, told.error, told.code], [401, 'invalid_client', code]);
  assert.ok((told.error_description ?? '').length > 20, 'it says what to do');
}

test('the metadata names the method', () => {
  assert.ok(as.token_endpoint_auth_methods_supported?.includes('spiffe_jwt'));
});

test('with oauth4webapi: a JWT-SVID is enough for a task and a call, and the token is the agent’s', async () => {
  const client: oauth.Client = { client_id: agent };
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
  const tokenFor = async (parameters: Record<string, string> = {}) => {
    const auth = assertionAuth(await honest());
    const response = await oauth.clientCredentialsGrantRequest(as, client, auth, parameters, { DPoP, ...insecure });
    return (await oauth.processClientCredentialsResponse(as, client, response)).access_token;
  };
  const ask = (token: string, method: string, path: string) =>
    oauth.protectedResourceRequest(token, method, new URL(path, issuer()), undefined, undefined, { DPoP, ...insecure });
  const task = await house.openTask({ agent });
  const accepted = await ask(await tokenFor(), 'POST', `/v1/agent/tasks/${task}/accept`);
  assert.equal(accepted.status, 200, await accepted.text());
  const token = await tokenFor({ authorization_details: taskDetails(task) });
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
  assert.equal(claims.client_id, agent);
  const answered = await ask(token, 'GET', `/api/shop/orders/${order}`);
  assert.equal(answered.status, 200, await answered.text());
});

test('with openid-client: the same, by discovery', async () => {
  const config = await openid.discovery(new URL(issuer()), subject, undefined, assertionAuth(await honest()), {
    algorithm: 'oauth2',
    execute: [openid.allowInsecureRequests],
  });
  const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair());
  const answer = await openid.clientCredentialsGrant(config, {}, { DPoP });
  assert.equal(answer.token_type, 'dpop');
});

test('aud may be a list of one, as SPIRE writes it; typ may be JOSE or nothing; kid may be missing', async () => {
  assert.equal((await logIn(await acme.jwtSvid(subject, [issuer()]))).status, 200);
  assert.equal((await logIn(await honest({}, { typ: 'JOSE' }))).status, 200);
  assert.equal((await logIn(await honest({}, { typ: undefined, kid: undefined }))).status, 200);
});

test('client_id may be the SPIFFE ID or the agent’s id, and nothing else', async () => {
  assert.equal((await logIn(await honest(), { client_id: subject })).status, 200);
  assert.equal((await logIn(await honest(), { client_id: agent })).status, 200);
  await isRefused(logIn(await honest(), { client_id: house.refundBot.id }), 'client.unauthenticated');
  await isRefused(logIn(await honest(), { client_id: `${subject}/x` }), 'client.unauthenticated');
});

describe('what is refused', () => {
  test('an audience that is another’s, or one among others', async () => {
    await isRefused(logIn(await acme.jwtSvid(subject, 'https://payroll.example')), 'svid.invalid');
    await isRefused(logIn(await acme.jwtSvid(subject, [issuer(), 'https://payroll.example'])), 'svid.invalid');
    await isRefused(logIn(await acme.jwtSvid(subject, undefined)), 'svid.invalid');
    await isRefused(logIn(await acme.jwtSvid(subject, `${issuer()}/oauth/token`)), 'svid.invalid');
  });

  test('an SVID that expired, begins later, or lives for a day', async () => {
    const now = Math.floor(Date.now() / 1000);
    await isRefused(logIn(await honest({ exp: now - 1 })), 'svid.stale');
    await isRefused(logIn(await honest({ nbf: now + 60 })), 'svid.stale');
    await isRefused(logIn(await honest({ iat: now + 60 })), 'svid.stale');
    await isRefused(logIn(await honest({ exp: now + 86_400 })), 'svid.stale');
    await isRefused(logIn(await honest({ exp: undefined })), 'svid.invalid');
  });

  test('no signature, a symmetric one, and one by an algorithm that is not the key’s', async () => {
    const [head = '', body = ''] = (await honest()).split('.');
    const header = (more: object) =>
      Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(head, 'base64url').toString()), ...more })).toString(
        'base64url',
      );
    await isRefused(logIn(`${header({ alg: 'none' })}.${body}.`), 'svid.invalid');
    await isRefused(logIn(`${header({ alg: 'none' })}.${body}.AA`), 'svid.invalid');
    const pem = createPublicKey({ key: acme.jwk() as JsonWebKey, format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    });
    const signed = `${header({ alg: 'HS256' })}.${body}`;
    const mac = createHmac('sha256', pem).update(signed).digest('base64url');
    await isRefused(logIn(`${signed}.${mac}`), 'svid.invalid');
    const [, , signature = ''] = (await honest()).split('.');
    await isRefused(logIn(`${header({ alg: 'ES384' })}.${body}.${signature}`), 'svid.invalid');
    await isRefused(logIn(`${header({ alg: 'EdDSA' })}.${body}.${signature}`), 'svid.invalid');
  });

  test('a kid, jwk, jku or x5c that the SVID brings along is never where its key is looked for', async () => {
    const mallory = await testDomain(acme.name);
    const brought = { kid: acme.jwk().kid, jwk: mallory.jwk(), jku: 'https://mallory.example/jwks', x5c: ['AAAA'] };
    await isRefused(logIn(await mallory.jwtSvid(subject, issuer(), {}, brought)), 'svid.invalid');
    for (const kid of ['../../etc/passwd', "' or 1=1 --", '']) {
      await isRefused(logIn(await honest({}, { kid })), 'svid.invalid');
    }
  });

  test('a trust domain that answers for another, whichever key it names', async () => {
    await isRefused(logIn(await other.jwtSvid(subject, issuer())), 'svid.invalid');
    await isRefused(logIn(await other.jwtSvid(subject, issuer(), {}, { kid: acme.jwk().kid })), 'svid.invalid');
  });

  test('a subject that is no SPIFFE ID of a workload, or stands for nobody', async () => {
    for (const sub of [
      'spiffe://acme.example',
      `${subject}/`,
      `${subject}/..`,
      `${subject}?x=1`,
      'SPIFFE://acme.example/x',
      `${subject}%2f`,
    ]) {
      await isRefused(logIn(await acme.jwtSvid(sub, issuer())), 'svid.invalid');
    }
    await isRefused(logIn(await acme.jwtSvid('spiffe://acme.example/nobody', issuer())), 'client.unauthenticated');
    await isRefused(logIn(await acme.jwtSvid('spiffe://unheard.example/x', issuer())), 'client.unauthenticated');
  });

  test('an SVID as assertion of the other type, and a token of another kind as SVID', async () => {
    const bearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    const told = await logIn(await honest(), { client_assertion_type: bearer });
    assert.deepEqual([told.status, told.error], [401, 'invalid_client']);
    await isRefused(logIn(await honest({}, { typ: 'dpop+jwt' })), 'svid.invalid');
  });
});

test('the same SVID comes again only from the key that it came with first, also after a restart', async () => {
  const [assertion, first, thief] = [await honest(), await prover(house), await prover(house)];
  const form = { client_assertion_type: jwtSpiffeType, client_assertion: assertion };
  assert.equal((await askForToken(house, form, await first())).status, 200);
  assert.equal((await askForToken(house, form, await first())).status, 200);
  await isRefused(askForToken(house, form, await thief()), 'assertion.replayed');
  await house.restart();
  await isRefused(askForToken(house, form, await thief()), 'assertion.replayed');
  assert.equal((await askForToken(house, form, await first())).status, 200);
});

test('one SPIFFE ID is one agent, until it is revoked there', async () => {
  const { agents } = house.alice.operator;
  const taken = { method: 'spiffe', issuer: acme.name, subject };
  await assert.rejects(agents.addIdentity(house.lookupBot.id, taken), /identity\.taken|stands for an agent/);
  const { identities } = await agents.show(agent);
  const named = identities.find((one) => one.subject === subject);
  await agents.revokeIdentity(agent, named!.id);
  await isRefused(logIn(await honest()), 'client.unauthenticated');
  await agents.addIdentity(agent, taken);
  assert.equal((await logIn(await honest())).status, 200);
});

test('a trust domain that is removed takes the names with it that it gave', async () => {
  const { trustDomains } = house.ada.operator;
  assert.equal((await trustDomains.remove(acme.name)).revoked, 1);
  assert.deepEqual((await house.alice.operator.agents.show(agent)).identities, []);
  await isRefused(logIn(await honest()), 'client.unauthenticated');
});
