/** RFC 7523 §2.2 with tokens of an OIDC issuer: a CI job and a Kubernetes service account log in by rules of the agent. */
import assert from 'node:assert/strict';
import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import { after, beforeEach, describe, test } from 'node:test';
import { connect, KeyFault } from '@ambit/sdk';
import * as oauth from 'oauth4webapi';
import { openCiHouse } from '../../ci-house.ts';
import { bearer, type Claims } from '../../ci-service.ts';
import { order, registerBot } from '../../house.ts';
import { askForToken, assertionAuth, prover } from '../../spiffe-domain.ts';
import { discover, insecure } from './independent-client.ts';

const scene = await openCiHouse();
const { house, ci, other, agent, bind, honest, logIn, isRefused, passing } = scene;
beforeEach(() => {
  ci.change(() => undefined);
});
after(scene.close);

test('with oauth4webapi: a job’s token is enough where a rule of the agent fits it', async () => {
  const as = await discover(house);
  const client: oauth.Client = { client_id: agent };
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
  const auth = assertionAuth(await honest(), bearer, agent);
  const response = await oauth.clientCredentialsGrantRequest(as, client, auth, {}, { DPoP, ...insecure });
  const answer = await oauth.processClientCredentialsResponse(as, client, response);
  assert.equal(answer.token_type, 'dpop');
});

test('with the SDK: a job names where its token comes from, keeps no key, and works on a task', async () => {
  const job = await connect({ url: house.plane.agents, agent, workload: { token: () => honest() } });
  const opened = await house.openTask({ agent });
  const task = await job.accept(opened);
  assert.equal((await task.fetch(`/api/shop/orders/${order}`)).status, 200);
  await assert.rejects(job.offer(), KeyFault);
  const stranger = await connect({
    url: house.plane.agents,
    agent,
    workload: { token: () => other.token(house.plane.agents) },
  });
  await assert.rejects(stranger.tasks(), { name: 'Unauthenticated' });
});

test('a Kubernetes service account logs in by its sub, with a list of one audience and no jti', async () => {
  const sub = 'system:serviceaccount:support:refund-bot';
  const pod = (await registerBot(house.alice, 'pod-bot')).id;
  await bind(pod, { sub });
  const namespace = { 'kubernetes.io': { namespace: 'support' } };
  const token = (claims: Claims) =>
    ci.token([house.plane.agents], { jti: undefined, repository: undefined, ...namespace, ...claims });
  assert.equal((await logIn(await token({ sub }), pod)).status, 200);
  await isRefused(logIn(await token({ sub: `${sub}-2` }), pod));
  await isRefused(logIn(await token({ sub }), agent));
});

describe('what is refused', () => {
  test('a token without client_id, or for an agent that has no rule', async () => {
    await isRefused(logIn(await honest(), ''), 'client.unauthenticated');
    await isRefused(logIn(await honest(), house.refundBot.id), 'client.unauthenticated');
  });

  test('another issuer that is known too: by its own name, and in the name of the right one', async () => {
    await isRefused(logIn(await other.token(house.plane.agents)), 'client.unauthenticated');
    await isRefused(logIn(await other.token(house.plane.agents, { iss: ci.issuer })), 'workload_token.invalid');
    const brought = { kid: ci.jwk().kid, jku: `${other.issuer}/keys`, jwk: other.jwk() };
    await isRefused(
      logIn(await other.token(house.plane.agents, { iss: ci.issuer }, brought)),
      'workload_token.invalid',
    );
  });

  test('no signature, and one made with the public key as a secret', async () => {
    const [head = '', body = ''] = (await honest()).split('.');
    const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as object;
    const as = (alg: string) => `${Buffer.from(JSON.stringify({ ...header, alg })).toString('base64url')}.${body}`;
    await isRefused(logIn(`${as('none')}.AA`), 'workload_token.invalid');
    const pem = createPublicKey({ key: ci.jwk() as JsonWebKey, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const mac = createHmac('sha256', pem).update(as('HS256')).digest('base64url');
    await isRefused(logIn(`${as('HS256')}.${mac}`), 'workload_token.invalid');
  });

  test('one that expired, begins later, lives too long, or does not say', async () => {
    const now = Math.floor(Date.now() / 1000);
    await isRefused(logIn(await honest({ exp: now - 1 })), 'workload_token.stale');
    await isRefused(logIn(await honest({ iat: now + 60 })), 'workload_token.stale');
    await isRefused(logIn(await honest({ nbf: now + 60 })), 'workload_token.stale');
    await isRefused(logIn(await honest({ exp: now + 86_400 })), 'workload_token.stale');
    await isRefused(logIn(await honest({ iat: undefined })), 'workload_token.invalid');
  });

  test('the same token with another key', async () => {
    const [assertion, first, thief] = [await honest(), await prover(house), await prover(house)];
    const form = { client_assertion_type: bearer, client_assertion: assertion, client_id: agent };
    assert.equal((await askForToken(house, form, await first())).status, 200);
    await isRefused(askForToken(house, form, await thief()), 'assertion.replayed');
    assert.equal((await askForToken(house, form, await first())).status, 200);
  });
});

test('keys rotate; made-up kids make nobody ask more than twice a minute', async () => {
  passing(31);
  await ci.rotate();
  assert.equal((await logIn(await honest())).status, 200);
  const asked = ci.web.asked();
  for (let i = 0; i < 5; i++)
    await isRefused(logIn(await honest({}, { kid: `made-up-${i}` })), 'workload_token.invalid');
  assert.equal(ci.web.asked(), asked);
});

test('an issuer whose address fails is believed for an hour more, and then not', async () => {
  ci.change(() => null);
  passing(1800);
  assert.equal((await logIn(await honest())).status, 200);
  passing(1900);
  await isRefused(logIn(await honest()), 'workload_token.untrusted');
  ci.change(() => undefined);
  passing(31);
  assert.equal((await logIn(await honest())).status, 200);
});

test('an issuer that is removed takes the rules with it that stand on it', async () => {
  const { tokenIssuers } = house.ada.operator;
  const known = (await tokenIssuers.list()).find(({ issuer }) => issuer === ci.issuer);
  assert.equal((await tokenIssuers.remove(known!.id)).revoked, 2);
  await isRefused(logIn(await honest()), 'client.unauthenticated');
});
