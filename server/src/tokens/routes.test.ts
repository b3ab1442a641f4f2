import assert from 'node:assert/strict';
import type { webcrypto } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { assertionType, grantType, tokenType } from '@ambit/protocol';
import * as oauth from 'oauth4webapi';
import { handClock } from '../foundation/database/testing.ts';
import { createApi, listen, planeItself, type RawRequest, type Refusal } from '../foundation/index.ts';
import { registerEnforcementPoint } from '../identity/index.ts';
import { signAssertion, type TestKey } from '../identity/testing.ts';
import { asAgent } from './as-agent.ts';
import { tokensRoutes } from './routes.ts';
import {
  accepted,
  actorToken,
  type Bot,
  claimsIn,
  endsTokens,
  forTask,
  lookUp,
  openOwnPlane,
  payroll,
  requestOf,
  type Sending,
  signed,
  type TestPlane,
  tokenFor,
} from './testing.ts';

type Scene = { plane: TestPlane; bot: Bot; refusals: string[] };

/** The routes on a real listener, under the clock of this machine: the client at the other end has no other. */
async function opened(t: TestContext): Promise<Scene> {
  const plane = await openOwnPlane(handClock(Date.now()));
  const refusals: string[] = [];
  const api = createApi({
    routes: tokensRoutes(plane.ground, plane.issuer, endsTokens(plane.ground)),
    authenticate: async (who, request: RawRequest) =>
      who === 'public' ? { kind: 'public', who: planeItself } : asAgent(plane.ground, plane.issuer, 'agent', request),
    record: async (refusal: Refusal) => {
      refusals.push(refusal.code);
      return undefined;
    },
  });
  const listening = await listen(api, '127.0.0.1', 0);
  plane.issuer.url = listening.url;
  t.after(async () => {
    await listening.close();
    await plane.close();
  });
  return { plane, bot: await plane.bot('refund-bot'), refusals };
}

const insecure = { [oauth.allowInsecureRequests]: true };

async function webKeys({ private: key, jwk }: TestKey): Promise<webcrypto.CryptoKeyPair> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const { subtle } = globalThis.crypto;
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  return {
    privateKey: await subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
    publicKey: await subtle.importKey('jwk', jwk, algorithm, true, ['verify']),
  };
}

/** An independent client with the keys of that bot. */
async function clientOf(plane: TestPlane, bot: Bot) {
  const url = new URL(plane.issuer.url);
  const discovered = await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...insecure });
  const as = await oauth.processDiscoveryResponse(url, discovered);
  const client: oauth.Client = { client_id: bot.agent.id };
  const { privateKey } = await webKeys(bot.key);
  const authentication = oauth.PrivateKeyJwt({ key: privateKey, kid: bot.key.thumbprint });
  const DPoP = oauth.DPoP(client, await webKeys(bot.proofKey));
  return { as, client, authentication, DPoP };
}

const post = async ({ parameters, proofs }: Sending, url: string, headers: Record<string, string> = {}) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...(proofs[0] === undefined ? {} : { DPoP: proofs[0] }), ...headers },
    body: new URLSearchParams(parameters),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
};

test('an independent client discovers the issuer, gets the token of a task and hands part of it on', async (t) => {
  const { plane, bot } = await opened(t);
  const to = await plane.bot('lookup-bot');
  const task = await accepted(plane, bot);
  const { as, client, authentication, DPoP } = await clientOf(plane, bot);
  const asked = await oauth.clientCredentialsGrantRequest(
    as,
    client,
    authentication,
    { authorization_details: forTask(task.id) },
    { DPoP, ...insecure },
  );
  const token = await oauth.processClientCredentialsResponse(as, client, asked);
  assert.equal(token.token_type, 'dpop');
  assert.equal(claimsIn(token.access_token).client_id, bot.agent.id);

  const exchanged = await oauth.genericTokenEndpointRequest(
    as,
    client,
    authentication,
    grantType.tokenExchange,
    {
      subject_token: token.access_token,
      subject_token_type: tokenType.accessToken,
      actor_token: actorToken(plane, to),
      actor_token_type: tokenType.jwt,
      authorization_details: JSON.stringify(lookUp),
      ambit_purpose: 'Look up the shipping state',
    },
    { DPoP, ...insecure },
  );
  const child = await oauth.processGenericTokenEndpointResponse(as, client, exchanged);
  assert.equal(claimsIn(child.access_token).client_id, to.agent.id);

  const introspected = await oauth.introspectionRequest(as, client, authentication, token.access_token, insecure);
  assert.equal((await oauth.processIntrospectionResponse(as, client, introspected)).active, true);
  const revoked = await oauth.revocationRequest(as, client, authentication, token.access_token, insecure);
  await oauth.processRevocationResponse(revoked);
  const again = await oauth.introspectionRequest(as, client, authentication, token.access_token, insecure);
  assert.deepEqual(await oauth.processIntrospectionResponse(as, client, again), { active: false });
});

test('an independent resource server verifies our tokens with the published keys', async (t) => {
  const { plane, bot } = await opened(t);
  const task = await accepted(plane, bot);
  const token = await tokenFor(plane, bot, task.id);
  const { as } = await clientOf(plane, bot);
  const { rawHeaders } = signed(plane, bot.proofKey, token, { url: '/api/shop/orders/1042' });
  const request = new Request(`${plane.issuer.url}/api/shop/orders/1042`, {
    headers: { authorization: rawHeaders[1] ?? '', dpop: rawHeaders[3] ?? '' },
  });
  const claims = await oauth.validateJwtAccessToken(as, request, plane.issuer.url, insecure);
  assert.equal(claims.client_id, bot.agent.id);
});

test('an independent client reads a refused exchange as the error that RFC 9396 names', async (t) => {
  const { plane, bot } = await opened(t);
  const task = await accepted(plane, bot);
  const { as, client, authentication, DPoP } = await clientOf(plane, bot);
  const parameters = {
    subject_token: await tokenFor(plane, bot, task.id),
    subject_token_type: tokenType.accessToken,
    authorization_details: JSON.stringify(payroll),
    ambit_purpose: 'Read salaries',
  };
  const options = { DPoP, ...insecure };
  const asked = await oauth.genericTokenEndpointRequest(
    as,
    client,
    authentication,
    grantType.tokenExchange,
    parameters,
    options,
  );
  await assert.rejects(
    oauth.processGenericTokenEndpointResponse(as, client, asked),
    (error: unknown) => error instanceof oauth.ResponseBodyError && error.error === 'invalid_authorization_details',
  );
});

test('the metadata names what is offered and nothing else', async (t) => {
  const { plane } = await opened(t);
  const { url } = plane.issuer;
  const get = async (path: string) => (await fetch(url + path)).json() as Promise<Record<string, unknown>>;
  const server = await get('/.well-known/oauth-authorization-server');
  assert.equal(server.issuer, url);
  assert.deepEqual(server.token_endpoint_auth_methods_supported, ['private_key_jwt']);
  assert.deepEqual(server.grant_types_supported, [grantType.clientCredentials, grantType.tokenExchange]);
  const gateway = await get('/.well-known/oauth-protected-resource');
  assert.equal(gateway.resource, url);
  assert.equal(gateway.dpop_bound_access_tokens_required, true);
  assert.equal((await get('/.well-known/oauth-protected-resource/v1')).resource, `${url}/v1`);
  const { keys } = (await get('/.well-known/jwks.json')) as { keys: object[] };
  assert.deepEqual(
    keys.map((key) => 'd' in key),
    [false],
  );
});

test('refusals at the token endpoint speak OAuth, and the answers are kept by no cache', async (t) => {
  const { plane, bot, refusals } = await opened(t);
  const url = `${plane.issuer.url}/oauth/token`;
  const good = (more: Record<string, string> = {}) =>
    requestOf(plane, bot, { grant_type: grantType.clientCredentials, ...more });
  const fine = await post(good({ something: 'else', scope: '' }), url);
  assert.equal(fine.status, 200);
  assert.equal(fine.headers.get('cache-control'), 'no-store');

  const rows: [Sending, number, string][] = [
    [good({ grant_type: 'password' }), 400, 'unsupported_grant_type'],
    [good({ grant_type: '' }), 400, 'invalid_request'],
    [good({ grant_type: 'constructor' }), 400, 'unsupported_grant_type'],
    [good({ scope: 'all' }), 400, 'invalid_scope'],
    [good({ resource: 'https://shop.example' }), 400, 'invalid_target'],
    [good({ authorization_details: 'x' }), 400, 'invalid_authorization_details'],
    [good({ authorization_details: forTask(plane.ground.newId('task')) }), 400, 'invalid_grant'],
    [good({ client_assertion: 'x' }), 401, 'invalid_client'],
    [good({ client_assertion: '' }), 401, 'invalid_client'],
    [good({ client_secret: 'hunter2' }), 401, 'invalid_client'],
    [{ ...good(), proofs: [] }, 400, 'invalid_dpop_proof'],
    [{ ...good(), proofs: ['x'] }, 400, 'invalid_dpop_proof'],
  ];
  for (const [sending, status, error] of rows) {
    const answer = await post(sending, url);
    assert.deepEqual([answer.status, answer.body.error], [status, error], error);
    assert.ok(!('access_token' in answer.body));
  }
  assert.equal(refusals.length, rows.length);
});

test('a parameter that comes twice, JSON and no body are refused', async (t) => {
  const { plane, bot } = await opened(t);
  const url = `${plane.issuer.url}/oauth/token`;
  const { parameters, proofs } = requestOf(plane, bot, { grant_type: grantType.clientCredentials });
  const send = async (body: string, type = 'application/x-www-form-urlencoded') => {
    const headers = { DPoP: proofs[0] ?? '', 'content-type': type };
    return (await fetch(url, { method: 'POST', headers, body })).status;
  };
  assert.equal(await send(`${new URLSearchParams(parameters)}&grant_type=client_credentials`), 400);
  assert.equal(await send(JSON.stringify(parameters), 'application/json'), 400);
  assert.equal(await send(''), 400);
});

test('an enforcement point introspects with its own key; a stranger hears nothing', async (t) => {
  const { plane, bot } = await opened(t);
  const { ground, home, issuer } = plane;
  const text = await tokenFor(plane, bot);
  const url = `${issuer.url}/oauth/introspect`;
  const registered = await registerEnforcementPoint(ground, home.admin.caller, { name: 'edge', kind: 'auth-request' });
  const secret = registered.secret?.unwrap() ?? '';
  const answer = await post({ parameters: { token: text }, proofs: [] }, url, { authorization: `Bearer ${secret}` });
  assert.equal(answer.body.active, true);
  const guess = await post({ parameters: { token: text }, proofs: [] }, url, { authorization: `Bearer ${secret}x` });
  assert.equal(guess.body.active, undefined);
  const nobody = await post({ parameters: { token: text }, proofs: [] }, url);
  assert.equal(nobody.status, 401);
});

test('an assertion that names a proof key cannot be used where no proof comes along', async (t) => {
  const { plane, bot } = await opened(t);
  const text = await tokenFor(plane, bot);
  const client_assertion = actorToken(plane, bot);
  const parameters = { client_assertion_type: assertionType.jwtBearer, client_assertion, token: text };
  for (const path of ['/oauth/introspect', '/oauth/revoke']) {
    const { status, body } = await post({ parameters, proofs: [] }, plane.issuer.url + path);
    assert.deepEqual([status, body.error], [401, 'invalid_client']);
  }
  const about = { subject: bot.agent.id, issuer: plane.issuer.url, now: plane.ground.clock() };
  const plain = { ...parameters, client_assertion: signAssertion(bot.key, about) };
  assert.equal((await post({ parameters: plain, proofs: [] }, `${plane.issuer.url}/oauth/revoke`)).status, 200);
});
