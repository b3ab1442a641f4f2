/** RFC 6749 (OAuth 2.0): client_credentials and the error answers of the token endpoint. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { type House, openHouse } from '../../house.ts';
import { type RawAgent, rawAgent } from '../../raw-agent.ts';
import {
  type ErrorAnswer,
  type IndependentClient,
  independentClient,
  insecure,
  refusalOf,
  taskDetails,
} from './independent-client.ts';

let house: House;
let agent: IndependentClient;
let raw: RawAgent;
before(async () => {
  house = await openHouse();
  agent = await independentClient(house, house.refundBot);
  raw = await rawAgent(house, house.refundBot);
});
after(() => house.close());

function grant(type: string, parameters: Record<string, string>, authentication = agent.authentication) {
  const { as, client, dpop } = agent;
  return oauth
    .genericTokenEndpointRequest(as, client, authentication, type, parameters, { DPoP: dpop, ...insecure })
    .then((response) => oauth.processGenericTokenEndpointResponse(as, client, response));
}

test('client_credentials answers a token of type DPoP with its life, and no refresh token', async () => {
  const answer = await grant('client_credentials', {});
  assert.equal(answer.token_type.toLowerCase(), 'dpop');
  assert.ok(answer.expires_in && answer.expires_in > 0 && answer.expires_in <= 300);
  assert.equal(answer.refresh_token, undefined);
});

test('a task is accepted and a call made through the gateway by a client that knows only the standards', async () => {
  const token = await agent.accept(await house.openTask());
  const response = await agent.request(token, 'GET', '/api/shop/orders/1042');
  assert.equal(response.status, 200, await response.text());
});

test('another client library finds its own way from the issuer to the answer of the shop', async () => {
  const task = await house.openTask({ agent: house.lookupBot.id });
  const bot = await independentClient(house, house.lookupBot);
  const config = await openid.discovery(
    new URL(house.plane.agents),
    house.lookupBot.id,
    undefined,
    openid.PrivateKeyJwt({ key: bot.key, kid: bot.kid }),
    { algorithm: 'oauth2', execute: [openid.allowInsecureRequests] },
  );
  const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'));
  const own = await openid.clientCredentialsGrant(config, {}, { DPoP });
  const accept = new URL(`/v1/agent/tasks/${task}/accept`, house.plane.agents);
  const fetching = (token: string, url: URL, method: string) =>
    openid.fetchProtectedResource(config, token, url, method, undefined, undefined, { DPoP });
  assert.equal((await fetching(own.access_token, accept, 'POST')).status, 200);
  const held = await openid.clientCredentialsGrant(config, { authorization_details: taskDetails(task) }, { DPoP });
  const order = new URL('/api/shop/orders/1042', house.plane.agents);
  const answer = await fetching(held.access_token, order, 'GET');
  assert.equal(answer.status, 200, await answer.text());
});

// §5.1
test('no cache on the way keeps an answer of the token endpoint, whether it is a token or a refusal', async () => {
  for (const type of ['client_credentials', 'password']) {
    const response = await raw.tokenRequest({ grant_type: type });
    assert.match(response.headers.get('cache-control') ?? '', /no-store/);
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  }
});

// §5.2
const refused: readonly (readonly [string, () => Promise<ErrorAnswer>, number, string])[] = [
  ['a grant type that is not offered', () => refusalOf(grant('authorization_code', {})), 400, 'unsupported_grant_type'],
  ['the password of a person', () => refusalOf(grant('password', {})), 400, 'unsupported_grant_type'],
  [
    'a scope, since there are none here',
    () => refusalOf(grant('client_credentials', { scope: 'shop' })),
    400,
    'invalid_scope',
  ],
  [
    'a resource that no token is issued for',
    () => refusalOf(grant('client_credentials', { resource: 'https://elsewhere.example' })),
    400,
    'invalid_target',
  ],
  [
    'authorization details of an unknown type',
    () => refusalOf(grant('client_credentials', { authorization_details: '[{"type":"payment"}]' })),
    400,
    'invalid_authorization_details',
  ],
  [
    'authorization details that are no JSON',
    () => refusalOf(grant('client_credentials', { authorization_details: '[{' })),
    400,
    'invalid_authorization_details',
  ],
  [
    'a task that is not there',
    () => refusalOf(grant('client_credentials', { authorization_details: taskDetails(`tsk_${'0'.repeat(26)}`) })),
    400,
    'invalid_grant',
  ],
  ['no client authentication', () => refusalOf(grant('client_credentials', {}, oauth.None())), 401, 'invalid_client'],
];
for (const [what, ask, status, error] of refused) {
  test(`${what}: ${error}`, async () => {
    const answer = await ask();
    assert.deepEqual([answer.status, answer.error], [status, error]);
    assert.ok(answer.error_description.length > 20, 'a refusal says what to do');
  });
}

test('a task that was not accepted yet has no token', async () => {
  const details = taskDetails(await house.openTask());
  const { error, error_description } = await refusalOf(grant('client_credentials', { authorization_details: details }));
  assert.equal(error, 'invalid_grant');
  assert.match(error_description, /accept the task first/i);
});

test('a task of another agent looks like one that is not there', async () => {
  const details = taskDetails(await house.openTask({ agent: house.lookupBot.id }));
  const there = await refusalOf(grant('client_credentials', { authorization_details: details }));
  const absent = { authorization_details: taskDetails(`tsk_${'0'.repeat(26)}`) };
  assert.deepEqual(there, await refusalOf(grant('client_credentials', absent)));
});

for (const [method, authentication] of [
  ['client_secret_post', oauth.ClientSecretPost('s3cret')],
  ['client_secret_basic', oauth.ClientSecretBasic('s3cret')],
] as const) {
  test(`${method} is refused, and the answer says what to use instead`, async () => {
    const response = await oauth.clientCredentialsGrantRequest(
      agent.as,
      agent.client,
      authentication,
      {},
      {
        DPoP: agent.dpop,
        ...insecure,
      },
    );
    assert.equal(response.status, 401);
    const { error, error_description } = (await response.json()) as ErrorAnswer;
    assert.equal(error, 'invalid_client');
    assert.match(error_description, /private_key_jwt|key/);
    // §5.2: who tried the Authorization header is answered by a challenge of that scheme.
    assert.equal(
      response.headers.get('www-authenticate')?.split(' ')[0],
      method.endsWith('basic') ? 'Basic' : undefined,
    );
  });
}

// §3.2
test('a parameter that comes twice is an invalid request', async () => {
  const url = `${house.plane.agents}/oauth/token`;
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    dpop: await raw.proof('POST', url),
  };
  const body = 'grant_type=client_credentials&grant_type=client_credentials';
  const response = await fetch(url, { method: 'POST', headers, body });
  assert.equal(response.status, 400);
  assert.equal(((await response.json()) as ErrorAnswer).error, 'invalid_request');
});

test('a request that names no grant type is invalid, not a grant type of its own', async () => {
  for (const form of [{}, { grant_type: '' }]) {
    const response = await raw.tokenRequest(form);
    assert.equal(response.status, 400);
    assert.equal(((await response.json()) as ErrorAnswer).error, 'invalid_request');
  }
});

test('a parameter that is not known is passed over, and one without a value is as if it had not come', async () => {
  const answer = await grant('client_credentials', { colour: 'green', scope: '' });
  assert.ok(answer.access_token);
});

test('parameters that come as JSON, or in the query, are no token request', async () => {
  const url = `${house.plane.agents}/oauth/token`;
  const asJson = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"grant_type":"client_credentials"}',
  });
  assert.equal(asJson.status, 400);
  const inQuery = await fetch(`${url}?grant_type=client_credentials`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: '',
  });
  assert.equal(((await inQuery.json()) as ErrorAnswer).error, 'invalid_request');
  assert.equal((await fetch(`${url}?grant_type=client_credentials`)).status, 404);
});
