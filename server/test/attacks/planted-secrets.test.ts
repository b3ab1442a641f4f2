// Every secret of the house is a marker; then everything that the plane wrote anywhere is searched for them.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { inAProcess, type PlaneProcess } from '../faults/in-a-process.ts';
import { type House, only, openHouse, order } from '../house.ts';
import { exchangeForm, rawAgent, tokenOf } from '../raw-agent.ts';
import { asked, atWork, poll } from './questions.ts';
import { refund } from './witness.ts';

type Heard = { readonly path: string; readonly text: string };

let house: House;
let plane: PlaneProcess;
const heard: Heard[] = [];
const proofs: string[] = [];
const realFetch = globalThis.fetch;

before(async () => {
  // Everybody in the house speaks through this, and everything they hear is kept.
  globalThis.fetch = async (input, init) => {
    const response = await realFetch(input, init);
    const proof = new Headers(init?.headers).get('dpop');
    if (proof !== null) proofs.push(proof);
    const path = new URL(input instanceof Request ? input.url : String(input)).pathname;
    if (path !== '/v1/log/export')
      heard.push({ path, text: `${JSON.stringify([...response.headers])}\n${await response.clone().text()}` });
    return response;
  };
  house = await openHouse();
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
    ...proofs.map((marker) => ({ what: 'a proof', marker: marker.slice(-60), handedOutAt: null })),
    ...given(/^\/oauth\/token$/, 'access_token', 'a token').map((one) => ({ ...one, marker: one.marker.slice(-60) })),
    ...given(/^\/v1\/sessions$/, 'token', 'a session'),
    ...given(/^\/v1\/(persons|enrolments)$/, 'code', 'a one-time code'),
    ...given(/^\/v1\/enforcement-points$/, 'secret', 'the secret of a proxy'),
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

test('there are markers of every kind', () => {
  const kinds = Map.groupBy(planted(), (one) => one.what);
  const all = [
    'the key of the shop',
    'the master secret',
    'a private key',
    'a proof',
    'a token',
    'a session',
    'a one-time code',
    'the secret of a proxy',
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
