import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestPlane } from '../plane.testing.ts';
import { newProofKey } from './key.ts';
import { openWire, send } from './wire.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

test('only one https origin is an address of a plane, and http on loopback', () => {
  for (const url of ['https://ambit.example', 'https://ambit.example/', 'http://127.0.0.1:7000', 'http://[::1]:1']) {
    assert.equal(openWire(url, {}).origin, url.replace(/\/$/, ''));
  }
  for (const url of ['http://ambit.example', 'https://ambit.example/v1', 'https://a:b@ambit.example', 'ambit', '']) {
    assert.throws(() => openWire(url, {}), TypeError, url);
  }
});

test('a proof covers method, URL without query, token and body', async (t) => {
  const plane = await openTestPlane(() => ({ status: 200, text: 'ok' }));
  t.after(plane.close);
  const wire = openWire(plane.url, {});
  const key = await newProofKey();
  await send(wire, key, { method: 'GET', path: '/v1/tasks?state=active', token: 'abc' });
  await send(wire, key, { method: 'POST', path: '/v1/tasks', token: 'abc', body: bytes('{"a":1}') });
  const [first, second] = plane.seen;
  assert.equal(first?.proof.htu, `${plane.url}/v1/tasks`);
  assert.equal(first?.jkt, key.thumbprint);
  assert.ok(second?.proof.ambit_body, 'the body is covered');
});

test('a nonce that is asked for is used at once, and in every proof after that', async (t) => {
  const challenge = 'DPoP error="use_dpop_nonce", algs="ES256"';
  const plane = await openTestPlane(({ proof }) =>
    proof.nonce === 'n1'
      ? { status: 200, text: 'ok' }
      : { status: 401, text: '', headers: { 'dpop-nonce': 'n1', 'www-authenticate': challenge } },
  );
  t.after(plane.close);
  const wire = openWire(plane.url, {});
  const key = await newProofKey();
  const body = bytes('refund');
  assert.equal((await send(wire, key, { method: 'POST', path: '/api/shop/refunds', body })).status, 200);
  assert.equal((await send(wire, key, { method: 'POST', path: '/api/shop/refunds', body })).status, 200);
  assert.deepEqual(
    plane.seen.map(({ proof }) => proof.nonce),
    [undefined, 'n1', 'n1'],
  );
});

test('a plane that never takes its own nonce is asked twice, not for ever', async (t) => {
  const plane = await openTestPlane(() => ({
    status: 400,
    json: { error: 'use_dpop_nonce' },
    headers: { 'dpop-nonce': 'again' },
  }));
  t.after(plane.close);
  const answer = await send(openWire(plane.url, {}), await newProofKey(), { method: 'POST', path: '/oauth/token' });
  assert.equal(answer.status, 400);
  assert.equal(plane.seen.length, 2);
});

test('token and proof do not follow a redirect', async (t) => {
  const other = await openTestPlane(() => ({ status: 200, text: 'caught' }));
  const plane = await openTestPlane(() => ({ status: 307, text: '', headers: { location: `${other.url}/catch` } }));
  t.after(() => Promise.all([plane.close(), other.close()]));
  const sending = { method: 'POST', path: '/v1/tasks', token: 'abc', body: bytes('x') };
  await assert.rejects(send(openWire(plane.url, {}), await newProofKey(), sending), TypeError);
  assert.equal(other.seen.length, 0);
});
