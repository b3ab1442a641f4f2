/** RFC 8693 (Token Exchange): delegating part of a task, with the actor chain in the token, and what is refused. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { grantType, tokenType } from '@ambit/protocol';
import { decodeJwt, SignJWT } from 'jose';
import * as oauth from 'oauth4webapi';
import { type Bot, type House, only, openHouse, order } from '../../house.ts';
import { type IndependentClient, independentClient, insecure, refusalOf, thumbprintOf } from './independent-client.ts';

let house: House;
let refundBot: IndependentClient;
let lookupBot: IndependentClient;
let mallory: IndependentClient;
let held: string;
before(async () => {
  house = await openHouse();
  refundBot = await independentClient(house, house.refundBot);
  lookupBot = await independentClient(house, house.lookupBot);
  mallory = await independentClient(house, house.malloryBot);
  held = await refundBot.accept(await house.openTask());
});
after(() => house.close());

const less = [only('shop:shipping.get', 'path.orderId', order)];
const now = () => Math.floor(Date.now() / 1000);

/** What lookup-bot hands to refund-bot: "I am it, and this is the key I will use". */
async function actorToken(bot: Bot, client: IndependentClient, more: Record<string, unknown> = {}): Promise<string> {
  const cnf = { jkt: await thumbprintOf(client.proofKeys.publicKey) };
  const iat = now();
  const claims = { iss: bot.id, sub: bot.id, aud: house.plane.agents, iat, exp: iat + 60, jti: crypto.randomUUID() };
  return new SignJWT({ ...claims, cnf, ...more })
    .setProtectedHeader({ alg: 'ES256', kid: client.kid })
    .sign(client.key);
}

async function form(more: Record<string, string | undefined> = {}): Promise<Record<string, string>> {
  const whole = {
    subject_token: held,
    subject_token_type: tokenType.accessToken,
    actor_token: await actorToken(house.lookupBot, lookupBot),
    actor_token_type: tokenType.jwt,
    authorization_details: JSON.stringify(less),
    ambit_purpose: 'Look up the shipping state.',
    ...more,
  };
  return Object.fromEntries(Object.entries(whole).filter((one): one is [string, string] => one[1] !== undefined));
}

async function exchange(parameters: Record<string, string>, by: IndependentClient = refundBot) {
  const { as, client, authentication, dpop } = by;
  const options = { DPoP: dpop, ...insecure };
  const response = await oauth.genericTokenEndpointRequest(
    as,
    client,
    authentication,
    grantType.tokenExchange,
    parameters,
    options,
  );
  return oauth.processGenericTokenEndpointResponse(as, client, response);
}

const shipping = `/api/shop/orders/${order}/shipping`;

test('the answer names the kind of token that was issued (§2.2.1)', async () => {
  const answer = await exchange(await form());
  assert.equal(answer.issued_token_type, tokenType.accessToken);
  assert.equal(answer.token_type.toLowerCase(), 'dpop');
  assert.equal(answer.refresh_token, undefined);
  assert.deepEqual(
    (answer.authorization_details as { actions: string[] }[]).flatMap((one) => one.actions),
    ['shop:shipping.get'],
  );
});

test('the token shows who acts for whom: the person, and the agents one inside the other (§4.1)', async () => {
  const { access_token } = await exchange(await form());
  const { sub, act, client_id } = decodeJwt<{ act: { sub: string; act?: { sub: string; act?: unknown } } }>(
    access_token,
  );
  assert.equal(sub, house.alice.id);
  assert.equal(client_id, house.lookupBot.id);
  assert.match(act.sub, new RegExp(`^spiffe://[^/]+/agent/${house.lookupBot.id}$`));
  assert.match(act.act?.sub ?? '', new RegExp(`/agent/${house.refundBot.id}$`));
  assert.equal(act.act?.act, undefined);
});

test('it works with the key of the actor and with no other', async () => {
  const { access_token } = await exchange(await form());
  assert.equal((await lookupBot.request(access_token, 'GET', shipping)).status, 200);
  // The library takes a 401 with a challenge for an error of its own.
  for (const other of [refundBot, mallory]) {
    await assert.rejects(other.request(access_token, 'GET', shipping), { code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE' });
  }
});

test('an agent narrows for itself where it sends no actor token', async () => {
  const { actor_token: _a, actor_token_type: _t, ...own } = await form();
  const { access_token } = await exchange(own);
  assert.equal((await refundBot.request(access_token, 'GET', shipping)).status, 200);
  await assert.rejects(refundBot.request(access_token, 'GET', `/api/shop/orders/${order}`), (error) => {
    // The library reads the challenge of a 403 too (RFC 6750 §3.1).
    assert.ok(error instanceof oauth.WWWAuthenticateChallengeError);
    assert.deepEqual([error.status, error.cause[0]?.parameters.error], [403, 'insufficient_scope']);
    return true;
  });
});

test('the new token lives no longer than what it came from', async () => {
  const { access_token } = await exchange(await form());
  assert.ok((decodeJwt(access_token).exp ?? Infinity) <= (decodeJwt(held).exp ?? 0));
});

const refused: readonly (readonly [string, Record<string, string | undefined>, string])[] = [
  ['no subject token', { subject_token: undefined }, 'invalid_request'],
  ['no type of the subject token', { subject_token_type: undefined }, 'invalid_request'],
  ['a subject token that is none', { subject_token: 'x.y.z' }, 'invalid_request'],
  ['a subject token of another type', { subject_token_type: tokenType.jwt }, 'invalid_request'],
  [
    'a wish for a refresh token',
    { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
    'invalid_request',
  ],
  ['an actor token without its type', { actor_token_type: undefined }, 'invalid_request'],
  ['a type of an actor token without one', { actor_token: undefined }, 'invalid_request'],
  ['an actor token of another type', { actor_token_type: tokenType.accessToken }, 'invalid_request'],
  ['an actor token that is none', { actor_token: 'x.y.z' }, 'invalid_request'],
  ['no authorization details', { authorization_details: undefined }, 'invalid_authorization_details'],
  ['an audience that is not the gateway', { audience: 'https://elsewhere.example' }, 'invalid_target'],
  ['a resource that is not the gateway', { resource: 'https://elsewhere.example' }, 'invalid_target'],
  ['a scope', { scope: 'everything' }, 'invalid_scope'],
  ['no purpose', { ambit_purpose: undefined }, 'invalid_request'],
  [
    'another order than the task is about',
    { authorization_details: JSON.stringify([only('shop:shipping.get', 'path.orderId', '1043')]) },
    'invalid_authorization_details',
  ],
  [
    'an action that the task does not have',
    { authorization_details: JSON.stringify([{ type: 'ambit_grant', actions: ['shop:payroll.list'] }]) },
    'invalid_authorization_details',
  ],
  [
    'the same action without its bounds',
    { authorization_details: JSON.stringify([{ type: 'ambit_grant', actions: ['shop:shipping.get'] }]) },
    'invalid_authorization_details',
  ],
  [
    'a grant that cannot be read',
    { authorization_details: JSON.stringify([{ type: 'ambit_grant', actions: [] }]) },
    'invalid_authorization_details',
  ],
];
for (const [what, change, error] of refused) {
  test(`${what}: ${error}`, async () => {
    const answer = await refusalOf(exchange(await form(change)));
    assert.deepEqual([answer.status, answer.error], [400, error]);
    assert.ok(answer.error_description.length > 20);
  });
}

test('an actor token counts once', async () => {
  const parameters = await form();
  await exchange(parameters);
  const { error } = await refusalOf(exchange(parameters));
  assert.match(error, /^invalid_/);
});

for (const [what, more] of [
  ['names no key', { cnf: undefined }],
  ['is meant for another server', { aud: 'https://elsewhere.example' }],
  ['has expired', { iat: now() - 200, exp: now() - 140 }],
  ['lives for an hour', { exp: now() + 3600 }],
  ['speaks in the name of another agent', { iss: `agt_${'0'.repeat(26)}`, sub: `agt_${'0'.repeat(26)}` }],
] as const) {
  test(`an actor token that ${what} is refused`, async () => {
    const actor_token = await actorToken(house.lookupBot, lookupBot, more);
    const answer = await refusalOf(exchange(await form({ actor_token })));
    assert.deepEqual([answer.status, answer.error], [400, 'invalid_request']);
  });
}

test('an actor token does not log its agent in for whoever holds it', async () => {
  const kept = await actorToken(house.lookupBot, lookupBot);
  const stealing: oauth.ClientAuth = (_as, client, body) => {
    body.set('client_id', client.client_id);
    body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    body.set('client_assertion', kept);
  };
  const client = { client_id: house.lookupBot.id };
  const options = { DPoP: mallory.dpop, ...insecure };
  const response = await oauth.clientCredentialsGrantRequest(mallory.as, client, stealing, {}, options);
  const { error } = await refusalOf(oauth.processClientCredentialsResponse(mallory.as, client, response));
  assert.equal(error, 'invalid_client');
});

type Party = { readonly iss: string; readonly sub: string };
const partyOf = (bot: Bot): Party => ({
  iss: house.plane.agents,
  sub: `spiffe://${house.config.trustDomain}/agent/${bot.id}`,
});

async function heldWith(delegates: readonly Bot['id'][]): Promise<string> {
  const purpose = { type: 'support', text: 'Settle it.' };
  const wish = { agent: house.refundBot.id, purpose, ttlSeconds: 600, authority: less, delegates };
  const { id } = await house.alice.operator.tasks.open(wish);
  return refundBot.accept(id);
}

test('a token says which agents may act, where its task names them: one as an object, several as a list (§4.4)', async () => {
  const mayAct = async (delegates: readonly Bot['id'][]) =>
    decodeJwt<{ may_act?: unknown }>(await heldWith(delegates)).may_act;
  assert.equal(decodeJwt(held).may_act, undefined, 'nobody was named: any agent may');
  assert.deepEqual(await mayAct([house.lookupBot.id]), partyOf(house.lookupBot));
  const two = [house.lookupBot.id, house.malloryBot.id];
  assert.deepEqual(await mayAct(two), [partyOf(house.lookupBot), partyOf(house.malloryBot)]);
  assert.deepEqual(await mayAct([]), []);
});

test('who is named takes over, and its token names the same; who is not is an invalid request (§4.4, §2.2.2)', async () => {
  const subject_token = await heldWith([house.lookupBot.id]);
  const { access_token } = await exchange(await form({ subject_token }));
  assert.deepEqual(decodeJwt(access_token).may_act, partyOf(house.lookupBot));
  const actor_token = await actorToken(house.malloryBot, mallory);
  const { status, error } = await refusalOf(exchange(await form({ subject_token, actor_token })));
  assert.deepEqual([status, error], [400, 'invalid_request']);
  const further = await form({ subject_token: access_token, actor_token: await actorToken(house.malloryBot, mallory) });
  assert.equal((await refusalOf(exchange(further, lookupBot))).error, 'invalid_request', 'nor from whoever is named');
});

test('where nobody may act, the agent still narrows for itself', async () => {
  const subject_token = await heldWith([]);
  assert.equal((await refusalOf(exchange(await form({ subject_token })))).error, 'invalid_request');
  const { actor_token: _a, actor_token_type: _t, ...own } = await form({ subject_token });
  const { access_token } = await exchange(own);
  assert.deepEqual(decodeJwt(access_token).may_act, []);
});

test('an exchange may name fewer who may act after it, and never more', async () => {
  const subject_token = await heldWith([house.lookupBot.id, house.malloryBot.id]);
  const fewer = await exchange(await form({ subject_token, ambit_delegates: house.malloryBot.id }));
  assert.deepEqual(decodeJwt(fewer.access_token).may_act, partyOf(house.malloryBot));
  const nobody = await exchange(await form({ subject_token, ambit_delegates: 'none' }));
  assert.deepEqual(decodeJwt(nobody.access_token).may_act, []);
  const more = await form({ subject_token, ambit_delegates: house.refundBot.id });
  assert.equal((await refusalOf(exchange(more))).error, 'invalid_request');
  const odd = await form({ subject_token, ambit_delegates: 'lookup-bot' });
  assert.equal((await refusalOf(exchange(odd))).error, 'invalid_request');
});

test('introspection says who may act as well (RFC 7662 §2.2)', async () => {
  const { as, client, authentication } = refundBot;
  const token = await heldWith([house.lookupBot.id]);
  const answer = await oauth.processIntrospectionResponse(
    as,
    client,
    await oauth.introspectionRequest(as, client, authentication, token, insecure),
  );
  assert.deepEqual(answer.may_act, partyOf(house.lookupBot));
});

test('nobody exchanges the token of another agent', async () => {
  const { error } = await refusalOf(exchange(await form(), mallory));
  assert.equal(error, 'invalid_request');
});

test('a revoked subject token is an invalid request, and that of an ended task an invalid grant', async () => {
  const task = await house.openTask();
  const subject_token = await refundBot.accept(task);
  const { as, client, authentication } = refundBot;
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(as, client, authentication, subject_token, insecure),
  );
  assert.equal((await refusalOf(exchange(await form({ subject_token })))).error, 'invalid_request');
  const again = await refundBot.token(task);
  await house.alice.operator.tasks.revoke(task, 'Taken back.');
  assert.equal((await refusalOf(exchange(await form({ subject_token: again })))).error, 'invalid_grant');
});

test('a token without a task has nothing to hand on', async () => {
  const { error } = await refusalOf(exchange(await form({ subject_token: await refundBot.token() })));
  assert.equal(error, 'invalid_request');
});

test('a refused exchange is an entry in the run', async () => {
  const task = await house.openTask();
  const subject_token = await refundBot.accept(task);
  await refusalOf(
    exchange(
      await form({ subject_token, authorization_details: '[{"type":"ambit_grant","actions":["shop:payroll.list"]}]' }),
    ),
  );
  const story = JSON.stringify(await house.alice.operator.runs.show(task));
  assert.match(story, /task\.widened|authority\.not_narrower/);
});
