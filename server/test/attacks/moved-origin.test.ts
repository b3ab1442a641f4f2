// A description, a redirect or a new address points the shop's key at another host, or at the plane itself.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type House, openHouse, order } from '../house.ts';
import { atWork, type Working } from './questions.ts';
import { answer, type Heard, handmadeUpstream, refused, stepsOf, type Upstream } from './witness.ts';

let house: House;
let shop: Upstream;
let evil: Upstream;
let working: Working;
let behave = ({ socket }: Heard) => answer(socket, 200, { id: order });

before(async () => {
  shop = await handmadeUpstream((request) => behave(request));
  evil = await handmadeUpstream(({ socket }) => answer(socket, 200, { thanks: true }));
  house = await openHouse({ upstream: shop.url, env: { AMBIT_OUTBOUND_PRIVATE_ALLOWED: `${shop.url},${evil.url}` } });
  working = await atWork(house);
});
after(async () => {
  await house.close();
  await shop.close();
  await evil.close();
});

type Description = { servers: unknown; paths: Record<string, Record<string, Record<string, unknown>>> };
const description = (change: (one: Description) => void): string => {
  const one = JSON.parse(
    readFileSync(new URL('../../../examples/shop/openapi.json', import.meta.url), 'utf8'),
  ) as Description;
  change(one);
  return JSON.stringify(one);
};
const read = () => working.agent.call(working.token, 'GET', `/api/shop/orders/${order}`);

test('a re-import whose servers are elsewhere moves nothing: the key goes where it went before', async () => {
  const text = description((one) => {
    one.servers = [{ url: evil.url }];
  });
  const report = await house.ada.operator.catalog.import({ name: 'shop', text });
  assert.deepEqual(report.moved?.to, [evil.url]);
  assert.equal(report.api.origin, shop.url);
  assert.equal((await read()).status, 200);
  assert.match(shop.heard.at(-1)?.headers.get('authorization') ?? '', /^Bearer /);
  const server = evil.url;
  await assert.rejects(house.ada.operator.catalog.import({ name: 'shop', text, server }), {
    code: 'catalog.origin_invalid',
  });
  assert.equal(evil.heard.length, 0);
});

test('an operation with a server of its own waits for a person, and is sent to neither', async () => {
  const text = description((one) => {
    one.paths['/orders/{orderId}']!.get!.servers = [{ url: evil.url }];
  });
  const before = shop.heard.length;
  const report = await house.ada.operator.catalog.import({ name: 'shop', text });
  assert.deepEqual(
    report.review.held.map((one) => one.action),
    ['shop:orders.get'],
  );
  await refused(await read(), 'catalog.held');
  assert.equal(shop.heard.length, before);
  await house.ada.operator.catalog.import({ name: 'shop', text: description(() => undefined) });
  const { revision } = await house.ada.operator.catalog.show('shop');
  await house.ada.operator.catalog.confirm('shop', { revision });
  assert.equal((await read()).status, 200);
  assert.equal(evil.heard.length, 0);
});

for (const status of [301, 302, 303, 307, 308]) {
  test(`a redirect (${status}) is neither followed nor passed on`, async () => {
    behave = ({ socket }) =>
      answer(socket, status, { go: 'there' }, [`location: ${evil.url}/orders/${order}`, `refresh: 0;url=${evil.url}`]);
    const response = await read();
    assert.equal(response.headers.get('location'), null);
    await refused(response, 'gateway.answer_withheld');
    behave = ({ socket }) => answer(socket, 200, { id: order });
    assert.equal(evil.heard.length, 0);
  });
}

test('a person who moves the API takes no credential along: the new server hears no key', async () => {
  const { revision } = await house.ada.operator.catalog.show('shop');
  await house.ada.operator.catalog.move('shop', { server: evil.url, revision });
  const response = await read();
  assert.equal(response.status, 200);
  assert.equal(evil.heard.length, 1);
  assert.equal(evil.heard[0]?.headers.get('authorization'), undefined);
  assert.doesNotMatch(JSON.stringify([...evil.heard[0]!.headers]), new RegExp(house.shopKey));
  const step = (await stepsOf(house, working.task)).findLast((one) => one.action === 'shop:orders.get');
  assert.equal(step?.credential, null);
});

test('the plane itself is never an upstream, by whichever of its names', async () => {
  for (const server of [house.plane.agents, house.plane.people, house.plane.people.replace('127.0.0.1', 'localhost')]) {
    const { revision } = await house.ada.operator.catalog.show('shop');
    await house.ada.operator.catalog.move('shop', { server, revision });
    const told = await refused(await read(), 'gateway.upstream_unreachable');
    assert.match(told.detail, /could not be reached|[Nn]othing was sent/);
    const step = (await stepsOf(house, working.task)).findLast((one) => one.action === 'shop:orders.get');
    assert.deepEqual([step?.decided, step?.outcome?.code], ['permit', 'failed']);
  }
});

test('a credential that names another origin is not lent to this one', async () => {
  const { revision } = await house.ada.operator.catalog.show('shop');
  await house.ada.operator.catalog.move('shop', { server: evil.url, revision });
  await house.ada.operator.credentials.store({
    name: 'elsewhere',
    kind: 'bearer',
    origins: ['https://api.example.com', evil.url.replace('http:', 'https:')],
    api: 'shop',
    secret: 'a-key-for-somewhere-else',
  });
  assert.equal((await read()).status, 200);
  assert.equal(evil.heard.at(-1)?.headers.get('authorization'), undefined);
});
