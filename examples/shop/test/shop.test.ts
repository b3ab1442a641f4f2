import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startShop } from '../src/index.ts';
import { seed } from '../src/seed.ts';
import { apiKey, openShop } from './open-shop.ts';

test('the seed is the same every time, and its ids refer to each other', () => {
  const first = seed();
  assert.deepEqual(seed(), first);
  assert.equal(first.orders.length, 120);
  assert.equal(first.customers.length, 60);
  assert.equal(first.shipments.length, 120);
  assert.equal(first.refunds.length, 11);
  const customers = new Set(first.customers.map(({ id }) => id));
  assert.equal(customers.size, 60);
  for (const { customer } of first.orders) assert.ok(customers.has(customer));
});

test('without the shop key nothing is answered, not even whether a path exists', async (t) => {
  const { send } = await openShop(t);
  for (const authorization of ['', 'Bearer', 'Bearer nope', `Basic ${apiKey}`, `DPoP ${apiKey}`, `Bearer ${apiKey}x`]) {
    for (const path of ['/orders', '/orders/1042', '/payroll', '/nowhere']) {
      const answer = await send('GET', path, undefined, { authorization });
      assert.equal(answer.status, 401, `${path} with "${authorization}"`);
      assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="shop"');
    }
  }
});

test('what is not described is not there', async (t) => {
  const { send } = await openShop(t);
  for (const [method, path] of [
    ['GET', '/ledger'],
    ['GET', '/requests'],
    ['PUT', '/orders/1042'],
    ['HEAD', '/orders'],
    ['GET', '/Orders'],
    ['GET', '/payroll/emp_014/'],
    ['GET', '//orders'],
    ['GET', '/orders;a=1'],
  ] as const) {
    assert.equal((await send(method, path)).status, 404, `${method} ${path}`);
  }
});

test('orders are listed by state and customer', async (t) => {
  const { send } = await openShop(t);
  const placed = (await send('GET', '/orders?status=placed&limit=100')).body.orders;
  assert.ok(placed.length > 0);
  assert.ok(placed.every(({ status }: { status: string }) => status === 'placed'));
  const danas = (await send('GET', '/orders?customer=cus_0217')).body.orders;
  assert.ok(danas.some(({ id }: { id: string }) => id === '1042'));
  assert.deepEqual((await send('GET', '/orders?after=1119')).body.next, null);
});

test('a note can be added and removed', async (t) => {
  const { send } = await openShop(t);
  const note = (await send('POST', '/orders/1042/notes', { text: 'Photos arrived.' })).body;
  assert.deepEqual((await send('GET', '/orders/1042')).body.internalNotes, [note]);
  assert.equal((await send('DELETE', `/orders/1043/notes/${note.id}`)).status, 404);
  assert.equal((await send('DELETE', `/orders/1042/notes/${note.id}`)).status, 204);
  assert.deepEqual((await send('GET', '/orders/1042')).body.internalNotes, []);
  assert.equal((await send('DELETE', `/orders/1042/notes/${note.id}`)).status, 404);
});

test('a minted key opens the shop', async (t) => {
  const { send } = await openShop(t);
  const { key } = (await send('POST', '/api-keys', { name: 'scanner' })).body;
  assert.equal((await send('GET', '/payroll', undefined, { authorization: `Bearer ${key}` })).status, 200);
});

test('the query language reaches every collection, whatever the path says', async (t) => {
  const { send } = await openShop(t);
  const search = async (query: string) => (await send('POST', '/search', { query })).body;
  const big = await search('from orders where total > 300 and customer = "cus_0217" and damaged = true limit 100');
  assert.ok(big.results.some(({ id }: { id: string }) => id === '1042'));
  assert.ok(big.results.every(({ total }: { total: string }) => Number(total) > 300));
  assert.equal((await search('from payroll limit 3')).results.length, 3);
  assert.deepEqual((await search('from products where name contains "oak DINING"')).results.length, 1);
  assert.deepEqual((await search('from customers where constructor = "x"')).results, []);
});

test('a query that cannot be understood says what was expected', async (t) => {
  const { send } = await openShop(t);
  for (const [query, says] of [
    ['delete orders', /start with "from"/],
    ['from constructor', /one of orders, customers/],
    ['from orders where total', /a condition is/],
    ['from orders where total like 3', /a condition is/],
    ['from orders limit 0', /from 1 to 100/],
    ['from orders sideways', /"sideways" was not expected/],
  ] as const) {
    const { status, body } = await send('POST', '/search', { query });
    assert.equal(status, 422, query);
    assert.match(body.detail, says);
  }
});

test('every request is seen as it was sent, refused ones and malformed ones too, and no key is kept', async (t) => {
  const { shop, send } = await openShop(t);
  await send('GET', '/orders/%2e%2e%2Fpayroll?a=1&a=2', undefined, { 'ambit-agent': 'refund-bot' });
  await send('GET', '/nowhere', undefined, { authorization: 'DPoP stolen-token' });
  await raw(shop.url, 'GET /orders/../payroll HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n');
  await raw(shop.url, 'this is not HTTP\r\n\r\n');
  const seen = shop.requests();
  assert.deepEqual(
    seen.map(({ number, method, url, authorizationScheme }) => [number, method, url, authorizationScheme]),
    [
      [1, 'GET', '/orders/%2e%2e%2Fpayroll?a=1&a=2', 'Bearer'],
      [2, 'GET', '/nowhere', 'DPoP'],
      [3, 'GET', '/orders/../payroll', null],
      [4, '?', '', null],
    ],
  );
  assert.equal(seen[0]!.headers['ambit-agent'], 'refund-bot');
  assert.ok(seen[0]!.headerNames.includes('authorization'));
  assert.ok(!JSON.stringify(seen).includes(apiKey));
  assert.ok(!JSON.stringify(seen).includes('stolen-token'));
});

test('the list of requests keeps the newest', async (t) => {
  const { shop, send } = await openShop(t, { requestsMax: 3 });
  for (const id of [1001, 1002, 1003, 1004]) await send('GET', `/orders/${id}`);
  assert.deepEqual(
    shop.requests().map(({ number, url }) => [number, url]),
    [
      [2, '/orders/1002'],
      [3, '/orders/1003'],
      [4, '/orders/1004'],
    ],
  );
});

test('the admin listener shows ledger and requests, and asking it is no request to the shop', async (t) => {
  const { shop, send } = await openShop(t);
  await send('POST', '/orders/1042/refunds', { amount: '30.00', currency: 'USD' });
  const ask = async (path: string) => (await fetch(`${shop.adminUrl}${path}`)).json();
  assert.deepEqual(await ask('/ledger'), { ledger: shop.ledger() });
  assert.deepEqual(await ask('/requests'), { requests: shop.requests() });
  assert.equal(shop.requests().length, 1);
  assert.notEqual(new URL(shop.adminUrl).port, new URL(shop.url).port);
});

test('a key that cannot travel as a bearer token is refused at the start', async () => {
  for (const apiKey of ['', 'short', 'with a space in the middle', 'line\nbreak-0123456789']) {
    await assert.rejects(startShop({ apiKey }), /16 to 200/);
  }
});

function raw(url: string, bytes: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const { hostname, port } = new URL(url);
  let answer = '';
  const socket = connect(Number(port), hostname, () => socket.end(bytes));
  socket.setEncoding('utf8').on('data', (part) => {
    answer += part;
  });
  socket.on('end', () => resolve(answer)).on('error', reject);
  return promise;
}
