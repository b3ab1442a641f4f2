// Mallory cannot reach the inside, so the plane shall: it is asked to fetch, import and call addresses that only it can see.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { createOutbound } from '../../src/foundation/outbound/index.ts';
import { type House, openHouse, order } from '../house.ts';
import { atWork } from './questions.ts';
import { refused, stepsOf } from './witness.ts';

let house: House;
let inside: Server;
let port: number;
let connections = 0;
let redirecting: Server;

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

before(async () => {
  inside = createServer((_request, response) => response.end('{"openapi":"3.1.0","the":"inside"}'));
  inside.on('connection', () => connections++);
  port = await listening(inside);
  redirecting = createServer((_request, response) =>
    response.writeHead(302, { location: `http://127.0.0.1:${port}/secrets` }).end(),
  );
  const other = await listening(redirecting);
  house = await openHouse();
  await house.restart({ AMBIT_OUTBOUND_PRIVATE_ALLOWED: `${house.shop.url},http://127.0.0.1:${other}` });
});
after(async () => {
  await house.close();
  inside.close();
  redirecting.close();
});

const fetched = (url: string) =>
  house.ada.operator.catalog.import({ name: 'inner', url, server: 'https://api.example.com' });

test('an import by address reaches nothing inside, however the address is spelt', async () => {
  const hosts = [
    '127.0.0.1',
    'localhost',
    '127.1',
    '2130706433',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '0.0.0.0',
    '[::]',
    '127.0.0.1.',
  ];
  for (const host of hosts)
    await assert.rejects(fetched(`http://${host}:${port}/openapi.json`), { code: 'outbound.refused' }, host);
  assert.equal(connections, 0);
});

test('the machine’s own credentials are never fetched: metadata addresses of every cloud are refused at once', async () => {
  const hosts = [
    '169.254.169.254',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '[fd00:ec2::254]',
    '[::ffff:169.254.169.254]',
    '2852039166',
    '0xa9fea9fe',
  ];
  const started = performance.now();
  for (const host of hosts) {
    await assert.rejects(fetched(`http://${host}/latest/meta-data/iam`), { code: 'outbound.refused' }, host);
    await assert.rejects(fetched(`https://${host}/`), { code: 'outbound.refused' }, host);
  }
  assert.ok(performance.now() - started < 5000, 'a refusal waited for a connection');
});

test('addresses that are no address of an API are refused', async () => {
  const urls = [
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
    'gopher://127.0.0.1:70/',
    'data:application/json,{}',
    'http://user:pass@api.example.com/',
    'unix:/var/run/docker.sock',
    '//127.0.0.1/',
    '',
  ];
  for (const url of urls) {
    await assert.rejects(
      fetched(url),
      (error: { code?: string }) => ['outbound.refused', 'request.malformed'].includes(error.code ?? ''),
      url,
    );
  }
});

test('a redirect from an address that is allowed leads nowhere', async () => {
  const allowed = `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}/openapi.json`;
  await assert.rejects(fetched(allowed), { code: 'outbound.refused', says: /redirects are not followed/ });
  assert.equal(connections, 0);
});

test('the plane’s own listeners are refused even where the operator allowed all of loopback', async () => {
  await house.restart({ AMBIT_OUTBOUND_PRIVATE_ALLOWED: '127.0.0.0/8,::1/128' });
  for (const own of [house.plane.agents, house.plane.people]) {
    const { port: ownPort } = new URL(own);
    for (const host of ['127.0.0.1', 'localhost', '127.0.0.2', '[::ffff:127.0.0.1]', '127.1']) {
      const url = `http://${host}:${ownPort}/health`;
      await assert.rejects(fetched(url), { code: 'outbound.refused' }, url);
    }
  }
  await assert.rejects(fetched(`http://127.0.0.1:${port}/`), { code: 'catalog.description_invalid' });
  assert.equal(connections, 1, 'the allowed range was not really open');
  await house.restart();
});

test('an API inside may be imported and moved to, but a call to it leaves only a failed outcome', async () => {
  const { agent, token, task } = await atWork(house);
  for (const server of [
    `http://127.0.0.1:${port}`,
    'http://169.254.169.254',
    'https://[fd00:ec2::254]',
    house.plane.people,
  ]) {
    const { revision } = await house.ada.operator.catalog.show('shop');
    await house.ada.operator.catalog.move('shop', { server, revision });
    const told = await refused(
      await agent.call(token, 'GET', `/api/shop/orders/${order}`),
      'gateway.upstream_unreachable',
    );
    assert.doesNotMatch(told.detail, /127\.0\.0\.1|169\.254|ECONN|fd00/, 'the refusal maps the inside');
    const step = (await stepsOf(house, task)).findLast((one) => one.action === 'shop:orders.get');
    assert.deepEqual([step?.decided, step?.outcome?.code], ['permit', 'failed']);
  }
  assert.equal(connections, 1);
});

test('a name that leads outside when it is judged and inside when it is used gets no connection', async () => {
  const answers = [['93.184.216.34'], ['127.0.0.1'], ['93.184.216.34', '127.0.0.1'], ['::ffff:127.0.0.1'], []];
  for (const addresses of answers.slice(1)) {
    const outbound = createOutbound({ allowPrivate: [], ownAddresses: () => [], resolve: async () => addresses });
    const asked = outbound.fetchText(`http://rebound.example:${port}/`, { tenant: 'tnt_x', bytesMax: 1000 });
    await assert.rejects(asked, { code: 'outbound.refused' }, addresses.join());
    await outbound.close();
  }
  assert.equal(connections, 1);
});

test('a credential may name an inner origin, and still goes nowhere', async () => {
  const before = connections;
  const { operator } = house.ada;
  await operator.credentials.store({
    name: 'inner',
    kind: 'bearer',
    origins: ['http://169.254.169.254'],
    secret: 'inner-secret-1',
  });
  const { revision } = await operator.catalog.show('shop');
  await operator.catalog.move('shop', { server: 'http://169.254.169.254', revision });
  const { agent, token } = await atWork(house, {}, house.lookupBot);
  await refused(await agent.call(token, 'GET', `/api/shop/orders/${order}`), 'gateway.upstream_unreachable');
  assert.equal(connections, before);
});
