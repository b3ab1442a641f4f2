// What Ambit decided on and what the shop reads are two requests: overrides, encodings, numbers that change on the way.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type House, openHouse, order, registerBot } from '../house.ts';
import { type CallParts, rawAgent } from '../raw-agent.ts';
import { answer, handmadeUpstream, refundsPath, refundsUpTo, refused, type Upstream } from './witness.ts';

let house: House;
let upstream: Upstream;
before(async () => {
  upstream = await handmadeUpstream(({ line, socket }) =>
    answer(socket, line.startsWith('GET') ? 200 : 201, { id: 'x' }),
  );
  house = await openHouse({ upstream: upstream.url });
});
after(async () => {
  await house.close();
  await upstream.close();
});

const reading = {
  type: 'ambit_grant',
  actions: ['shop:orders.get', 'shop:orders.list', 'shop:orders.removeNote'],
} as const;

async function fresh() {
  const bot = await registerBot(house.alice, `bot-${crypto.randomUUID().slice(0, 8)}`);
  const agent = await rawAgent(house, bot);
  const task = await house.openTask({ agent: bot.id, authority: [...refundsUpTo('250.00'), reading] });
  const token = await agent.accept(task);
  const from = upstream.heard.length;
  return { agent, token, sent: () => upstream.heard.slice(from) };
}

const refundBody = '{"amount":"1.00","currency":"USD"}';

const overriding: Record<string, string> = {
  'x-http-method-override': 'DELETE',
  'x-http-method': 'DELETE',
  'x-method-override': 'PUT',
  'x-original-url': '/payroll',
  'x-rewrite-url': '/payroll',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-prefix': '/admin',
  forwarded: 'host=evil.example',
  'x-forwarded-for': '10.0.0.1',
  'x-real-ip': '10.0.0.1',
  cookie: 'session=alice',
  'x-api-key': 'mine',
  'x-user': 'alice',
  'ambit-agent': 'agt_other',
  range: 'bytes=0-1',
  te: 'trailers',
};

test('headers that would change what is read are refused or stay here', async () => {
  for (const [name, value] of Object.entries(overriding)) {
    const { agent, token, sent } = await fresh();
    const response = await agent.call(token, 'GET', `/api/shop/orders/${order}`, { headers: { [name]: value } });
    if (response.status === 200) {
      const [request] = sent();
      assert.ok(!request?.headers.has(name), `${name} went through`);
      assert.equal(request?.line, `GET /orders/${order} HTTP/1.1`);
    } else assert.match((await refused(response, 'catalog.header_refused')).detail, /header/i);
  }
});

const bodies: Record<string, CallParts> = {
  'a form for JSON': { rawBody: 'amount=1.00&currency=USD', contentType: 'application/x-www-form-urlencoded' },
  'JSON under another name': { rawBody: refundBody, contentType: 'text/plain' },
  'JSON in another character set': { rawBody: refundBody, contentType: 'application/json; charset=utf-16' },
  'two media types': { rawBody: refundBody, contentType: 'application/json, application/x-www-form-urlencoded' },
  'a body that says it is compressed': { rawBody: refundBody, headers: { 'content-encoding': 'gzip' } },
  'a byte order mark': { rawBody: `\ufeff${refundBody}` },
  'a key twice': { rawBody: '{"amount":"1.00","amount":"99.00","currency":"USD"}' },
  'a key in two spellings': { rawBody: '{"amount":"1.00","AMOUNT":"99.00","currency":"USD"}' },
  'a method in the body': { rawBody: '{"amount":"1.00","currency":"USD","_method":"DELETE"}' },
  'a prototype': { rawBody: '{"amount":"1.00","currency":"USD","__proto__":{"amount":"99.00"}}' },
  'an amount as number': { rawBody: '{"amount":1.00,"currency":"USD"}' },
  'an amount with exponent': { rawBody: '{"amount":1e2,"currency":"USD"}' },
  'half a surrogate': { rawBody: '{"amount":"1.00","currency":"USD","reason":"\\ud800"}' },
  'a comment': { rawBody: '{"amount":"1.00",/* 99 */"currency":"USD"}' },
  'something behind the end': { rawBody: `${refundBody} {"amount":"99.00"}` },
  'a depth without end': { rawBody: `${'['.repeat(5000)}${']'.repeat(5000)}` },
};

for (const [what, parts] of Object.entries(bodies)) {
  test(`${what} is refused, and the upstream hears nothing`, async () => {
    const { agent, token, sent } = await fresh();
    const response = await agent.call(token, 'POST', refundsPath, parts);
    const text = await response.text();
    assert.ok([400, 415].includes(response.status), `${response.status} ${text}`);
    assert.match(JSON.parse(text).detail, /[a-z]{4}/);
    assert.deepEqual(sent(), []);
  });
}

test('compressed and UTF-16 bytes are no text', async () => {
  for (const bytes of [gzipSync(refundBody), Buffer.from(refundBody, 'utf16le')]) {
    const { agent, token, sent } = await fresh();
    const url = `${house.plane.agents}${refundsPath}`;
    const headers = {
      authorization: `DPoP ${token}`,
      dpop: await agent.proof('POST', url, { token, body: bytes }),
      'content-type': 'application/json',
    };
    const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(bytes) });
    await refused(response, 'catalog.body_ambiguous');
    assert.deepEqual(sent(), []);
  }
});

test('a body on a read, an integer beyond 2^53 and a number with exponent are refused', async () => {
  const { agent, token, sent } = await fresh();
  const url = `${house.plane.agents}/api/shop/orders/${order}`;
  const proof = await agent.proof('GET', url, { token, body: '{}' });
  const { hostname, port } = new URL(url);
  const headers = {
    authorization: `DPoP ${token}`,
    dpop: proof,
    'content-type': 'application/json',
    'content-length': '2',
  };
  const status = await new Promise((resolve, reject) => {
    const sending = request(
      { method: 'GET', hostname, port, path: `/api/shop/orders/${order}`, headers },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    sending.on('error', reject);
    sending.end('{}');
  });
  assert.equal(status, 400);
  for (const limit of ['9007199254740993', '1e2', '0x10', '10.0', '+5', '%2B5', '-0', '٥', '05', '5%20'])
    assert.equal((await agent.call(token, 'GET', `/api/shop/orders?limit=${limit}`)).status, 400, limit);
  assert.deepEqual(sent(), []);
});

test('what is sent is written anew from what was decided', async () => {
  const { agent, token, sent } = await fresh();
  const rawBody = ' {\n "currency" : "USD", "reason":"\\u0061 scratch" ,"amount":"1.50" }\n';
  const headers = { 'x-odd': 'yes', 'accept-language': 'en', 'user-agent': 'mallory' };
  const response = await agent.call(token, 'POST', refundsPath, { rawBody, headers });
  assert.equal(response.status, 201, await response.text());
  const [received] = sent();
  assert.equal(received?.line, `POST /orders/${order}/refunds HTTP/1.1`);
  assert.deepEqual(JSON.parse(received?.body ?? ''), { currency: 'USD', reason: 'a scratch', amount: '1.50' });
  assert.doesNotMatch(received?.body ?? '', /\n|\\u0061| {2}|" :/);
  assert.equal(received?.headers.get('authorization'), `Bearer ${house.shopKey}`);
  assert.equal(received?.headers.get('user-agent'), 'ambit');
  for (const name of ['dpop', 'x-odd', 'cookie']) assert.ok(!received?.headers.has(name), name);
  assert.ok(!JSON.stringify([...(received?.headers ?? [])]).includes(token), 'the token went to the upstream');
});
