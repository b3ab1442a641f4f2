/** RFC 8705 (OAuth 2.0 Mutual-TLS): client authentication, bound tokens and metadata, by independent clients over TLS. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type AgentId, grantType, type TaskId, tokenType } from '@ambit/protocol';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { selfSigned, type TestCertificate } from '../../../src/foundation/http/testing-certificates.ts';
import { only, order } from '../../house.ts';
import { pemOf } from '../../pem.ts';
import { rawAgent } from '../../raw-agent.ts';
import { openTlsHouse, registerNamed, type TlsHouse } from '../../tls-house.ts';
import { discover, insecure, refusalOf, taskDetails } from '../oauth/independent-client.ts';

const subject = 'spiffe://acme.example/refund-bot';
let house: TlsHouse;
let as: oauth.AuthorizationServer;
let named: AgentId;
let certificate: TestCertificate;
before(async () => {
  house = await openTlsHouse();
  as = await discover(house);
  named = await registerNamed(house.alice, 'named-bot', subject);
  certificate = await house.corp.sign({ uris: [subject] });
});
after(() => house.close());

/** What oauth4webapi asks, over a connection with that certificate. */
const options = (over: typeof fetch) => ({ [oauth.customFetch]: over, ...insecure }) as object;

async function tokenBy(client_id: AgentId, over: typeof fetch, parameters: Record<string, string> = {}) {
  const client: oauth.Client = { client_id, use_mtls_endpoint_aliases: true };
  const response = await oauth.clientCredentialsGrantRequest(
    as,
    client,
    oauth.TlsClientAuth(),
    parameters,
    options(over),
  );
  return oauth.processClientCredentialsResponse(as, client, response);
}

const ask = (over: typeof fetch, token: string, method: string, path: string) =>
  oauth.protectedResourceRequest(token, method, new URL(path, house.tls), undefined, undefined, options(over));

async function accept(agent: AgentId, over: typeof fetch, task: TaskId): Promise<string> {
  const own = await tokenBy(agent, over);
  const accepted = await ask(over, own.access_token, 'POST', `/v1/agent/tasks/${task}/accept`);
  assert.equal(accepted.status, 200, await accepted.text());
  return (await tokenBy(agent, over, { authorization_details: taskDetails(task) })).access_token;
}

/** RFC 6750 §3.1, as the library reads it. */
const assertRefused = (asking: Promise<Response>) =>
  assert.rejects(asking, (error: unknown) => {
    assert.ok(error instanceof oauth.WWWAuthenticateChallengeError);
    const [challenge] = error.cause;
    assert.deepEqual([error.status, challenge?.scheme, challenge?.parameters.error], [401, 'bearer', 'invalid_token']);
    return true;
  });

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

// §5
test('the metadata names both methods, the bound tokens, and the endpoints that ask for certificates', async () => {
  const methods = as.token_endpoint_auth_methods_supported ?? [];
  assert.deepEqual(
    methods.filter((name) => name.includes('tls')),
    ['tls_client_auth', 'self_signed_tls_client_auth'],
  );
  assert.equal(as.tls_client_certificate_bound_access_tokens, true);
  assert.equal(as.mtls_endpoint_aliases?.token_endpoint, `${house.tls}/oauth/token`);
  assert.ok(house.tls.startsWith('https://'));
  const resource = await (await fetch(`${house.plane.agents}/.well-known/oauth-protected-resource`)).json();
  assert.equal((resource as Record<string, unknown>).tls_client_certificate_bound_access_tokens, true);
});

// §2.1, §3.1
test('tls_client_auth: the URI in a certificate of the named authority is the agent; its token is bound to that certificate', async () => {
  const answer = await tokenBy(named, house.over(certificate));
  assert.equal(answer.token_type, 'bearer');
  assert.deepEqual(claimsOf(answer.access_token).cnf, {
    'x5t#S256': hash('sha256', certificate.x509.raw, 'base64url'),
  });
});

test('a task is accepted and a call made through the gateway with nothing but a certificate', async () => {
  const over = house.over(certificate);
  const token = await accept(named, over, await house.openTask({ agent: named }));
  const answered = await ask(over, token, 'GET', `/api/shop/orders/${order}`);
  assert.equal(answered.status, 200, await answered.text());
});

// §2.2
test('self_signed_tls_client_auth: a certificate that the agent made for an enrolled key is enough', async () => {
  const { id, key } = house.refundBot;
  const own = await selfSigned({}, { key: pemOf(key) });
  const over = house.over(own);
  const token = await accept(id, over, await house.openTask());
  assert.deepEqual(claimsOf(token).cnf, { 'x5t#S256': own.thumbprint });
  const answered = await ask(over, token, 'GET', `/api/shop/orders/${order}`);
  assert.equal(answered.status, 200, await answered.text());
});

test('another client library finds its own way to the aliases and to the answer of the shop', async () => {
  const over = house.over(certificate);
  const config = await openid.discovery(
    new URL(house.plane.agents),
    named,
    { use_mtls_endpoint_aliases: true },
    openid.TlsClientAuth(),
    { algorithm: 'oauth2', execute: [openid.allowInsecureRequests] },
  );
  config[openid.customFetch] = over as unknown as openid.CustomFetch;
  const task = await house.openTask({ agent: named });
  const own = await openid.clientCredentialsGrant(config);
  const at = (path: string) => new URL(path, house.tls);
  const accepted = await openid.fetchProtectedResource(
    config,
    own.access_token,
    at(`/v1/agent/tasks/${task}/accept`),
    'POST',
  );
  assert.equal(accepted.status, 200, await accepted.text());
  const held = await openid.clientCredentialsGrant(config, { authorization_details: taskDetails(task) });
  const answered = await openid.fetchProtectedResource(
    config,
    held.access_token,
    at(`/api/shop/orders/${order}`),
    'GET',
  );
  assert.equal(answered.status, 200, await answered.text());
});

// §3: "binding an access token to the certificate" does not depend on how the client authenticates.
test('an agent that authenticates by private_key_jwt gets a bound token where it presents a certificate and no proof', async () => {
  const { id } = house.lookupBot;
  const over = house.over(await selfSigned());
  const client: oauth.Client = { client_id: id, use_mtls_endpoint_aliases: true };
  const raw = await rawAgent(house, house.lookupBot);
  const response = await over(`${house.tls}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: grantType.clientCredentials,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await raw.assertion(),
    }).toString(),
  });
  const answer = await oauth.processClientCredentialsResponse(as, client, response);
  assert.equal(answer.token_type, 'bearer');
  const listed = await ask(over, answer.access_token, 'GET', '/v1/agent/tasks');
  assert.equal(listed.status, 200, await listed.text());
});

test('whoever proves a key works on the TLS listener as on the other one, with a proof for its URL', async () => {
  const { id, key: jwk } = house.lookupBot;
  const over = house.over();
  const client: oauth.Client = { client_id: id, use_mtls_endpoint_aliases: true };
  const key = await crypto.subtle.importKey('jwk', { ...jwk }, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
  const kid = thumbprint(jwk);
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
  const authentication = oauth.PrivateKeyJwt({ key, kid });
  const asked = { DPoP, ...options(over) };
  const response = await oauth.clientCredentialsGrantRequest(as, client, authentication, {}, asked);
  const answer = await oauth.processClientCredentialsResponse(as, client, response);
  assert.equal(answer.token_type, 'dpop');
  const url = new URL('/v1/agent/tasks', house.tls);
  const listed = await oauth.protectedResourceRequest(answer.access_token, 'GET', url, undefined, undefined, asked);
  assert.equal(listed.status, 200, await listed.text());
});

// §3.2
test('introspection tells what the token is bound to, to the agent over that certificate only', async () => {
  const over = house.over(certificate);
  const { access_token: token } = await tokenBy(named, over);
  const client: oauth.Client = { client_id: named, use_mtls_endpoint_aliases: true };
  const introspected = async (how: typeof fetch) => {
    const response = await oauth.introspectionRequest(as, client, oauth.TlsClientAuth(), token, options(how));
    return oauth.processIntrospectionResponse(as, client, response);
  };
  const read = await introspected(over);
  assert.equal(read.active, true);
  assert.equal(read.token_type, 'Bearer');
  assert.deepEqual(read.cnf, { 'x5t#S256': certificate.thumbprint });
  const renewed = await house.corp.sign({ uris: [subject] });
  assert.deepEqual(await introspected(house.over(renewed)), { active: false });
});

test('a token that is given up over TLS is dead', async () => {
  const over = house.over(certificate);
  const { access_token: token } = await tokenBy(named, over);
  const client: oauth.Client = { client_id: named, use_mtls_endpoint_aliases: true };
  const response = await oauth.revocationRequest(as, client, oauth.TlsClientAuth(), token, options(over));
  await oauth.processRevocationResponse(response);
  await assertRefused(ask(over, token, 'GET', '/v1/agent/tasks'));
});

// RFC 8693 §2.1
test('in an exchange the new token is bound to the certificate of the one who takes over', async () => {
  const from = house.over(certificate);
  const subjectToken = await accept(named, from, await house.openTask({ agent: named }));
  const { id, key } = house.lookupBot;
  const own = await selfSigned({}, { key: pemOf(key) });
  const actor = await rawAgent(house, house.lookupBot);
  const client: oauth.Client = { client_id: named, use_mtls_endpoint_aliases: true };
  const parameters = {
    subject_token: subjectToken,
    subject_token_type: tokenType.accessToken,
    actor_token: await actor.assertion({ cnf: { 'x5t#S256': own.thumbprint } }),
    actor_token_type: tokenType.jwt,
    authorization_details: JSON.stringify([only('shop:orders.get', 'path.orderId', order)]),
    ambit_purpose: 'Look up the order.',
  };
  const how = oauth.TlsClientAuth();
  const asking = () =>
    oauth.genericTokenEndpointRequest(as, client, how, grantType.tokenExchange, parameters, options(from));
  const exchanged = await oauth.processGenericTokenEndpointResponse(as, client, await asking());
  assert.deepEqual(claimsOf(exchanged.access_token).cnf, { 'x5t#S256': own.thumbprint });
  const path = `/api/shop/orders/${order}`;
  // It is not the delegating agent's.
  await assertRefused(ask(from, exchanged.access_token, 'GET', path));
  const answered = await ask(house.over(own), exchanged.access_token, 'GET', path);
  assert.equal(answered.status, 200, await answered.text());
  const task = claimsOf(exchanged.access_token).mission as { readonly id: TaskId };
  await tokenBy(id, house.over(own), { authorization_details: taskDetails(task.id) });
});

test('a task belongs to the key of the certificate that accepted it, and that key is seen as an instance', async () => {
  const task = await house.openTask({ agent: named });
  await accept(named, house.over(certificate), task);
  const other = await house.corp.sign({ uris: [subject] });
  const taken = tokenBy(named, house.over(other), { authorization_details: taskDetails(task) });
  assert.equal((await refusalOf(taken)).error, 'invalid_grant');
  const renewed = await house.corp.sign({ uris: [subject] }, { key: certificate.key });
  await tokenBy(named, house.over(renewed), { authorization_details: taskDetails(task) });
  const jwk = certificate.private.export({ format: 'jwk' }) as Parameters<typeof thumbprint>[0];
  const { instances } = await house.alice.operator.agents.show(named);
  assert.ok(instances.map(({ jkt }) => jkt).includes(thumbprint(jwk)));
});

const thumbprint = ({ crv, kty, x, y }: { crv?: string; kty?: string; x?: string; y?: string }): string =>
  hash('sha256', JSON.stringify({ crv, kty, x, y }), 'base64url');

test('a token lives no longer than the certificate that it is bound to', async () => {
  const short = await house.corp.sign({ uris: [subject] }, { notAfter: new Date(Date.now() + 20_000) });
  const { expires_in } = await tokenBy(named, house.over(short));
  assert.ok(expires_in !== undefined && expires_in <= 20, `${expires_in}`);
});

for (const [what, authentication] of [
  ['client_secret_post', oauth.ClientSecretPost('s3cret')],
  ['client_secret_basic', oauth.ClientSecretBasic('s3cret')],
] as const) {
  test(`${what} without any proof is refused as invalid_client, with what to use instead`, async () => {
    const client: oauth.Client = { client_id: named };
    const asking = oauth
      .clientCredentialsGrantRequest(as, client, authentication, {}, insecure)
      .then((response) => oauth.processClientCredentialsResponse(as, client, response));
    const error = await asking.then(
      () => assert.fail('a secret was taken'),
      (thrown: unknown) => thrown,
    );
    const cause = (error as { cause?: { error?: string; error_description?: string } }).cause;
    if (what === 'client_secret_post') {
      assert.equal(cause?.error, 'invalid_client');
      assert.match(String(cause?.error_description), /private_key_jwt.*mutual TLS/);
    } else assert.ok(error instanceof oauth.WWWAuthenticateChallengeError);
  });
}
