/** draft-ietf-oauth-status-list: what a verifier that knows only the draft reads of our tokens and lists. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inflateSync } from 'node:zlib';
import type { Authority, TaskId } from '@ambit/protocol';
import { connectOperator, enrol, newKey } from '@ambit/sdk/operator';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { type House, only, openHouse, order, registerBot, shopDescription, wholeShop } from '../../house.ts';
import { exchangeForm, type RawAgent, rawAgent, tokenOf } from '../../raw-agent.ts';

/** How soon an ending is heard, in seconds: the smallest there is. */
const statusSeconds = 2;

let house: House;
let agent: RawAgent;
before(async () => {
  house = await openHouse({ env: { AMBIT_STATUS_SECONDS: `${statusSeconds}` } });
  agent = await rawAgent(house, house.refundBot);
});
after(() => house.close());

type Place = { readonly idx: number; readonly uri: string };

function placeOf(token: string): Place {
  const { status } = decodeJwt<{ readonly status: { readonly status_list: Place } }>(token);
  return status.status_list;
}

/** §8.3, step by step, with a library that knows nothing of us. */
async function statusOf(token: string): Promise<number> {
  const { idx, uri } = placeOf(token);
  const { bytes, bits } = await listAt(uri);
  const perByte = 8 / bits;
  const byte = bytes[Math.floor(idx / perByte)];
  assert.ok(byte !== undefined, `index ${idx} is outside the list`);
  return (byte >> ((idx % perByte) * bits)) & (2 ** bits - 1);
}

async function listAt(uri: string) {
  const response = await fetch(uri, { headers: { accept: 'application/statuslist+jwt' } });
  assert.equal(response.status, 200, await response.clone().text());
  assert.equal(response.headers.get('content-type'), 'application/statuslist+jwt');
  const keys = createRemoteJWKSet(new URL(`${house.plane.agents}/.well-known/jwks.json`));
  const { payload, protectedHeader } = await jwtVerify(await response.text(), keys, {
    typ: 'statuslist+jwt',
    algorithms: ['ES256'],
    subject: uri,
    requiredClaims: ['iat', 'exp', 'ttl', 'status_list'],
  });
  const { bits, lst } = payload.status_list as { readonly bits: 1 | 2 | 4 | 8; readonly lst: string };
  assert.ok([1, 2, 4, 8].includes(bits));
  return { payload, protectedHeader, bits, bytes: inflateSync(Buffer.from(lst, 'base64url')), response };
}

/** Waits as long as was promised, and no longer. */
const heard = () => sleep(statusSeconds * 1000);

test('every kind of token says where its status is published, and stands there as valid', async () => {
  const alone = await agent.agentToken();
  const forTask = await agent.accept(await house.openTask());
  for (const token of [alone, forTask]) {
    const { idx, uri } = placeOf(token);
    assert.ok(Number.isInteger(idx) && idx >= 0);
    assert.ok(uri.startsWith(house.plane.agents), uri);
    assert.equal(await statusOf(token), 0);
  }
});

test('a list is a signed token of its own type: for itself, dated, with an end and a time to live', async () => {
  const { uri } = placeOf(await agent.agentToken());
  const { payload, protectedHeader, response } = await listAt(uri);
  assert.equal(protectedHeader.typ, 'statuslist+jwt');
  assert.equal(payload.sub, uri);
  assert.equal(payload.iss, house.plane.agents);
  assert.equal(payload.ttl, statusSeconds - 1);
  assert.ok((payload.exp ?? 0) > (payload.iat ?? 0) + statusSeconds);
  // A cache on the way keeps it no longer than the verifier may.
  const maxAge = /^public, max-age=(\d+)$/.exec(response.headers.get('cache-control') ?? '')?.[1];
  assert.ok(Number(maxAge) <= Number(payload.ttl), `${maxAge}`);
});

test('an access token is not taken for a list, nor a list for an access token', async () => {
  const token = await agent.agentToken();
  const text = await (await fetch(placeOf(token).uri)).text();
  const response = await agent.api(text, 'GET', '/v1/agent/tasks');
  assert.equal(response.status, 401);
  assert.match(response.headers.get('www-authenticate') ?? '', /error="invalid_token"/);
});

test('a list has its full length before there are tokens to speak of, and tells apart nothing but the ended', async () => {
  const { bytes } = await listAt(placeOf(await agent.agentToken()).uri);
  assert.equal(bytes.length, 131_072);
  assert.equal(bytes.filter((byte) => byte !== 0).length, 0);
});

test('a token that was revoked is invalid in time, and the others of the agent are not', async () => {
  const task = await house.openTask();
  const [revoked, other] = [await agent.accept(task), await agent.taskToken(task)];
  await statusOf(revoked);
  await house.ada.operator.tasks.revokeToken(decodeJwt(revoked).jti as never, 'Seen elsewhere.');
  await heard();
  assert.deepEqual([await statusOf(revoked), await statusOf(other)], [1, 0]);
});

test('a token for an API that verifies it itself is invalid in time where less is given now; other tokens stand', async () => {
  const { ada, alice } = house;
  const read: Authority = [{ type: 'ambit_grant', actions: ['shop:orders.get', 'shop:shipping.get'] }];
  const api = {
    name: 'ledger',
    zone: 'default',
    environment: 'test',
    server: 'https://ledger.example',
    takesTokens: true,
  };
  const text = shopDescription();
  await ada.operator.catalog.import({ ...api, text });
  const { revision } = await ada.operator.catalog.show('ledger');
  await ada.operator.catalog.confirm('ledger', { revision });
  const there: Authority = [{ type: 'ambit_grant', actions: ['ledger:orders.get', 'ledger:shipping.get'] }];
  await ada.operator.persons.setDelegable(alice.id, [...wholeShop, ...there]);
  const bot = await registerBot(alice, 'ledger-bot', [...wholeShop, ...there]);
  const worker = await rawAgent(house, bot);
  const tokenAt = async (task: TaskId) =>
    tokenOf(
      await worker.tokenRequest({
        grant_type: 'client_credentials',
        authorization_details: JSON.stringify([{ type: 'ambit_task', identifier: task }]),
        resource: api.server,
      }),
    );
  const limits = { liveTasksMax: 2, taskSecondsMax: 600, expiresAt: Date.now() + 600_000 };
  const grant = await alice.operator.standingGrants.sign({ agent: bot.id, authority: there, ...limits });
  const own = await worker.api(await worker.agentToken(), 'POST', '/v1/agent/tasks', {
    purpose: { type: 'support', text: 'Look after the ledger.' },
    authority: there,
    ttlSeconds: 600,
  });
  const ownTask = ((await own.json()) as { readonly id: TaskId }).id;
  await worker.accept(ownTask);
  const task = await house.openTask({ agent: bot.id, authority: [...read, ...there] });
  const narrowed = await house.openTask({ agent: bot.id, authority: there });
  const atGateway = await worker.accept(task);
  await worker.accept(narrowed);
  const [byGrant, byPerson, byTask] = [await tokenAt(ownTask), await tokenAt(task), await tokenAt(narrowed)];
  for (const token of [byGrant, byPerson, byTask, atGateway]) assert.equal(await statusOf(token), 0);
  const less: Authority = [{ type: 'ambit_grant', actions: ['ledger:orders.get'] }];
  await alice.operator.standingGrants.revoke(grant.id);
  await alice.operator.tasks.narrow(narrowed, less, 'Orders are enough.');
  await heard();
  assert.deepEqual([await statusOf(byGrant), await statusOf(byPerson), await statusOf(byTask)], [1, 0, 1]);
  await ada.operator.persons.setDelegable(alice.id, [...wholeShop, ...less]);
  await heard();
  assert.deepEqual([await statusOf(byPerson), await statusOf(atGateway)], [1, 0]);
  const again = await tokenAt(task);
  assert.equal(await statusOf(again), 0, 'a new one says what is given now');
  await ada.operator.persons.setDelegable(alice.id, wholeShop);
});

test('the end of a task ends the tokens of all that was delegated from it', async () => {
  const task = await house.openTask();
  const parent = await agent.accept(task);
  const helper = await rawAgent(house, house.lookupBot);
  const authority = [only('shop:orders.get', 'path.orderId', order)];
  const child = await tokenOf(await agent.tokenRequest(exchangeForm(parent, await helper.actorToken(), authority)));
  assert.deepEqual([await statusOf(parent), await statusOf(child)], [0, 0]);
  await house.alice.operator.tasks.revoke(task, 'Taken back.');
  await heard();
  assert.deepEqual([await statusOf(parent), await statusOf(child)], [1, 1]);
});

test('a suspended agent’s tokens are invalid, with a task and without', async () => {
  const bot = await registerBot(house.alice, 'suspended-bot');
  const raw = await rawAgent(house, bot);
  const alone = await raw.agentToken();
  const forTask = await raw.accept(await house.openTask({ agent: bot.id }));
  await house.alice.operator.agents.suspend(bot.id, 'Acts oddly.');
  await heard();
  assert.deepEqual([await statusOf(alone), await statusOf(forTask)], [1, 1]);
});

test('tokens of an agent whose owner was disabled are invalid, and of tasks whose requester was', async () => {
  const { id, enrolment } = await house.ada.operator.persons.register({
    name: 'Dave',
    roles: ['owner'],
    delegable: wholeShop,
  });
  const key = await newKey();
  await enrol({ url: house.plane.people, code: enrolment.code, key });
  const dave = { id, key, operator: await connectOperator({ url: house.plane.people, person: id, key }) };
  const bot = await rawAgent(house, await registerBot(dave, 'daves-bot'));
  const owned = await bot.agentToken();
  const purpose = { type: 'support', text: 'Settle the damaged order 1042.' };
  const wish = { agent: house.refundBot.id, purpose, ttlSeconds: 600, authority: wholeShop };
  const requested = await agent.accept((await dave.operator.tasks.open(wish)).id);
  assert.deepEqual([await statusOf(owned), await statusOf(requested)], [0, 0]);
  await house.ada.operator.persons.disable(id, 'Left.');
  await heard();
  assert.deepEqual([await statusOf(owned), await statusOf(requested)], [1, 1]);
});

test('there is no list of another tenant’s name, of the future, or of tokens that are long gone', async () => {
  const { uri } = placeOf(await agent.agentToken());
  const list = Number(uri.split('/').at(-1));
  const at = (name: string) => `${uri.slice(0, uri.lastIndexOf('/'))}/${name}`;
  for (const missing of [at(`${list + 1}`), at(`${list - 60}`), at('..%2f..'), uri.replace(/ten_\w+/, 'nobody')])
    assert.equal((await fetch(missing)).status, 404, missing);
});
