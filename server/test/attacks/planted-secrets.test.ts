// Every secret of the house is a marker; then everything that the plane wrote anywhere is searched for them.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from '@ambit/sdk';
import { newKey, type PrivateJwk } from '@ambit/sdk/operator';
import { plane as planeTenant } from '../../src/identity/index.ts';
import { inAProcess, type PlaneProcess } from '../faults/in-a-process.ts';
import { type House, only, openHouse, order } from '../house.ts';
import { exchangeForm, rawAgent, tokenOf } from '../raw-agent.ts';
import { callWith, keyFor, openNotes } from '../template-key-house.ts';
import { whileDown } from './offline.ts';
import { asked, atWork, poll } from './questions.ts';
import { refund } from './witness.ts';

type Heard = { readonly path: string; readonly text: string };

let house: House;
let plane: PlaneProcess;
const heard: Heard[] = [];
const proofs: string[] = [];
/** What agents sent to say who they are: assertions of their own, and actor tokens. */
const sent: { readonly what: string; readonly marker: string }[] = [];
/** An instance's own proof key, whose private half never leaves it. */
let instanceKey: PrivateJwk;
const realFetch = globalThis.fetch;

before(async () => {
  // Everybody in the house speaks through this, and everything they hear is kept.
  globalThis.fetch = async (input, init) => {
    const response = await realFetch(input, init);
    const proof = new Headers(init?.headers).get('dpop');
    if (proof !== null && !isMisusing) proofs.push(proof);
    if (!isMisusing) noteSent(init?.body);
    const path = new URL(input instanceof Request ? input.url : String(input)).pathname;
    if (path !== '/v1/log/export')
      heard.push({ path, text: `${JSON.stringify([...response.headers])}\n${await response.clone().text()}` });
    return response;
  };
  house = await openHouse();
  instanceKey = await newKey('ES256');
  plane = await inAProcess(house);
});
after(async () => {
  globalThis.fetch = realFetch;
  try {
    await house.close();
  } finally {
    await plane.kill();
  }
});

/** Secrets that are put where they do not belong are markers already. */
let isMisusing = false;

function noteSent(body: unknown): void {
  const form =
    typeof body === 'string' && body.startsWith('client_') ? new URLSearchParams(body) : new URLSearchParams();
  for (const [what, name] of [
    ['a client assertion', 'client_assertion'],
    ['an actor token', 'actor_token'],
  ] as const) {
    const marker = form.get(name);
    if (marker !== null) sent.push({ what, marker: marker.slice(-60) });
  }
}

/** What each kind of secret is found by, and where alone it is handed out. */
type Planted = { readonly what: string; readonly marker: string; readonly handedOutAt: RegExp | null };

function planted(): Planted[] {
  const { master } = JSON.parse(readFileSync(house.config.keyFile, 'utf8')) as { master: string };
  const given = (path: RegExp, member: string, what: string): Planted[] =>
    heard
      .filter((one) => path.test(one.path))
      .flatMap(({ text }) => [...text.matchAll(new RegExp(`"${member}":"([^"]{20,})"`, 'g'))])
      .map(([, marker = '']) => ({ what, marker, handedOutAt: path }));
  const people = [house.ada, house.alice, house.bob, house.carol].map((one) => one.key.d);
  const bots = [house.refundBot, house.lookupBot, house.malloryBot].map((one) => one.key.d);
  return [
    { what: 'the key of the shop', marker: house.shopKey, handedOutAt: null },
    { what: 'the master secret', marker: master, handedOutAt: null },
    ...[...people, ...bots].map((marker) => ({ what: 'a private key', marker: String(marker), handedOutAt: null })),
    { what: 'the key of an instance', marker: String(instanceKey.d), handedOutAt: null },
    ...sent.map((one) => ({ ...one, handedOutAt: null })),
    ...proofs.map((marker) => ({ what: 'a proof', marker: marker.slice(-60), handedOutAt: null })),
    ...given(/^\/oauth\/token$/, 'access_token', 'a token').map((one) => ({ ...one, marker: one.marker.slice(-60) })),
    ...given(/^\/v1\/sessions$/, 'token', 'a session'),
    ...given(/^\/v1\/(persons|enrolments)$/, 'code', 'a one-time code'),
    ...given(/^\/v1\/enforcement-points$/, 'secret', 'the secret of a proxy'),
    ...given(/^\/v1\/agents\/agt_\w+\/template-keys$/, 'secret', 'a static key').map((one) => ({
      ...one,
      marker: one.marker.slice(-43),
    })),
  ];
}

const forms = (marker: string): Buffer[] =>
  [
    marker,
    Buffer.from(marker).toString('hex'),
    Buffer.from(marker).toString('base64').slice(0, -4),
    encodeURIComponent(marker),
  ].map((text) => Buffer.from(text));

function requireNone(bytes: Buffer, secrets: readonly Planted[], where: string): void {
  for (const { what, marker } of secrets)
    for (const form of forms(marker)) assert.ok(!bytes.includes(form), `${what} stands in ${where}`);
}

test('a day at the house: calls, questions, delegations, refusals, faults and a crash', async () => {
  await house.ada.operator.points.register({ name: 'proxy', kind: 'auth-request' });
  const { id, key } = house.refundBot;
  const instance = await connect({ url: house.plane.agents, agent: id, key, dpopKey: instanceKey });
  assert.deepEqual(await instance.tasks(), []);
  const staticKey = await keyFor(house, await openNotes(house));
  const elsewhere = await keyFor(house, staticKey.template, { zone: ['203.0.113.0/24'] });
  for (const [{ secret }, status] of [
    [staticKey, 200],
    [elsewhere, 401],
  ] as const)
    assert.equal((await callWith(house.plane.agents, secret, 'GET', `/api/shop/orders/${order}`)).status, status);
  const working = await atWork(house);
  const { agent, token } = working;
  assert.equal((await agent.call(token, 'GET', `/api/shop/orders/${order}`)).status, 200);
  assert.equal((await refund(agent, token, '30.00')).status, 201);
  assert.equal((await refund(agent, token, '180.00')).status, 403);
  const waiting = await asked(house, working);
  await house.bob.operator.approvals.answer(waiting.question, 'yes');
  assert.equal((await poll(waiting)).status, 201);
  const lookup = await rawAgent(house, house.lookupBot);
  const less = [only('shop:shipping.get', 'path.orderId', order)];
  const child = await tokenOf(await agent.tokenRequest(exchangeForm(token, await lookup.actorToken(), less)));
  assert.equal((await lookup.call(child, 'GET', `/api/shop/orders/${order}/shipping`)).status, 200);
  const bare = { authorization: `Bearer ${token}` };
  assert.equal(
    (await fetch(`${house.plane.agents}/api/shop/orders/${order}?key=${house.shopKey.slice(0, 5)}`, { headers: bare }))
      .status,
    401,
  );
  await fetch(`${house.plane.agents}/oauth/token`, { method: 'POST', body: '{"broken' });
  const credential = (await house.ada.operator.credentials.list())[0]!;
  await assert.rejects(
    house.ada.operator.credentials.store({
      name: 'again',
      kind: 'bearer',
      origins: [house.shop.url],
      api: 'shop',
      secret: house.shopKey,
    }),
  );
  await house.ada.operator.credentials.rotate(credential.id, house.shopKey, 60);
  await asked(house, working, '81.00');
  await plane.kill();
  await plane.start();
  await house.shop.close();
  const response = await agent.call(token, 'GET', `/api/shop/orders/${order}`);
  assert.equal(response.status, 502);
});

/** Every place of a request that a careless client may put a secret into, and an error might speak of. */
function misuses(secret: string): readonly [string, RequestInit][] {
  const { agents, people } = house.plane;
  const json = (body: string): RequestInit => ({
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });
  const form = (body: Record<string, string>): RequestInit => ({
    method: 'POST',
    body: new URLSearchParams(body).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  const assertion = { client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' };
  const grant = { grant_type: 'client_credentials' };
  const basic = `Basic ${Buffer.from(`${house.refundBot.id}:${secret}`).toString('base64')}`;
  const token = `${agents}/oauth/token`;
  return [
    [`${agents}/api/shop/orders/${order}?access_token=${encodeURIComponent(secret)}`, {}],
    [`${agents}/api/shop/${encodeURIComponent(secret)}`, {}],
    [`${agents}/${encodeURIComponent(secret)}`, {}],
    [`${people}/v1/agents/${encodeURIComponent(secret)}`, {}],
    [`${people}/v1/log/entries?token=${encodeURIComponent(secret)}`, {}],
    [token, form({ grant_type: secret })],
    [token, form({ ...grant, client_id: secret })],
    [token, form({ ...grant, client_id: house.refundBot.id, client_secret: secret })],
    [token, form({ ...grant, client_assertion_type: secret, client_assertion: 'x' })],
    [token, form({ ...grant, ...assertion, client_assertion: secret })],
    [token, form({ ...grant, [secret.slice(0, 60)]: 'x' })],
    [token, { ...form(grant), headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: basic } }],
    [`${agents}/oauth/introspect`, form({ token: secret, client_id: secret })],
    [`${agents}/oauth/revoke`, form({ token: secret })],
    [`${agents}/v1/agent/tasks`, { headers: { authorization: `Bearer ${secret}`, dpop: secret } }],
    [`${agents}/api/shop/orders/${order}`, { headers: { authorization: `DPoP ${secret}`, dpop: secret } }],
    [`${agents}/access/v1/evaluation`, { ...json('{}'), headers: { authorization: `Bearer ${secret}x` } }],
    [`${people}/v1/me`, { headers: { authorization: `Bearer ${secret}`, dpop: secret } }],
    [`${people}/v1/sessions`, json(JSON.stringify({ assertion: secret }))],
    [`${people}/v1/sessions`, json(JSON.stringify({ [secret]: secret }))],
    [`${people}/v1/sessions`, json(`{"assertion": ${secret}`)],
    [`${people}/v1/enrolments/redeem`, json(JSON.stringify({ code: secret, label: 'x' }))],
  ];
}

test('each secret in each of the wrong places leads to a refusal', async () => {
  const one = (what: string) => planted().find((each) => each.what === what)?.marker ?? assert.fail(what);
  const whole = (path: RegExp, member: string) =>
    heard
      .filter((each) => path.test(each.path))
      .map(({ text }) => new RegExp(`"${member}":"([^"]+)"`).exec(text)?.[1])[0];
  const { agent } = await atWork(house);
  const assertions = [await agent.assertion(), await agent.actorToken()];
  for (const text of assertions) sent.push({ what: 'a client assertion', marker: text.slice(-60) });
  const secrets = [
    whole(/^\/oauth\/token$/, 'access_token'),
    whole(/\/template-keys$/, 'secret'),
    ...['a session', 'a one-time code', 'the secret of a proxy', 'the key of the shop', 'a private key'].map(one),
    ...assertions,
  ];
  isMisusing = true;
  try {
    for (const secret of secrets) {
      assert.ok(secret);
      for (const [url, init] of misuses(secret)) {
        const response = await fetch(url, init);
        // RFC 7662 §2.2 and RFC 7009 §2.2 have answers that say nothing.
        assert.ok(response.status >= 400, `${response.status} ${url.slice(0, 60)}`);
      }
    }
  } finally {
    isMisusing = false;
  }
});

test('there are markers of every kind', () => {
  const kinds = Map.groupBy(planted(), (one) => one.what);
  const all = [
    'the key of the shop',
    'the master secret',
    'a private key',
    'the key of an instance',
    'a client assertion',
    'an actor token',
    'a proof',
    'a token',
    'a session',
    'a one-time code',
    'the secret of a proxy',
    'a static key',
  ];
  for (const what of all) assert.ok((kinds.get(what)?.length ?? 0) > 0, `no marker for ${what}`);
});

test('neither output stream of the plane says a secret', () => {
  requireNone(Buffer.from(plane.written(), 'latin1'), planted(), 'the output of the plane');
});

test('no byte of the data directory, and nothing at the second place, holds one', () => {
  const { dataDirectory, checkpointFile } = house.config;
  const secrets = planted();
  const names = readdirSync(dataDirectory, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  assert.ok(names.length > 0);
  for (const { parentPath, name } of names) requireNone(readFileSync(join(parentPath, name)), secrets, name);
  requireNone(readFileSync(checkpointFile), secrets, 'the second place');
});

test('no answer holds one, but the answer that hands it out', () => {
  const secrets = planted();
  for (const { path, text } of heard) {
    const here = secrets.filter(({ handedOutAt }) => handedOutAt === null || !handedOutAt.test(path));
    requireNone(Buffer.from(text), here, `an answer of ${path}`);
  }
});

test('the exported log with all its details holds none', async () => {
  let text = '';
  for await (const line of await house.carol.operator.log.export({ details: true, rows: true })) text += line;
  requireNone(Buffer.from(text), planted(), 'the exported log');
});

test('what was turned away is recorded without them, sealed as it is', async () => {
  const secrets = planted();
  await plane.stop();
  const texts = await whileDown(house, async ({ database: { log } }) => {
    const all = await log.entries(planeTenant, { limit: 10_000 });
    return all.map((one) => JSON.stringify([one.header, log.open(one)?.detail]));
  });
  assert.ok(texts.some((text) => text.includes('call.refused')));
  for (const text of texts) requireNone(Buffer.from(text), secrets, `the entry ${text}`);
});
