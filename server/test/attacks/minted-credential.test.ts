// The answer is itself a key: a cookie, a fresh token in a header, an API key in the body.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type House, openHouse, order, wholeShop } from '../house.ts';
import { atWork, type Working } from './questions.ts';
import { answer, handmadeUpstream, refused, stepsOf, type Upstream } from './witness.ts';

const minted = 'minted-4f1d8c7a99';
let house: House;
let upstream: Upstream;
let working: Working;

const keys = [
  `Set-Cookie: session=${minted}; HttpOnly`,
  `Set-Cookie2: session=${minted}`,
  `X-Auth-Token: ${minted}`,
  `X-Api-Key: ${minted}`,
  `X-New-Api-Key: ${minted}`,
  `X-Amz-Security-Token: ${minted}`,
  `X-Session-Id: ${minted}`,
  `Authentication-Info: nextnonce="${minted}"`,
  `Authorization: Bearer ${minted}`,
  `Proxy-Authorization: Basic ${minted}`,
  `Www-Authenticate: Bearer realm="${minted}"`,
  `X-CSRF-Token: ${minted}`,
  `X-Access-Token: ${minted}`,
  `Jwt: ${minted}`,
  `Location: https://files.example/upload?signature=${minted}`,
  `Content-Location: https://files.example/${minted}`,
];

before(async () => {
  upstream = await handmadeUpstream(({ socket }) =>
    answer(socket, 200, { id: order }, [...keys, 'X-Next-Page-Token: page-2', 'ETag: "v1"']),
  );
  house = await openHouse({ upstream: upstream.url });
  working = await atWork(house, { authority: wholeShop });
});
after(async () => {
  await house.close();
  await upstream.close();
});

test('cookies and tokens of the upstream stay here; what turns a page passes', async () => {
  const response = await working.agent.call(working.token, 'GET', `/api/shop/orders/${order}`);
  assert.equal(response.status, 200);
  assert.doesNotMatch(JSON.stringify([...response.headers]), new RegExp(minted));
  assert.equal(response.headers.get('x-next-page-token'), 'page-2');
  assert.equal(response.headers.get('etag'), '"v1"');
  assert.equal(response.headers.get('ambit-source'), 'upstream');
});

test('the agent brings no cookie along either, so that one it was given elsewhere opens nothing', async () => {
  const headers = { cookie: 'session=stolen', 'x-api-key': 'stolen', 'proxy-authorization': 'Basic stolen' };
  const response = await working.agent.call(working.token, 'GET', `/api/shop/orders/${order}`, { headers });
  assert.equal(response.status, 200);
  assert.doesNotMatch(JSON.stringify([...(upstream.heard.at(-1)?.headers ?? [])]), /stolen/);
});

test('an action whose answer is a key is denied although the task covers it, and never sent', async () => {
  const before = upstream.heard.length;
  const told = await refused(
    await working.agent.call(working.token, 'POST', '/api/shop/api-keys', { body: { name: 'mine' } }),
    'policy.denied',
  );
  assert.doesNotMatch(told.detail, /no-new-credentials|credential/, 'the agent hears the rule');
  assert.equal(upstream.heard.length, before);
  const step = (await stepsOf(house, working.task)).find((one) => one.entry === told.entry);
  assert.deepEqual([step?.decided, step?.action], ['deny', 'shop:apiKeys.create']);
  assert.match(step?.why.join(' ') ?? '', /no-new-credentials/);
});

test('neither the entries nor their copies hold what was minted in a header', async () => {
  let text = '';
  for await (const line of await house.carol.operator.log.export({ details: true })) text += line;
  assert.doesNotMatch(text, new RegExp(minted));
  assert.doesNotMatch(text, new RegExp(Buffer.from(minted).toString('base64').slice(0, 12)));
});
